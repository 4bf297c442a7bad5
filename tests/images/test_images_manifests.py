"""Lists of images as sources: paths and URLs, labels and columns, and what is wrong with rows."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.errors import ImageError, SourceError
from explorer.images import Listing, open_source
from explorer.images.manifests import resolve


@pytest.fixture
def photos(tmp_path):
    """A folder with three files in it: their content is their path."""
    for path in ("photos/a.jpg", "photos/b.png", "photos/sub/c"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(path)
    return tmp_path / "photos"


@pytest.fixture
def listed(photos):
    """List what a manifest beside the photos says."""

    def go(text: str, *, name: str = "list.csv", **options: str) -> Listing:
        (photos / name).write_text(text)
        return open_source(photos / name, **options).list()

    return go


def seen(listing: Listing) -> int:
    return len(listing.refs) + listing.ignored + len(listing.refused)


def test_rows_are_images_in_their_order(listed, photos):
    found = listed("path,label,age\nsub/c,dog,3\na.jpg,cat,\n")
    assert [(ref.path, ref.label) for ref in found.refs] == [("sub/c", "dog"), ("a.jpg", "cat")]
    status = (photos / "a.jpg").stat()
    assert found.refs[1].size == status.st_size
    assert found.refs[1].mtime_ns == status.st_mtime_ns
    assert found.columns.to_pydict() == {"age": [3, None]}
    assert (found.ignored, found.refused) == (0, [])


def test_reading(listed, photos):
    listed("path\na.jpg\n")
    source = open_source(photos / "list.csv")
    assert source.read("sub/c") == b"photos/sub/c"
    with pytest.raises(ImageError, match="vanished"):
        source.read("nowhere.jpg")


def test_name_and_uri(listed, photos, monkeypatch):
    listed("path\na.jpg\n", name="my.photos.csv")
    monkeypatch.chdir(photos)
    source = open_source("my.photos.csv")
    assert (source.name, source.uri) == ("my.photos", str(photos / "my.photos.csv"))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("list.txt", "a.jpg\nb.png\n"),
        ("list.tsv", "label\tpath\n1\ta.jpg\n2\tb.png\n"),
        ("list.jsonl", '{"file_name": "a.jpg"}\n{"file_name": "b.png"}\n'),
        ("LIST.CSV", "path\na.jpg\nb.png\n"),
    ],
)
def test_every_kind_of_list(listed, name, text):
    assert [ref.path for ref in listed(text, name=name).refs] == ["a.jpg", "b.png"]


def test_parquet(photos):
    import pyarrow.parquet as pq

    pq.write_table(pa.table({"image": ["b.png"], "score": [0.5]}), photos / "list.parquet")
    found = open_source(photos / "list.parquet").list()
    assert [ref.path for ref in found.refs] == ["b.png"]
    assert found.columns.to_pydict() == {"score": [0.5]}


# What rows may name


def test_paths_are_relative_to_the_list_or_absolute_or_file_urls(listed, photos, tmp_path):
    outside = tmp_path / "out side.jpg"
    outside.write_text("outside")
    found = listed(f"path\n./a.jpg\n{outside}\n{outside.as_uri()}\n../out side.jpg\n")
    assert found.refused == []
    source = open_source(photos / "list.csv")
    assert [source.read(ref.path) for ref in found.refs] == [
        b"photos/a.jpg",
        b"outside",
        b"outside",
        b"outside",
    ]
    assert found.refs[0].path == "a.jpg"


def test_what_cannot_be_an_image_file_is_refused(listed, photos):
    os.mkfifo(photos / "pipe.jpg")
    found = listed('path\na.jpg\ngone.jpg\nsub\npipe.jpg\n"\na\0b.jpg"\nb.png\n')
    assert [ref.path for ref in found.refs] == ["a.jpg", "b.png"]
    assert found.refused == [
        ("\na\0b.jpg", "It cannot be read: embedded null byte."),
        ("gone.jpg", f"Row 3 names it, and there is no file '{photos}/gone.jpg'."),
        ("pipe.jpg", "It cannot be read: it is a pipe, not a file."),
        ("sub", "It cannot be read: it is a folder, not a file."),
    ]
    assert seen(found) == 6


def test_other_spellings_of_a_path(listed, photos):
    """Backslashes, and accents apart or together, in folders and in files."""
    for name in ("Été/Bär.jpg", "E\u0301te/Ba\u0308r2.jpg", "sub/back\\slash.jpg"):
        (photos / name).parent.mkdir(exist_ok=True)
        (photos / name).write_text(name)
    found = listed(
        "path\nE\u0301te\u0301/Ba\u0308r.jpg\nÉte\\Bär2.jpg\nsub\\c\n.\\a.jpg\nsub/back\\slash.jpg\n"
        f"{photos}\\b.png\nsub\\nope.jpg\n"
    )
    source = open_source(photos / "list.csv")
    assert [source.read(ref.path).decode() for ref in found.refs] == [
        "Été/Bär.jpg",
        "E\u0301te/Ba\u0308r2.jpg",
        "photos/sub/c",
        "photos/a.jpg",
        "sub/back\\slash.jpg",
        "photos/b.png",
    ]
    assert [ref.path for ref in found.refs][2:4] == ["sub/c", "a.jpg"]
    (refused,) = found.refused
    assert refused[0] == "sub\\nope.jpg"
    assert refused[1].startswith("Row 8 names it, and there is no file")


def test_two_spellings_of_one_file_are_one_file(listed, photos):
    found = listed("path,n\nsub/c,1\nsub\\c,2\n")
    assert [ref.path for ref in found.refs] == ["sub/c"]
    assert found.refused == [("sub/c (row 3)", "Row 2 names it already, with other values.")]


def test_paths_of_another_machine_are_told(listed):
    found = listed("path\nC:\\photos\\a.jpg\n/home/nobody/b.jpg\na.jpg\n")
    assert dict(found.refused) == {
        "C:\\photos\\a.jpg": "Row 2 names a file of a Windows machine; paths can be relative to "
        "the list.",
        "/home/nobody/b.jpg": "Row 3 names it, and there is no file '/home/nobody/b.jpg'. Paths "
        "can be relative to the list.",
    }


def test_rows_without_a_path_and_broken_rows_are_refused(listed):
    found = listed("path,label\n,cat\na.jpg,cat\nb.png\n")
    assert found.refused == [
        ("list.csv (row 2)", "The row names no file."),
        ("list.csv (row 4)", "The row has 1 cells, and the heading has 2."),
    ]
    assert seen(found) == 3


def test_of_several_rows_with_one_path_the_first_counts(listed):
    found = listed("path,label\na.jpg,cat\n./a.jpg,cat\nsub/../a.jpg,dog\nb.png,\n")
    assert [(ref.path, ref.label) for ref in found.refs] == [("a.jpg", "cat"), ("b.png", None)]
    assert found.ignored == 1  # the second row says nothing else
    assert found.refused == [("a.jpg (row 4)", "Row 2 names it already, with other values.")]


def test_no_images_and_no_column_are_errors(listed, photos):
    with pytest.raises(SourceError, match="has no rows below its heading"):
        listed("photo\n")
    with pytest.raises(SourceError, match=r"Its columns are: 'photo', 'label'\."):
        listed("photo,label\na,cat\n")
    with pytest.raises(SourceError, match=r"Its columns are: 'a\.jpg', 'cat'\."):
        listed("a.jpg,cat\nb.png,dog\n")


def test_the_list_goes_away(photos, listed):
    listed("path\na.jpg\n")
    source = open_source(photos / "list.csv")
    (photos / "list.csv").unlink()
    with pytest.raises(SourceError, match="no such file"):
        source.list()


# Labels


@pytest.mark.parametrize(
    ("column", "labels"),
    [
        (["cat", "dog"], ["cat", "dog"]),
        ([1, 2], ["1", "2"]),
        ([1.0, None], ["1", None]),
        ([0.5, 1.0], ["0.5", "1"]),
        ([True, False], ["true", "false"]),
    ],
)
def test_labels_of_any_kind_are_text(photos, column, labels):
    import pyarrow.parquet as pq

    pq.write_table(pa.table({"path": ["a.jpg", "b.png"], "Label": column}), photos / "l.parquet")
    found = open_source(photos / "l.parquet").list()
    assert [ref.label for ref in found.refs] == labels
    assert found.columns is None


def test_labels_as_asked(listed):
    text = "path,label,n\na.jpg,x,1\nsub/c,y,2\n"
    for labels, expected in (
        ("auto", ["x", "y"]),
        ("folder", [None, "sub"]),
        ("none", [None, None]),
    ):
        found = listed(text, labels=labels)
        assert [ref.label for ref in found.refs] == expected
        assert found.columns.column_names == ["n"]


def test_without_labels_folders_are_labels_if_there_are_two(listed, photos):
    (photos / "more").mkdir()
    (photos / "more/d.jpg").touch()
    outside = photos.parent / "x.jpg"
    outside.touch()
    text = f"path\nsub/c\n{outside}\n../x.jpg\nmore/d.jpg\n"
    assert [ref.label for ref in listed(text).refs] == ["sub", None, None, "more"]
    assert [ref.label for ref in listed("path\nsub/c\na.jpg\n").refs] == [None, None]


# URLs


def test_a_list_from_elsewhere_cannot_name_files_of_this_machine():
    for path in ("file:///etc/passwd", "local:///etc/passwd", "simplecache::file:///etc/passwd"):
        with pytest.raises(ImageError, match="may not name files of this machine"):
            resolve("https://host/list.csv", path)
    assert resolve("https://host/list.csv", "/etc/passwd") == "https://host/etc/passwd"


@pytest.mark.parametrize(
    ("manifest", "path", "place"),
    [
        ("s3://bucket/a/list.csv", "b/c.jpg", "s3://bucket/a/b/c.jpg"),
        ("s3://bucket/a/list.csv", "../c.jpg", "s3://bucket/c.jpg"),
        ("s3://bucket/list.csv", "gs://other/c.jpg", "gs://other/c.jpg"),
        ("https://h/a/list.csv?key=1/2", "b c#1.jpg", "https://h/a/b%20c%231.jpg"),
        ("memory://list.csv", "a.jpg", "memory://a.jpg"),
        ("/data/list.csv", "https://h/a.jpg", "https://h/a.jpg"),
    ],
)
def test_where_a_row_leads(manifest, path, place):
    assert resolve(manifest, path) == place


NAMES = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="/"), min_size=1, max_size=6
).filter(lambda name: name.strip(". "))


@given(st.lists(NAMES, min_size=1, max_size=8), st.sampled_from(["csv", "jsonl"]))
@settings(max_examples=40, deadline=None)
def test_every_row_is_accounted_for(names, kind):
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        for number, name in enumerate(names):
            if number % 2:
                (Path(folder) / f"x{name}.jpg").write_text(name)
        path = Path(folder) / f"list.{kind}"
        with path.open("w", newline="", encoding="utf-8") as file:
            if kind == "csv":
                writer = csv.writer(file)
                writer.writerow(["path", "number"])
                writer.writerows([f"x{name}.jpg", i] for i, name in enumerate(names))
            else:
                for i, name in enumerate(names):
                    file.write(json.dumps({"path": f"x{name}.jpg", "number": i}) + "\n")
        source = open_source(path)
        found = source.list()
        assert seen(found) == len(names)
        assert {source.read(ref.path).decode() for ref in found.refs} == {*names[1::2]}
