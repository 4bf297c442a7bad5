"""Archives as sources: zip, tar, shards; sound ones, damaged ones, malicious ones."""

from __future__ import annotations

import contextlib
import io
import os
import tarfile
import threading
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.archive_files import (
    ENDINGS,
    contents,
    images_in,
    make_tar,
    make_zip,
    member,
    open_source_refused,
    shard,
)

from explorer.errors import ImageError, SourceError
from explorer.images import Listing, open_source, tars

FILES = {
    "cats/1.jpg": b"one",
    "cats/2.PNG": bytes(range(256)) * 40,
    "dogs/3.webp": b"",
    "dogs/notes.md": b"notes",
    "top.jpg": b"top",
}


METHODS = [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2]


@pytest.mark.parametrize("method", METHODS)
def test_zip(tmp_path, method):
    found, data = contents(make_zip(tmp_path / "photos.zip", FILES, method))
    assert data == images_in("photos.zip", FILES)
    assert [ref.path for ref in found.refs] == list(data)  # as they are packed
    assert [ref.label for ref in found.refs] == ["cats", "cats", "dogs", None]
    assert found.refs[1].size == len(FILES["cats/2.PNG"])
    assert found.refs[1].mtime_ns == 1_704_164_646 * 10**9
    assert (found.ignored, found.refused, found.columns) == (1, [], None)


@pytest.mark.parametrize("ending", ENDINGS)
def test_tar(tmp_path, ending):
    path = make_tar(tmp_path / f"photos.{ending}", FILES, ENDINGS[ending])
    found, data = contents(path)
    assert data == images_in(path.name, FILES)
    assert [ref.path for ref in found.refs] == list(data)
    assert [ref.label for ref in found.refs] == ["cats", "cats", "dogs", None]
    assert found.refs[0].mtime_ns == 1_700_000_000 * 10**9
    assert (found.ignored, found.refused) == (1, [])
    source = open_source(path)
    assert (source.name, source.uri) == ("photos", str(path))


def test_the_content_tells_how_a_tar_is_packed(tmp_path):
    path = make_tar(tmp_path / "photos.tar", FILES, "w:gz")
    assert contents(path)[1] == images_in("photos.tar", FILES)


@pytest.mark.parametrize("format", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT])
def test_all_tar_formats_and_long_names(tmp_path, format):
    name = "a" * 90 + "/" + "b" * 60 + ".jpg"
    with tarfile.open(tmp_path / "x.tar", "w", format=format) as archive:
        info, data = member(name, b"data")
        archive.addfile(info, io.BytesIO(data))
    assert contents(tmp_path / "x.tar")[1] == {f"x.tar/{name}": b"data"}


NAMES = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="/\\"), min_size=1, max_size=9
).map(lambda name: f"x{name}")


@given(
    st.dictionaries(NAMES, st.tuples(st.booleans(), st.binary(max_size=2000)), max_size=8),
    st.sampled_from(["zip", "tar", "tar.gz"]),
)
@settings(max_examples=40, deadline=None)
def test_every_member_is_accounted_for(tmp_path_factory, files, ending):
    path = tmp_path_factory.mktemp("archive") / f"a.{ending}"
    named = {name + (".jpg" if image else ".txt2"): data for name, (image, data) in files.items()}
    if ending == "zip":
        make_zip(path, named)
    else:
        make_tar(path, named, ENDINGS[ending])
    found, data = contents(path)
    images = {f"{path.name}/{n}": d for n, d in named.items() if n.endswith(".jpg")}
    assert (data, found.ignored) == (images, len(named) - len(images))


# Names


def test_names_only_name(tmp_path):
    names = ["../../x.jpg", "/etc/y.jpg", "./a//b/./z.jpg", "C:\\w.jpg", "new\nline.jpg"]
    paths = ["../../x.jpg", "etc/y.jpg", "a/b/z.jpg", "C:\\w.jpg", "new\nline.jpg"]
    files = {name: name.encode() for name in names}
    for path in (make_zip(tmp_path / "a.zip", files), make_tar(tmp_path / "a.tar", files)):
        _, data = contents(path)
        expected = zip(paths, names, strict=True)
        assert data == {f"{path.name}/{p}": n.encode() for p, n in expected}
    assert sorted(os.listdir(tmp_path)) == ["a.tar", "a.zip"]  # nothing was unpacked


