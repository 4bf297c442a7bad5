"""A folder of hostile files ends with exit 0 and an account of every one of them."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import hostile_folder
import pytest

from explorer import open_dataset
from explorer.store import exact_paths, problems


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, int, dict[str, int]]:
    folder = tmp_path_factory.mktemp("hostile") / "photos"
    entries = hostile_folder.make(folder)
    cache = folder.with_name("cache")
    command = [sys.executable, "-c", "from explorer.cli import main; main()", "embed", str(folder)]
    command += ["--cache", str(cache), "--extractor", "color-histogram", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return folder, cache, entries, json.loads(done.stdout)


def test_it_is_large_enough(embedded: tuple[Path, Path, int, dict[str, int]]) -> None:
    assert embedded[2] >= 300


def test_every_file_is_accounted_for(
    embedded: tuple[Path, Path, int, dict[str, int]], record_property: Callable[[str, object], None]
) -> None:
    folder, cache, entries, report = embedded
    seen = sum(report[key] for key in ("embedded", "unchanged", "moved", "rejected", "ignored"))
    record_property("odd files accounted for", seen)
    assert seen == entries
    dataset = open_dataset(cache=cache)
    named = set(exact_paths(dataset.every_image)) | set(exact_paths(dataset.rejected))
    for path, _, files in os.walk(folder):
        for name in files:
            relative = os.path.relpath(os.path.join(path, name), folder)
            ignored = name.startswith(".") or name.endswith(".txt")
            assert ignored == (relative not in named), relative


def test_reasons_are_sentences(embedded: tuple[Path, Path, int, dict[str, int]]) -> None:
    for reason in open_dataset(cache=embedded[1]).rejected["reason"].to_pylist():
        assert reason.endswith((".", "!")), reason
        assert not any(word in reason for word in ("Traceback", "object at 0x", "Errno")), reason


def test_whole_images_are_embedded_whatever_their_kind(
    embedded: tuple[Path, Path, int, dict[str, int]],
) -> None:
    folder, cache, _, _ = embedded
    there = set(exact_paths(open_dataset(cache=cache).every_image))
    for path in [*folder.joinpath("modes").iterdir(), folder / "special" / "real.jpg"]:
        assert path.relative_to(folder).as_posix() in there
    assert sum(path.startswith("names/") for path in there) == len(os.listdir(folder / "names"))


def test_the_cache_is_whole(embedded: tuple[Path, Path, int, dict[str, int]]) -> None:
    dataset = open_dataset(cache=embedded[1])
    assert list(problems(dataset.root)) == []
