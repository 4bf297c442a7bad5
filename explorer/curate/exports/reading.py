"""Reading an export back by what its format is read with, before it takes its place.

Files have been compared byte by byte by then (`Staging.check`). Here it is asked whether the reader
that docs/curate.md names finds what was written: see readers.py.
"""

import ast
import csv
import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from explorer.curate.exports.job import Job
from explorer.curate.exports.tables import guarded
from explorer.errors import ExportError

KEYS = ("image_id", "path", "label", "split")
SET = "set"  # what the export is called in `Reader.code`


@dataclass(frozen=True)
class Reader:
    """What an export is read with: the call that docs/curate.md names, and what it has to give.

    check: raises `Different` when the call gives anything else than what a job wrote. code: the
    call; what begins with "set" in it is a place in the export. Empty where it is no call in
    Python: then the documented layout is looked at.
    """

    check: Callable[["Reading"], None]
    code: str = ""

    @property
    def function(self) -> str:
        """The function that is called, such as `pandas.read_csv`."""
        return ast.unparse(_call(self.code).func) if self.code else "Its reader"

    @property
    def is_usable(self) -> bool:
        """Whether its library works here: one that is installed may still fail to import."""
        if not self.code:
            return True
        try:
            importlib.import_module(self.function.rpartition(".")[0])
        except Exception:  # a library that does not fit another one raises what it likes
            return False
        return True


class Different(Exception):
    """What was read is not what was written."""


@dataclass(frozen=True)
class Reading:
    """One export that is read back: what was written, and where it lies."""

    job: Job
    folder: Path
    reader: Reader

    def read(self, name: str | None = None, **more: object) -> Any:
        """What the reader gives for the export, or for a place `name` in it."""
        module, _, function = self.reader.function.rpartition(".")
        call = getattr(importlib.import_module(module), function)
        documented = _call(self.reader.code)
        first, *others = [ast.literal_eval(each) for each in documented.args]
        place = self.folder / (str(first)[len(SET) :].strip("/") if name is None else name)
        named = {each.arg: ast.literal_eval(each.value) for each in documented.keywords if each.arg}
        return call(str(place), *others, **named, **more)

    def column(self, name: str) -> list[Any]:
        return list(self.job.table[name].to_pylist())


def _call(code: str) -> ast.Call:
    found = ast.parse(code, mode="eval").body
    assert isinstance(found, ast.Call)
    return found


def read_back(job: Job, reader: Reader, folder: Path) -> None:
    """Read an export as others will. Raises `ExportError` when it does not come back as it went.

    Does nothing where the reader is not installed, or cannot be imported.
    """
    if not reader.is_usable:
        return
    try:
        reader.check(Reading(job, folder, reader))
    except Exception as error:  # readers raise what they like
        raise ExportError(
            f"{reader.function} would not read this export as it was written: "
            f"{str(error).rstrip('.')}. Nothing was exported; another format may do."
        ) from error


def same(what: str, found: object, wanted: object) -> None:
    if isinstance(wanted, Mapping) and isinstance(found, Mapping):
        lost = [key for key in wanted if key not in found or found[key] != wanted[key]]
        if lost or len(found) != len(wanted):
            first = f", {lost[0]!r} first" if lost else ""
            raise Different(f"{len(lost):,} of {len(wanted):,} {what} are not the same{first}")
    elif found != wanted:
        raise Different(f"{what} are not the same")


def check_list(reading: Reading) -> None:
    """images.csv names every file, with its label and split."""
    if not reading.job.files:
        return
    with (reading.folder / "images.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for name, values in (
        ("file", reading.job.files),
        *((key, reading.column(key)) for key in KEYS),
    ):
        wanted = ["" if value is None else str(guarded(value)) for value in values]
        same(f"values of “{name}” in images.csv", [row[name] for row in rows], wanted)