def test_hidden_files_are_ignored(tmp_path):
    files = {"__MACOSX/._a.jpg": b"", ".git/a.jpg": b"", "a/.b.jpg": b"", "a/b.jpg": b"b"}
    found, data = contents(make_zip(tmp_path / "a.zip", files))
    assert (data, found.ignored) == ({"a.zip/a/b.jpg": b"b"}, 3)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_of_two_files_with_one_name_the_last_counts(tmp_path):
    twice = [member("a.jpg", b"first"), member("b.jpg", b"b"), member("./a.jpg", b"last")]
    make_tar(tmp_path / "a.tar", twice)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for info, data in twice:
            archive.writestr(info.name, data)
    for path in (tmp_path / "a.tar", tmp_path / "a.zip"):
        found, data = contents(path)
        assert data == {f"{path.name}/b.jpg": b"b", f"{path.name}/a.jpg": b"last"}
        ((name, reason),) = found.refused
        assert name.startswith(f"{path.name}/a.jpg (at byte ")
        assert reason == "The archive holds the name again; the last one counts."


def test_names_that_are_not_utf_8(tmp_path):
    path = make_tar(tmp_path / "a.tar", {"caf\udce9.jpg": b"x"})
    assert contents(path)[1] == {"a.tar/caf\udce9.jpg": b"x"}


@pytest.mark.parametrize(
    ("names", "labels"),
    [
        (["photos/cats/1.jpg", "photos/dogs/2.jpg"], ["cats", "dogs"]),
        (["cats/1.jpg", "dogs/2.jpg", "3.jpg"], ["cats", "dogs", None]),
        (["cats/1.jpg", "cats/2.jpg"], [None, None]),
    ],
)
def test_labels_are_folders_past_one_that_holds_all(tmp_path, names, labels):
    path = make_zip(tmp_path / "photos.zip", dict.fromkeys(names, b""))
    assert [ref.label for ref in open_source(path).list().refs] == labels
    assert {ref.label for ref in open_source(path, labels="none").list().refs} == {None}


# WebDataset shards


@pytest.mark.parametrize("ending", ["tar", "tar.gz"])
def test_what_lies_beside_an_image_says_something_of_it(tmp_path, ending):
    path = make_tar(tmp_path / f"shard.{ending}", shard(7, 3), ENDINGS[ending])
    found, _ = contents(path)
    assert [ref.label for ref in found.refs] == ["1", "2", "0"]
    assert found.columns.to_pydict() == {
        "width": [7, 8, 9],
        "who": ["P7", "P8", "P9"],
        "text": ["A caption, 7.", "A caption, 8.", "A caption, 9."],
    }
    assert found.ignored == 9


def test_a_key_ends_at_the_first_dot_and_knows_its_folder(tmp_path):
    files = {
        "a/1.left.jpg": b"left",
        "a/1.right.png": b"right",
        "a/1.cls": b"pair",
        "b/1.jpg": b"other",
        "b/1.x.cls": b"not a label",
        "c.d/2.jpg": b"",
        "c.d/2.json": b'{"label": "in json", "split": "val"}',
    }
    found, _ = contents(make_tar(tmp_path / "s.tar", files))
    assert [ref.label for ref in found.refs] == ["pair", "pair", None, "in json"]
    assert found.columns.to_pydict() == {"split": [None, None, None, "val"]}


def test_damage_beside_an_image_costs_only_itself(tmp_path):
    files = {"1.jpg": b"", "1.json": b"{", "2.jpg": b"", "2.json": b"[1]", "3.cls": b"\xff"}
    found, data = contents(make_tar(tmp_path / "s.tar", files | {"4.json": b"[" * 100_000}))
    assert list(data) == ["s.tar/1.jpg", "s.tar/2.jpg"]
    assert [path for path, _ in found.refused] == [
        f"s.tar/{n}" for n in files if n[2:] in "jsoncls"
    ] + ["s.tar/4.json"]
    assert found.ignored == 0


def test_several_shards_by_pattern_or_in_a_folder(tmp_path):
    folder = tmp_path / "shards"
    (folder / "sub").mkdir(parents=True)
    for number in range(3):
        make_tar(folder / f"train-{number:03d}.tar", shard(10 * number, 2))
    expected = [f"train-{n:03d}.tar/{10 * n + i:06d}.jpg" for n in range(3) for i in range(2)]
    for spec in ("train-{000..002}.tar", "train-*.tar", "{train}-{000,001,002}.tar"):
        found, _ = contents(folder / spec)
        assert [ref.path for ref in found.refs] == expected
        source = open_source(folder / spec)
        assert source.uri == str(folder / spec)
        assert source.name == ("shards" if spec.startswith("{") else "train")
    (folder / "sub").rmdir()
    (folder / "README.md").touch()
    source = open_source(folder)
    assert [ref.path for ref in source.list().refs] == expected
    assert (source.name, source.uri) == ("shards", str(folder))
    # A folder with images or sub-folders is a folder of images.
    (folder / "a.jpg").touch()
    found = open_source(folder).list()
    assert ([ref.path for ref in found.refs], found.ignored) == (["a.jpg"], 4)


