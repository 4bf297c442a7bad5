"""What the server goes on after is logged once for each cause; seen if asked for."""

import logging
import subprocess
import sys

import pytest
from starlette.requests import Request
from starlette.responses import Response

from explorer.errors import SourceError
from explorer.serving import swallowed
from explorer.serving.routes import TOKEN, guarded

PROGRAM = """
from explorer.serving.swallowed import begin_log, log_once
begin_log()
for number in range(3):
    log_once("thumb", "photos", KeyError(number))
"""


@guarded
def photo(request: Request) -> Response:
    """Fails as the address says."""
    wrong = {"gone": SourceError("The photo has moved."), "unknown": KeyError(7)}
    if (how := request.path_params["how"]) in wrong:
        raise wrong[how]
    return Response("whole")


def status(how: str, dataset: str = "photos") -> int:
    given = {"token": TOKEN, "dataset": dataset, "how": how}
    return photo(Request({"type": "http", "path_params": given})).status_code


@pytest.fixture
def told(caplog, monkeypatch):
    monkeypatch.setattr(swallowed, "_told", set())
    caplog.set_level(logging.INFO, "explorer")
    return lambda: [record.getMessage() for record in caplog.records]


def test_what_a_route_swallows_is_logged_once_for_each_cause(told):
    assert [status("gone") for _ in range(5)] == [404] * 5
    [line] = told()
    assert line.startswith("photo of 'photos': SourceError('The photo has moved.')")
    assert (status("unknown"), status("gone", "boats"), status("whole")) == (404, 404, 200)
    assert ["KeyError(7)" in line for line in told()] == [False, True, False]
    assert "'boats'" in told()[2]


def test_names_from_outside_do_not_fill_the_memory(told):
    for number in range(swallowed.MOST + 5):
        status("gone", f"dataset {number}")
    assert len(told()) == swallowed.MOST


@pytest.mark.parametrize(("options", "lines"), [([], 0), (["--verbose"], 1)])
def test_the_terminal_shows_it_if_it_is_asked_to(options, lines):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *options], capture_output=True, text=True, check=True
    )
    assert done.stdout == ""
    assert done.stderr.count("thumb of 'photos': KeyError(0)") == lines
    assert len(done.stderr.splitlines()) == lines
