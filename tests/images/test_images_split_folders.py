"""Folders named train, val, test: they are splits, and the labels are the folders below."""

from __future__ import annotations

from pathlib import Path

import fsspec
import pytest
from support.archive_files import make_tar, make_zip

from explorer.images import Listing, open_source

NESTED = ["Train/cat/1.jpg", "Train/dog/2.jpg", "validation/cat/3.jpg"]


def make(folder: Path, names: list[str]) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"image")
    return folder


def said(found: Listing) -> tuple[list[str | None], list[str | None] | None]:
    """The labels and the splits, in the order of the paths."""
    order = sorted(range(len(found.refs)), key=lambda row: found.refs[row].path)
    labels = [found.refs[row].label for row in order]
    if found.columns is None:
        return labels, None
    splits = found.columns["split"].to_pylist()
    return labels, [splits[row] for row in order]


def opened(kind: str, names: list[str], folder: Path, **options: str) -> Listing:
    files = dict.fromkeys(names, b"image")
    if kind == "zip":
        return open_source(make_zip(folder / "a.zip", files), **options).list()
    if kind == "packed folder":
        packed = {f"photos/{name}": data for name, data in files.items()}
        return open_source(make_tar(folder / "a.tar", packed), **options).list()
    if kind == "url":
        fs = fsspec.filesystem("memory")
        fs.pipe({f"/splits/{name}": data for name, data in files.items()})
        try:
            return open_source("memory://splits", **options).list()
        finally:
            fs.rm("/splits", recursive=True)
    make(folder, names)
    if kind == "list":
        (folder / "list.txt").write_text("\n".join(names))
        return open_source(folder / "list.txt", **options).list()
    return open_source(folder, **options).list()


@pytest.mark.parametrize("kind", ["folder", "list", "zip", "packed folder", "url"])
def test_folders_of_splits_are_splits_wherever_they_lie(tmp_path, kind):
    labels, splits = said(opened(kind, NESTED, tmp_path))
    assert labels == ["cat", "dog", "cat"]
    assert splits == ["Train", "Train", "validation"]


@pytest.mark.parametrize(
    ("names", "labels", "splits"),
    [
        # Splits without labels; a single one is only a folder of that name.
        (["test/1.jpg", "train/2.jpg"], [None, None], ["test", "train"]),
        (["test/1.jpg", "test/2.jpg"], [None, None], None),
        (["test/cat/1.jpg", "test/dog/2.jpg"], ["cat", "dog"], ["test", "test"]),
        # One folder within all of them says as little as one folder alone.
        (["dev/images/1.jpg", "training/images/2.jpg"], [None, None], ["dev", "training"]),
        (["TEST/cat/1.jpg", "Valid/x.jpg", "testing/dog/1.jpg"], ["cat", None, "dog"], ...),
        # Any other folder, or an image beside them: the names are labels.
        (["bus/1.jpg", "train/2.jpg"], ["bus", "train"], None),
        (["test/cat/1.jpg", "top.jpg", "train/dog/1.jpg"], ["test", None, "train"], None),
        (["test2/cat/1.jpg", "train/dog/1.jpg"], ["test2", "train"], None),
    ],
)
def test_which_folders_are_splits(tmp_path, names, labels, splits):
    wanted = [name.partition("/")[0] for name in names] if splits is ... else splits
    assert said(opened("folder", names, tmp_path)) == (labels, wanted)


def test_labels_as_asked(tmp_path):
    make(tmp_path, NESTED)
    first = (["Train", "Train", "validation"], None)
    assert said(open_source(tmp_path, labels="folder").list()) == first
    none = ([None] * 3, ["Train", "Train", "validation"])
    assert said(open_source(tmp_path, labels="none").list()) == none


def test_what_a_list_says_of_splits_and_labels_wins(tmp_path):
    make(tmp_path, NESTED)
    table = tmp_path / "list.csv"
    table.write_text("path,split\n" + "".join(f"{name},mine\n" for name in NESTED))
    assert said(open_source(table).list()) == (["cat", "dog", "cat"], ["mine"] * 3)
    table.write_text("path,label\n" + "".join(f"{name},mine\n" for name in NESTED))
    assert said(open_source(table).list()) == (["mine"] * 3, ["Train", "Train", "validation"])