def test_archives_in_different_folders_are_told_apart(tmp_path):
    for split in ("train", "val"):
        (tmp_path / split).mkdir()
        make_zip(tmp_path / split / "0.zip", {"a.jpg": split.encode()})
    _, data = contents(tmp_path / "{train,val}" / "0.zip")
    assert data == {"train/0.zip/a.jpg": b"train", "val/0.zip/a.jpg": b"val"}


def test_a_shard_that_is_missing_or_no_archive_is_refused(tmp_path):
    make_tar(tmp_path / "s-0.tar", {"a.jpg": b"a"})
    (tmp_path / "s-1.tar").write_text("no archive")
    found, data = contents(tmp_path / "s-{0..2}.tar")
    assert data == {"s-0.tar/a.jpg": b"a"}
    assert [path for path, _ in found.refused] == ["s-1.tar", "s-2.tar"]
    assert found.refused[1][1] == "The archive cannot be read: no such file or directory."
    with pytest.raises(SourceError, match="There is no file"):
        open_source(tmp_path / "t-*.tar")


def test_many_packed_shards_keep_little_open(tmp_path):
    for number in range(30):
        make_tar(tmp_path / f"{number:02d}.tar.gz", {"a.jpg": b"%d" % number}, "w:gz")
    source = open_source(tmp_path)
    found = source.list()
    before = len(os.listdir("/proc/self/fd")) if os.path.exists("/proc/self/fd") else 0
    assert [source.read(ref.path) for ref in found.refs] == [b"%d" % n for n in range(30)]
    if before:
        assert len(os.listdir("/proc/self/fd")) <= before + 5


# Reading in threads


@pytest.mark.parametrize("ending", ["zip", "tar", "tar.gz"])
def test_threads_read_nearly_in_order(tmp_path, ending, monkeypatch, chance):
    monkeypatch.setattr(tars, "WINDOW", 64 << 10)
    monkeypatch.setattr(tars, "CHUNK", 4 << 10)
    files = {f"{number:04d}.jpg": chance.randbytes(2000 + number) for number in range(200)}
    path = tmp_path / f"a.{ending}"
    if ending == "zip":
        make_zip(path, files)
    else:
        make_tar(path, files, ENDINGS[ending])
    source = open_source(path)
    paths = [ref.path for ref in source.list().refs]
    late = threading.Event()

    def read(path: str) -> bytes:
        if path.endswith("0050.jpg"):
            late.wait(5)  # by now the others are far ahead, past the window
        if path.endswith("0180.jpg"):
            late.set()
        return source.read(path)

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(read, paths)) == list(files.values())


def test_an_archive_that_changes_is_noticed(tmp_path):
    path = make_tar(tmp_path / "a.tar", {"a.jpg": b"a", "b.jpg": b"b"})
    source = open_source(path)
    first = source.list()
    time.sleep(0.01)
    make_tar(path, {"b.jpg": b"x", "a.jpg": b"y"})
    with pytest.raises(ImageError, match="changed since it was listed"):
        source.read("a.tar/a.jpg")
    again = open_source(path).list()
    # Sizes and times of the members are the same: the archive's own tell of the change.
    assert {ref.etag for ref in first.refs}.isdisjoint(ref.etag for ref in again.refs)
    path.unlink()
    with pytest.raises(ImageError, match="vanished"):
        source.read("a.tar/a.jpg")
    with pytest.raises(SourceError, match="There is no file or folder"):
        open_source(path)


def test_a_zip_tells_of_changes_by_checksums(tmp_path):
    one = open_source(make_zip(tmp_path / "a.zip", {"a.jpg": b"a"})).list().refs[0]
    other = open_source(make_zip(tmp_path / "a.zip", {"a.jpg": b"b"})).list().refs[0]
    assert (one.size, one.mtime_ns) == (other.size, other.mtime_ns)
    assert one.etag != other.etag


def test_unknown_paths(tmp_path):
    source = open_source(make_zip(tmp_path / "a.zip", {"a.jpg": b"a"}))
    for path in ("a.zip/b.jpg", "b.zip/a.jpg", "a.jpg", "a.zip"):
        with pytest.raises(ImageError, match="no longer in"):
            source.read(path)


# Damage


