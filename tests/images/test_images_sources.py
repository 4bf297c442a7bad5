from __future__ import annotations

import os
import shutil
import socket
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.errors import ImageError, SourceError
from explorer.images import ImageRef, Listing, open_source, reasons


def make(root: Path, *paths: str) -> Path:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(path.encode("utf-8", "surrogateescape"))
    return root


def listing(root: Path, **options: str) -> Listing:
    return open_source(root, **options).list()


def paths(root: Path) -> list[str]:
    return [ref.path for ref in listing(root).refs]


def labels(root: Path, **options: str) -> list[str | None]:
    return [ref.label for ref in listing(root, **options).refs]


@pytest.fixture
def as_ordinary_user():
    """A folder, and this process as a user to whom permissions mean something: not root."""
    folder = Path(tempfile.mkdtemp())
    root = os.geteuid() == 0
    if root:
        os.chown(folder, 65534, 65534)
        os.seteuid(65534)
    try:
        yield folder
    finally:
        if root:
            os.seteuid(0)
        for locked in folder.rglob("*"):
            locked.chmod(0o700)
        shutil.rmtree(folder)


# Listing


def test_images_are_listed_in_order_with_size_and_time(tmp_path):
    make(tmp_path, "b/2.png", "a.jpg", "b/10.png", "B.WEBP", "b/c/d/e.tiff")
    os.utime(tmp_path / "a.jpg", ns=(0, 1_700_000_000_123_456_789))
    refs = listing(tmp_path, labels="none").refs
    assert [ref.path for ref in refs] == ["B.WEBP", "a.jpg", "b/10.png", "b/2.png", "b/c/d/e.tiff"]
    assert refs[1] == ImageRef("a.jpg", size=5, mtime_ns=1_700_000_000_123_456_789, label=None)


def test_what_is_no_image_is_ignored(tmp_path):
    make(tmp_path, "a.jpg", "notes.txt", "README", ".DS_Store", "Thumbs.db", "._a.jpg", "b/c.csv")
    make(tmp_path, ".git/objects/x.png", ".git/y.png", "jpg")
    found = listing(tmp_path)
    assert [ref.path for ref in found.refs] == ["a.jpg"]
    assert found.ignored == 8  # .git counts as one
    assert found.refused == []


def test_empty_and_undecodable_images_are_listed_to_be_rejected(tmp_path):
    (tmp_path / "empty.jpg").touch()
    make(tmp_path, "phone.HEIC")
    assert [(ref.path, ref.size) for ref in listing(tmp_path).refs] == [
        ("empty.jpg", 0),
        ("phone.HEIC", 10),
    ]


def test_an_empty_folder_has_no_images(tmp_path):
    assert listing(tmp_path) == Listing(refs=[], ignored=0, refused=[])


NAMES = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="/\0") | st.just("\udce9"),
    min_size=1,
    max_size=8,
)
SUFFIXES = st.sampled_from(["", ".jpg", ".PNG", ".txt"])
FILES = st.tuples(st.lists(NAMES, max_size=2), NAMES, SUFFIXES).map(
    lambda parts: "/".join([*(f"{name}_d" for name in parts[0]), f"{parts[1]}_f{parts[2]}"])
)


@given(st.sets(FILES, max_size=12))
@settings(max_examples=30, deadline=None)
def test_every_file_is_accounted_for(names):
    names = {name for name in names if not any(part[0] == "." for part in name.split("/"))}
    with tempfile.TemporaryDirectory() as folder:
        make(Path(folder), *names)
        found = listing(Path(folder))
    images = sorted(name for name in names if name.lower().endswith((".jpg", ".png")))
    assert [ref.path for ref in found.refs] == images
    assert len(found.refs) + found.ignored == len(names)
    assert found.refused == []


@pytest.mark.parametrize(
    "name",
    ["two\nlines.jpg", "'quotes\" and `ticks`.jpg", "caf\udce9.jpg", "%20 \\ ?*.jpg", "图像.jpg"],
)
def test_strange_names_are_listed_and_read(tmp_path, name):
    make(tmp_path, f"folder {name}/{name}")
    source = open_source(tmp_path)
    (ref,) = source.list().refs
    assert ref.path == f"folder {name}/{name}"
    assert source.read(ref.path) == ref.path.encode("utf-8", "surrogateescape")


# Labels


