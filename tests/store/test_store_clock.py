"""The clock goes an hour back or forth between any two steps, and nothing goes wrong."""

import ast
import itertools
import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest
from small_datasets import dataset
from support.fakes import embed, fill

import explorer
from explorer.store import Dataset, Tags, dataset_names, problems, stamp

HOUR = 3600


@pytest.fixture
def jumping_clock(monkeypatch):
    """Each look at the clock finds it an hour before or after the last."""
    now, jumps = time.time, itertools.cycle([-HOUR, 0, HOUR])
    monkeypatch.setattr(time, "time", lambda: now() + next(jumps))


def shift(path: Path, seconds: float) -> None:
    """A file as if it had been written when the clock said another time."""
    at = path.stat().st_mtime_ns + int(seconds * 10**9)
    os.utime(path, ns=(at, at))


def test_the_dataset_embedded_last_is_the_last_one(tmp_path):
    dataset(tmp_path / "first")
    shift(tmp_path / "first" / "dataset.json", HOUR)  # then the clock was put right
    dataset(tmp_path / "second")
    assert dataset_names(tmp_path) == ["second", "first"]
    dataset(tmp_path / "third")
    assert dataset_names(tmp_path) == ["third", "second", "first"]


def test_a_file_that_is_replaced_within_the_same_moment_is_noticed(tmp_path):
    root = tmp_path / "demo"
    dataset(root)
    path = root / "spaces" / "fake" / "columns.parquet"
    before, at = stamp(root), path.stat().st_mtime_ns
    again = path.with_name("again")
    again.write_bytes(path.read_bytes())
    os.utime(again, ns=(at, at))
    again.replace(path)
    assert stamp(root) != before
    assert stamp(root) == stamp(root)


def test_a_photo_that_is_replaced_by_one_from_before_is_noticed(tmp_path, jumping_clock):
    source = fill(tmp_path / "photos", {f"{i}.jpg": i for i in range(6)})
    embed(source, tmp_path / "cache")
    fill(source, {"2.jpg": 77})
    shift(source / "2.jpg", -HOUR)
    report = embed(source, tmp_path / "cache")
    assert (report.embedded, report.unchanged) == (1, 5)
    assert Dataset(tmp_path / "cache" / "photos").image_ids.tolist() == [0, 1, 3, 4, 5, 6]


def test_with_all_files_an_hour_older_nothing_is_done_again(tmp_path, jumping_clock):
    source = fill(tmp_path / "photos", {f"{i}.jpg": i for i in range(6)})
    embed(source, tmp_path / "cache")
    root = tmp_path / "cache" / "photos"
    for path in root.rglob("*.*"):
        shift(path, -HOUR)
    report = embed(source, tmp_path / "cache")
    assert (report.embedded, report.unchanged) == (0, 6)
    assert report.seconds >= 0
    assert list(problems(root)) == []


def test_steps_are_undone_in_the_order_of_their_doing(tmp_path, jumping_clock):
    root = tmp_path / "demo"
    curation = dataset(root).curation.of("me")
    for number in range(4):
        Tags(curation).add("mine", [number])
        with closing(sqlite3.connect(root / "curation.db")) as connection, connection:
            earlier = f"datetime('now', '-{number} hours')"
            connection.execute(
                f"UPDATE steps SET created = {earlier} WHERE step = (SELECT max(step) FROM steps)"
            )
    versions = [curation.version("tag")]
    for left in ([0, 1, 2], [0, 1], [0]):
        curation.undo()
        assert Tags(curation).ids("mine").tolist() == left
        versions.append(curation.version("tag"))
    assert [step.number for step in curation.steps()] == [4, 3, 2, 1]
    assert versions == sorted({*versions})


def test_nothing_waits_or_measures_by_the_time_of_day():
    """What takes how long is told by a clock that only goes forward."""
    for path in Path(explorer.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            is_import = isinstance(node, ast.ImportFrom) and node.module == "time"
            names = {alias.name for alias in node.names} if is_import else set()
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                names = {node.attr} if node.value.id == "time" else set()
            assert not names & {"time", "time_ns"}, f"{path}:{node.lineno}"