@pytest.mark.parametrize("ending", ["tar", "tar.gz", "tar.bz2", "tar.xz"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_of_a_truncated_tar_the_whole_files_count(tmp_path, ending, share, chance):
    files = {f"{n}.jpg": chance.randbytes(3000) for n in range(40)}
    path = make_tar(tmp_path / f"a.{ending}", files, ENDINGS[ending])
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    if ending == "tar.bz2":  # which unpacks nothing of a block that is not whole: here, all of it
        with pytest.raises(SourceError, match="cannot be read"):
            contents(path)
        return
    found, data = contents(path)
    assert 0 < len(data) < 40
    assert data.items() <= {f"a.{ending}/{n}": d for n, d in files.items()}.items()
    ((name, reason),) = found.refused
    assert name == f"a.{ending}"
    assert reason.startswith(f"The archive cannot be read from '{len(data)}.jpg' on: ")


def test_a_header_that_is_damaged_is_not_taken_for_the_end(tmp_path):
    path = make_tar(tmp_path / "a.tar", {f"{n}.jpg": b"x" for n in range(4)})
    data = bytearray(path.read_bytes())
    data[2 * 1024 + 148] ^= 0xFF  # the third header's checksum
    path.write_bytes(data)
    found, data = contents(path)
    assert list(data) == ["a.tar/0.jpg"]
    assert "a header in it is damaged" in found.refused[0][1]


def test_a_checksum_that_does_not_fit(tmp_path):
    path = make_zip(tmp_path / "a.zip", {"a.jpg": b"a" * 100, "b.jpg": b"b"}, zipfile.ZIP_STORED)
    data = path.read_bytes()
    path.write_bytes(data.replace(b"a" * 100, b"a" * 99 + b"x"))
    source = open_source(path)
    assert len(source.list().refs) == 2
    with pytest.raises(ImageError, match="checksum is another one"):
        source.read("a.zip/a.jpg")
    assert source.read("a.zip/b.jpg") == b"b"


@pytest.mark.parametrize("ending", ["zip", "tar", "tar.gz"])
@pytest.mark.parametrize("content", [b"", b"not an archive" * 100, b"PK\x03\x04", b"\x1f\x8b\x08"])
def test_what_is_no_archive_is_an_error(tmp_path, ending, content):
    path = tmp_path / f"a.{ending}"
    path.write_bytes(content)
    with pytest.raises(SourceError, match=rf"a\.{ending}: The archive cannot be read"):
        open_source(path).list()


@pytest.mark.parametrize("ending", ["zip", "tar"])
def test_an_archive_without_files_has_no_images(tmp_path, ending):
    path = tmp_path / f"a.{ending}"
    make_zip(path, {}) if ending == "zip" else make_tar(path, {})
    assert open_source(path).list() == Listing([], 0, [])


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_mutations_never_crash(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("mutant")
    kind = data.draw(st.sampled_from(["zip", "tar", "tar.gz"]))
    path = folder / f"a.{kind}"
    files = {"a.jpg": b"a" * 700, "b/c.png": b"c", "a.json": b'{"x": 1}'}
    make_zip(path, files) if kind == "zip" else make_tar(path, files, ENDINGS[kind])
    raw = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(raw) - 1))
        raw[place] = data.draw(st.integers(0, 255))
    path.write_bytes(
        raw[: data.draw(st.integers(0, len(raw)))] if data.draw(st.booleans()) else raw
    )
    source = open_source(path)
    try:
        refs = source.list().refs
    except SourceError:
        return
    for ref in refs:
        with contextlib.suppress(ImageError):
            assert len(source.read(ref.path)) == ref.size


# Malice


def test_an_encrypted_zip_is_refused_with_advice(tmp_path):
    path = make_zip(tmp_path / "a.zip", {"a.jpg": b"secret", "b.jpg": b"b"}, zipfile.ZIP_STORED)
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1  # the flag in the directory
    path.write_bytes(data)
    found, images = contents(path)
    assert images == {"a.zip/b.jpg": b"b"}
    assert found.refused[0][0] == "a.zip/a.jpg"
    assert "encrypted" in found.refused[0][1]


def test_a_method_of_packing_that_is_not_known(tmp_path):
    path = make_zip(tmp_path / "a.zip", {"a.jpg": b"x" * 100}, zipfile.ZIP_LZMA)
    assert "packed by method 14" in open_source_refused(path)


def test_images_are_not_hidden_by_an_archive_in_the_folder_data(tmp_path):
    (tmp_path / "photos" / "data").mkdir(parents=True)
    (tmp_path / "photos" / "a.jpg").touch()
    make_zip(tmp_path / "photos" / "data" / "more.zip", {"b.jpg": b""})
    assert [ref.path for ref in open_source(tmp_path / "photos").list().refs] == ["a.jpg"]