def test_folders_are_labels_when_there_are_two(tmp_path):
    make(tmp_path, "top.jpg", "cat/1.jpg", "dog/deep/er/1.jpg", "empty/notes.txt")
    assert labels(tmp_path) == ["cat", "dog", None]
    assert labels(tmp_path, labels="none") == [None, None, None]


def test_one_folder_is_no_label_unless_asked_for(tmp_path):
    make(tmp_path, "cat/1.jpg", "cat/tabby/2.jpg", "empty/notes.txt")
    assert labels(tmp_path) == [None, None]
    assert labels(tmp_path, labels="folder") == ["cat", "cat"]


# Links


def test_links_to_files_and_folders_are_followed(tmp_path):
    make(tmp_path, "outside/1.jpg", "outside/sub/2.jpg", "inside/3.jpg")
    inside = tmp_path / "inside"
    (inside / "linked.jpg").symlink_to(tmp_path / "outside" / "1.jpg")
    (inside / "folder").symlink_to("../outside")
    source = open_source(inside)
    found = source.list()
    expected = ["3.jpg", "folder/1.jpg", "folder/sub/2.jpg", "linked.jpg"]
    assert [ref.path for ref in found.refs] == expected
    assert source.read(found.refs[-1].path) == b"outside/1.jpg"
    assert found.refused == []


def test_loops_end(tmp_path):
    make(tmp_path, "a/b/1.jpg")
    (tmp_path / "a" / "b" / "up").symlink_to("..")
    (tmp_path / "a" / "b" / "top").symlink_to(tmp_path)
    (tmp_path / "a" / "self").symlink_to("self")
    found = listing(tmp_path)
    assert [ref.path for ref in found.refs] == ["a/b/1.jpg"]
    assert found.refused == [
        ("a/b/top", "The folder is already listed as '.'."),
        ("a/b/up", "The folder is already listed as 'a'."),
        ("a/self", "It cannot be read: too many levels of symbolic links."),
    ]


def test_a_link_cannot_drag_in_the_folders_around_the_source(tmp_path):
    make(tmp_path, "private/1.jpg", "source/2.jpg")
    (tmp_path / "source" / "around").symlink_to(tmp_path)
    found = listing(tmp_path / "source")
    assert [ref.path for ref in found.refs] == ["2.jpg"]
    assert found.refused == [("around", "The link leads to a folder that it lies in itself.")]


def test_a_folder_keeps_its_own_path_before_links_to_it(tmp_path):
    make(tmp_path, "z/1.jpg")
    (tmp_path / "a").symlink_to("z")
    found = listing(tmp_path)
    assert [ref.path for ref in found.refs] == ["z/1.jpg"]
    assert found.refused == [("a", "The folder is already listed as 'z'.")]


def test_a_folder_reached_by_two_links_is_listed_once(tmp_path):
    make(tmp_path, "out/sub/1.jpg", "out/2.jpg", "in/3.jpg")
    (tmp_path / "in" / "a").symlink_to("../out/sub")
    (tmp_path / "in" / "b").symlink_to("../out")
    found = listing(tmp_path / "in")
    assert [ref.path for ref in found.refs] == ["3.jpg", "a/1.jpg", "b/2.jpg"]
    assert found.refused == [("b/sub", "The folder is already listed as 'a'.")]


# What is refused


def test_pipes_sockets_devices_and_dead_links_are_refused(tmp_path):
    make(tmp_path, "a.jpg")
    os.mkfifo(tmp_path / "pipe.jpg")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "device.png").symlink_to("/dev/null")
    (tmp_path / "dead.jpg").symlink_to("nowhere.jpg")
    with socket.socket(socket.AF_UNIX) as server:
        here = os.getcwd()
        os.chdir(tmp_path)  # a socket's path may not be long
        server.bind("socket.gif")
        os.chdir(here)
    found = listing(tmp_path)
    assert [ref.path for ref in found.refs] == ["a.jpg"]
    assert found.refused == [
        ("dead.jpg", "The link leads nowhere."),
        ("device.png", "It is a device, not a file."),
        ("pipe", "It is a pipe, not a file."),
        ("pipe.jpg", "It is a pipe, not a file."),
        ("socket.gif", "It is a socket, not a file."),
    ]


