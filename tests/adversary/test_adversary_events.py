"""Events that no page sends: they change nothing, and hold up nothing."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from support.event_page import QUEUE, SESSION, Page, page_on_ten_images

from explorer.serving.urls import TOKEN
from explorer.ui.state import ViewState


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Page]:
    monkeypatch.setenv("EXPLORER_CACHE", str(tmp_path))
    with page_on_ten_images(tmp_path) as page:
        yield page


FORGED = [
    {"do": "select", "ids": [-7], "mode": "add"},
    {"do": "select", "ids": [100, 4000], "mode": "add"},
    {"do": "select", "ids": [10**30], "mode": "add"},
    {"do": "select", "ids": [True], "mode": "add"},
    {"do": "select", "ids": ["100"], "mode": "add"},
    {"do": "select", "ids": [[100]], "mode": "add"},
    {"do": "select", "ids": [100], "mode": "explode"},
    {"do": "select", "ids": [100]},
    {"do": "select", "ids": [100], "mode": ["add"]},
    {"do": "lasso", "n": 110, "bits": "AAAA", "mode": "replace"},
    {"do": "lasso", "n": 10**12, "bits": "AAAA", "mode": "replace"},
    {"do": "lasso", "n": -1, "bits": "", "mode": "replace"},
    {"do": "lasso", "n": 8, "bits": "////", "mode": "replace"},
    {"do": "lasso", "n": 8, "bits": "/w==", "mode": "replace"},
    {"do": "lasso", "n": 8, "bits": "\u00e9", "mode": "replace"},
    {"do": "lasso", "n": 8, "bits": "\ud800", "mode": "replace"},
    {"do": "tag", "tag": [1, "keep"], "ids": [-7], "on": True},
    {"do": "tag", "tag": [1, "keep"], "ids": [100], "on": 1},
    {"do": "tag", "tag": 1, "ids": [100], "on": True},
    {"do": "tag", "tag": [99, "keep"], "ids": [100], "on": True},
    {"do": "tag", "tag": [1, "\ud800"], "ids": [100], "on": True},
    {"do": "tag selection"},
    {"do": "no tag", "digit": 10},
    {"do": "no tag", "digit": [1]},
    {"do": "ask", "image": -7},
    {"do": "ask", "image": 10**30},
    {"do": "ask", "image": None},
    {"do": "crop", "sides": [0, 0, 1]},
    {"do": "crop", "sides": [0, 0, float("nan"), 1]},
    {"do": "crop", "sides": [0, 0, 10**400, 1]},
    {"do": "cell", "table": "t", "pair": ["a"]},
    {"do": "cell", "table": "t", "pair": [1, 2]},
    {"do": "bar", "condition": None},
    {"do": "bar", "condition": "{}"},
    {"do": "bar", "condition": '{"kind":"one_of","column":"label","values":[5,{}]}'},
    {"do": "bar", "condition": '{"kind":"sql","text":"1 = 1"}'},
    {"do": "photo", "name": "x", "bytes": "not base64"},
    {"do": "photo", "name": "\ud800", "bytes": ""},
    {"do": "no such thing"},
    {"do": 5},
    {},
    "junk",
    None,
    [[]],
]


@pytest.mark.parametrize("forged", FORGED, ids=lambda forged: json.dumps(forged)[:60])
def test_what_no_page_sends_changes_nothing_and_holds_nothing_up(
    page: Page, forged: object, caplog: pytest.LogCaptureFixture
) -> None:
    page.dataset.tags.add("keep", [101])
    page.dataset.curation.of(SESSION).select([102], "replace")
    forged = forged | {"dataset": page.dataset.name} if isinstance(forged, dict) else forged
    before = replace(page.window.keep(ViewState))
    answer = page.send(forged, page.event("select", ids=[103], mode="add"), first=1)
    assert answer.json() == {"applied": 2}
    assert len(page.window.notes) == 1
    assert not caplog.records, "a traceback"
    assert page.selected == [102, 103]
    assert page.tagged("keep") == [101]
    assert page.window.keep(ViewState) == before


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "[]",
        "null",
        b"\xff\xfe",
        "[" * 100_000,
        {"queue": QUEUE, "first": 1, "events": {}},
        {"queue": QUEUE, "first": 0, "events": []},
        {"queue": QUEUE, "first": 1.0, "events": []},
        {"queue": QUEUE, "first": 2**60, "events": []},
        {"queue": "../x", "first": 1, "events": []},
        {"first": 1, "events": []},
    ],
    ids=lambda body: str(body)[:30],
)
def test_a_request_that_no_page_sends_is_refused(page: Page, body: object) -> None:
    answer = page.post(body)
    assert answer.status_code == 400
    assert answer.json()["error"].endswith(".")


def test_only_who_knows_token_and_window_gets_in(page: Page) -> None:
    request = {"queue": QUEUE, "first": 1, "events": [page.event("select", ids=[100], mode="add")]}
    wrong_token = page.url.replace(TOKEN, TOKEN[::-1])
    wrong_window = page.url.replace(page.window.id, "w" * 22)
    for url in (wrong_token, wrong_window, page.url + "/more"):
        assert page.post(request, url).status_code in (404, 405)
    assert page.client.get(page.url).status_code in (404, 405)
    assert page.selected == []
