"""Lists among the images: metadata.csv and its like, as in Hugging Face's imagefolder."""

from __future__ import annotations

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.archive_files import make_tar, make_zip

from explorer.images import open_source


def write(folder, files: dict[str, str]):
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def values(listing, name: str) -> dict:
    """A column by the images' paths."""
    paths = [ref.path for ref in listing.refs]
    return dict(zip(paths, listing.columns[name].to_pylist(), strict=True))


def labels(listing) -> dict:
    return {ref.path: ref.label for ref in listing.refs}


ROWS = [{"file_name": "cats/1.jpg", "age": 3, "label": "cat"}, {"file_name": "2.jpg", "age": 4}]
JSONL = "\n".join(map(json.dumps, ROWS))


def test_each_folder_has_its_own_list(tmp_path):
    """Names are relative to the list's folder; columns of all lists come together."""
    write(
        tmp_path,
        {
            "train/metadata.csv": "file_name,age,note\n1.jpg,3,a\nsub\\2.jpg,4,b\n",
            "test/metadata.jsonl": '{"file_name": "1.jpg", "age": 2.5}\n',
            **dict.fromkeys(("train/1.jpg", "train/sub/2.jpg", "train/3.jpg", "test/1.jpg"), "x"),
        },
    )
    found = open_source(tmp_path).list()
    assert values(found, "age") == {
        "test/1.jpg": 2.5,
        "train/1.jpg": 3.0,
        "train/3.jpg": None,
        "train/sub/2.jpg": 4.0,
    }
    assert values(found, "note")["train/sub/2.jpg"] == "b"
    assert values(found, "split")["train/3.jpg"] == "train"
    assert (found.ignored, found.refused) == (2, [])


def test_the_innermost_list_counts_and_of_its_rows_the_first(tmp_path):
    write(
        tmp_path,
        {
            "metadata.csv": "file_name,n\na/1.jpg,1\nb/2.jpg,2\n",
            "a/metadata.csv": "file_name,n\n1.jpg,10\n1.jpg,11\n",
            "a/1.jpg": "x",
            "b/2.jpg": "x",
        },
    )
    assert values(open_source(tmp_path).list(), "n") == {"a/1.jpg": 10, "b/2.jpg": 2}


def test_a_list_labels_the_images(tmp_path):
    write(tmp_path, {"metadata.jsonl": JSONL, "cats/1.jpg": "x", "2.jpg": "x"})
    found = open_source(tmp_path).list()
    assert labels(found) == {"cats/1.jpg": "cat", "2.jpg": None}
    assert values(found, "age") == {"cats/1.jpg": 3, "2.jpg": 4}
    assert labels(open_source(tmp_path, labels="folder").list())["cats/1.jpg"] == "cats"


@pytest.mark.parametrize("top", ["", "pets/"])
@pytest.mark.parametrize("place", ["inside", "beside"])
@pytest.mark.parametrize("make", [make_zip, make_tar])
def test_archives(tmp_path, top, place, make):
    """In an archive (at its top, or in a folder that holds all), or beside it."""
    name = "images.zip" if make is make_zip else "images.tar"
    files = {f"{top}cats/1.jpg": b"x", f"{top}2.jpg": b"y"}
    if place == "inside":
        files[f"{top}metadata.jsonl"] = JSONL.encode()
    else:
        write(tmp_path, {"metadata.jsonl": JSONL})
    make(tmp_path / name, files)
    for source in (tmp_path / name, tmp_path):
        found = open_source(source).list()
        assert labels(found) == {f"{name}/{top}cats/1.jpg": "cat", f"{name}/{top}2.jpg": None}
        assert values(found, "age") == {f"{name}/{top}cats/1.jpg": 3, f"{name}/{top}2.jpg": 4}
        assert (found.ignored, found.refused) == (place == "inside", [])


def test_parquet_and_one_list_beside_several_archives(tmp_path):
    make_zip(tmp_path / "train.zip", {"1.jpg": b"x"})
    make_zip(tmp_path / "test.zip", {"2.jpg": b"y"})
    table = pa.table({"file_name": ["1.jpg", "test.zip/2.jpg"], "n": [1, 2]})
    pq.write_table(table, tmp_path / "metadata.parquet")
    found = open_source(tmp_path).list()
    assert values(found, "n") == {"test.zip/2.jpg": 2, "train.zip/1.jpg": 1}


def test_what_is_wrong_with_a_list_is_told(tmp_path):
    """One entry for each list: rows without an image, and what cannot be read."""
    write(
        tmp_path,
        {
            "metadata.csv": "file_name,n\n1.jpg,1\nnope.jpg,2\n,3\n",
            "a/metadata.parquet": "no parquet",
            "b/metadata.csv": "name,colour\nx,red\n",  # about something else
            "1.jpg": "x",
        },
    )
    found = open_source(tmp_path).list()
    assert values(found, "n") == {"1.jpg": 1}
    (broken, lost) = found.refused
    assert broken[0] == "a/metadata.parquet"
    assert "cannot be read" in broken[1]
    assert lost == (
        "metadata.csv",
        "2 of its 3 rows name no image that is there; the first is row 3: 'nope.jpg'.",
    )
    assert found.ignored == 1
    assert len(found.refs) + found.ignored + len(found.refused) == 4


def test_a_folder_behind_a_url(tmp_path):
    import fsspec

    fs = fsspec.filesystem("memory")
    for name, text in {"a/1.jpg": "x", "a/metadata.csv": "file_name,n\n1.jpg,5\n"}.items():
        fs.pipe(f"/metadata-test/{name}", text.encode())
    found = open_source("memory://metadata-test").list()
    assert values(found, "n") == {"a/1.jpg": 5}
    assert (found.ignored, found.refused) == (1, [])


def test_a_column_of_numbers_names_no_files(tmp_path):
    photos = write(tmp_path, {"a.jpg": "", "metadata.csv": "file_name,x\n1,2\n"})
    listing = open_source(photos).list()
    assert ([ref.path for ref in listing.refs], listing.columns) == (["a.jpg"], None)


def test_a_list_of_other_images_that_lies_beside_an_archive_is_not_taken(tmp_path):
    make_zip(tmp_path / "b.zip", {"0001.jpg": b""})
    write(tmp_path, {"metadata.csv": "file_name,label\n0001.jpg,cat\n0002.jpg,dog\n"})
    listing = open_source(tmp_path / "b.zip").list()
    assert (listing.refs[0].label, listing.columns) == (None, None)
    assert "0002.jpg" in dict(listing.refused)["metadata.csv"]