def test_unreadable_folders_are_refused(as_ordinary_user):
    folder = make(as_ordinary_user, "a.jpg", "locked/b.jpg", "listed/c.jpg")
    (folder / "locked").chmod(0)
    (folder / "listed").chmod(0o400)  # its names can be read, nothing else
    found = listing(folder)
    assert [ref.path for ref in found.refs] == ["a.jpg"]
    assert found.refused == [
        ("listed/c.jpg", "It cannot be read: permission denied."),
        ("locked", "The folder cannot be read: permission denied."),
    ]


def test_an_unreadable_source_is_an_error(as_ordinary_user):
    (as_ordinary_user / "source").mkdir(mode=0)
    with pytest.raises(SourceError, match=r"source' cannot be read: permission denied\."):
        listing(as_ordinary_user / "source")


# Opening


def test_name_and_uri(tmp_path, monkeypatch):
    make(tmp_path, "photos/1.jpg")
    monkeypatch.chdir(tmp_path / "photos")
    for spec in (".", tmp_path / "photos", f"{tmp_path}/photos/", "../photos"):
        source = open_source(spec)
        assert (source.name, source.uri) == ("photos", str(tmp_path / "photos"))


def test_the_home_folder_is_understood(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(make(tmp_path, "photos/1.jpg")))
    assert open_source("~/photos").uri == str(tmp_path / "photos")


def test_a_missing_folder_and_a_file_are_errors(tmp_path):
    make(tmp_path, "file.jpg")
    with pytest.raises(SourceError, match=r"There is no file or folder '.*nowhere'; check"):
        open_source(tmp_path / "nowhere")
    with pytest.raises(SourceError, match=r"file\.jpg' is not a source of images\."):
        open_source(tmp_path / "file.jpg")


def test_a_folder_that_goes_away_is_an_error(tmp_path):
    source = open_source(make(tmp_path / "photos", "1.jpg"))
    shutil.rmtree(tmp_path / "photos")
    with pytest.raises(SourceError, match="cannot be read: no such file or directory"):
        source.list()


# Reading


@pytest.fixture
def one_file(tmp_path):
    source = open_source(make(tmp_path, "a.jpg"))
    (ref,) = source.list().refs
    return source, ref, tmp_path / "a.jpg"


def test_reading(one_file):
    source, ref, _ = one_file
    assert source.read(ref.path) == b"a.jpg"


def test_a_file_that_changed_since_the_listing_is_read_as_it_is_now(one_file):
    source, ref, path = one_file
    path.write_bytes(b"something else")
    assert source.read(ref.path) == b"something else"


def test_a_file_that_vanished(one_file):
    source, ref, path = one_file
    path.unlink()
    with pytest.raises(ImageError, match="vanished since it was listed"):
        source.read(ref.path)


def test_a_file_that_became_something_else(one_file):
    source, ref, path = one_file
    path.unlink()
    os.mkfifo(path)  # opening it in the usual way would wait for ever
    with pytest.raises(ImageError, match="no longer a regular file"):
        source.read(ref.path)
    path.unlink()
    path.mkdir()
    with pytest.raises(ImageError, match="cannot be read: is a directory"):
        source.read(ref.path)


@pytest.mark.parametrize("change", ["grows", "shrinks", "is rewritten"])
def test_a_file_that_changes_while_it_is_read(one_file, monkeypatch, change):
    source, ref, path = one_file
    fstat, calls = os.fstat, []

    def fstat_then_change(fd: int) -> os.stat_result:
        status = fstat(fd)
        if not calls:
            calls.append(fd)
            content = {"grows": b"a.jpg and more", "shrinks": b"a", "is rewritten": b"b.jpg"}
            path.write_bytes(content[change])
            os.utime(path, ns=(0, status.st_mtime_ns + 1_000_000))
        return status

    monkeypatch.setattr(os, "fstat", fstat_then_change)
    with pytest.raises(ImageError, match="changed while it was being read"):
        source.read(ref.path)
    assert source.read(ref.path) == path.read_bytes()


def test_a_file_without_permission(as_ordinary_user):
    source = open_source(make(as_ordinary_user, "a.jpg"))
    (ref,) = source.list().refs
    (as_ordinary_user / "a.jpg").chmod(0)
    with pytest.raises(ImageError, match=r"The file cannot be read: permission denied\."):
        source.read(ref.path)


def test_a_huge_file_is_not_read(one_file):
    source, ref, path = one_file
    with path.open("wb") as file:
        file.truncate(reasons.MAX_FILE_BYTES + 1)  # sparse: takes no room
    with pytest.raises(ImageError, match="the limit is 1,024 MiB"):
        source.read(ref.path)
