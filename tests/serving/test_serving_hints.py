"""What people are told to type: made of what an error is about, by the pages and the commands."""

import copy
import inspect
import re
from dataclasses import replace
from pathlib import Path

import pytest

from explorer import errors
from explorer.cli.app import COMMANDS
from explorer.serving.hints import job_failure, with_hint
from explorer.store import JobStatus

ABOUT = {"dataset": "photos", "source": "/disk/photos", "space": "style"}
HINTS = {
    errors.NoDatasetError: "`explorer embed FOLDER` makes one.",
    errors.SpaceMissingError: "`explorer embed /disk/photos --extractor style` makes it.",
    errors.NotAnalyzedError: "Run `explorer analyze photos`.",
    errors.NotAnnotatedError: "`explorer annotate photos splits.csv` joins them to the images.",
    errors.DamagedAnalysisError: "`explorer analyze` makes it again.",
    errors.DamagedError: "`explorer repair photos` says what can be made again, and makes it.",
    errors.OtherSourceError: "If the photos have moved, `explorer relocate photos /disk/photos` "
    "says so; else give the new dataset a name of its own with --name.",
    errors.UnknownLayerError: "`explorer extractors show style` lists them all.",
    errors.OutdatedError: "`explorer embed /disk/photos` brings the dataset up to date.",
}
EVERY = [each for _, each in inspect.getmembers(errors, inspect.isclass)]


@pytest.mark.parametrize("kind", EVERY)
def test_an_error_is_told_with_the_command_that_mends_it(kind):
    error = kind("This is wrong.", **ABOUT)
    assert str(error) == "This is wrong."
    assert with_hint(error) == f"This is wrong. {HINTS.get(kind, '')}".rstrip()


def test_the_commands_that_are_told_are_there():
    told = {name for hint in HINTS.values() for name in re.findall(r"`explorer (\w+)", hint)}
    assert told == {"embed", "analyze", "annotate", "repair", "relocate", "extractors"}
    assert told <= {*COMMANDS}


def test_what_a_job_failed_with_is_told_with_it():
    job = JobStatus("photos", "/disk/photos", "2026-01-31T12:00:00", 1, "failed", message="Lost.")
    assert job_failure(job) == "Lost."
    failed = replace(job, error="DamagedError")
    assert job_failure(failed) == f"Lost. {HINTS[errors.DamagedError]}"


@pytest.mark.parametrize("kind", EVERY)
def test_errors_come_whole_out_of_another_process(kind):
    again = copy.copy(kind("This is wrong.", **ABOUT))  # by what pickle does
    assert (str(again), vars(again)) == ("This is wrong.", ABOUT)


def test_the_library_names_no_command():
    """Whoever uses it from Python has none; what is told of one, the pages and commands add."""
    root = Path(errors.__file__).parent
    rooms = [path for path in root.iterdir() if path.name not in ("cli", "ui", "__pycache__")]
    named = []
    for room in rooms:
        for path in [room] if room.suffix == ".py" else room.rglob("*.py"):
            if path.name == "hints.py":
                continue
            for number, line in enumerate(path.read_text().splitlines(), start=1):
                if re.search(r"""^[^#]*["'].*`explorer [a-z]+""", line) and '"""' not in line:
                    named.append(f"{path.relative_to(root)}:{number}")
    assert named == []
