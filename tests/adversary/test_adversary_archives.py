"""Archives made to cost more than they are: bombs, overlaps, links, headers that lie."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import io
import lzma
import struct
import tarfile
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.archive_files import (
    ENDINGS,
    contents,
    images_in,
    local_header,
    make_tar,
    make_zip,
    member,
    open_source_refused,
    zip_of,
)

from explorer.errors import ImageError, SourceError
from explorer.images import entries, open_source, reasons


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path):
    path = make_zip(tmp_path / "a.zip", {"a.bmp": bytes(20 << 20)})
    assert path.stat().st_size < 30_000
    assert "more than 200 times its size" in open_source_refused(path)
    # A blank drawing that is not larger than memory can bear is not one.
    assert contents(make_zip(tmp_path / "b.zip", {"a.bmp": bytes(1 << 20)}))[1]


@pytest.mark.parametrize("claimed", [3, 10_000])
def test_a_zip_that_lies_about_a_size_unpacks_no_more_than_it_said(tmp_path, claimed):
    path = make_zip(tmp_path / "a.zip", {"a.jpg": bytes(1 << 20)})
    data = bytearray(path.read_bytes())
    struct.pack_into("<I", data, data.index(b"PK\x01\x02") + 24, claimed)
    path.write_bytes(data)
    source = open_source(path)
    (ref,) = source.list().refs
    with pytest.raises(ImageError, match="damaged"):
        source.read(ref.path)


OVERLAPS = "The archive is damaged: the file overlaps another one, or the directory."


def test_one_file_is_not_many_because_the_directory_says_so(tmp_path, chance):
    data = chance.randbytes(500)
    names = [b"%d.jpg" % number for number in range(60_000)]
    path = tmp_path / "a.zip"
    path.write_bytes(zip_of(local_header(names[0], data) + data, [(n, data, 0) for n in names]))
    found, images = contents(path)
    assert images == {"a.zip/0.jpg": data}
    assert len(found.refused) == 59_999
    assert {reason for _, reason in found.refused} == {OVERLAPS}


def test_files_that_share_their_end_are_one(tmp_path, chance):
    """As in Fifield's bomb: the extra field of each header covers the headers after it."""
    data, count = chance.randbytes(500), 50
    names = [b"%02d.jpg" % number for number in range(count)]
    size = len(local_header(names[0], data))
    before = b"".join(
        local_header(name, data, extra=(count - 1 - number) * size)
        for number, name in enumerate(names)
    )
    path = tmp_path / "a.zip"
    path.write_bytes(zip_of(before + data, [(n, data, i * size) for i, n in enumerate(names)]))
    with zipfile.ZipFile(path) as archive:  # the bomb is one: it has all of them, by its directory
        assert len(archive.infolist()) == count
    found, images = contents(path)
    assert images == {f"a.zip/{count - 1}.jpg": data}
    assert {reason for _, reason in found.refused} == {OVERLAPS}


def test_an_extra_field_does_not_lead_into_the_next_file(tmp_path):
    small, large = b"x" * 10, b"y" * 5000
    first = local_header(b"a.jpg", small, extra=4000)
    second = local_header(b"b.jpg", large)
    path = tmp_path / "a.zip"
    listed = [(b"a.jpg", small, 0), (b"b.jpg", large, len(first) + 10)]
    path.write_bytes(zip_of(first + small + second + large, listed))
    source = open_source(path)
    assert len(source.list().refs) == 2
    with pytest.raises(ImageError) as caught:
        source.read("a.zip/a.jpg")
    assert str(caught.value) == OVERLAPS
    assert source.read("a.zip/b.jpg") == large


@pytest.mark.parametrize(
    ("place", "form", "value"),
    [
        (6, "<H", 1),  # encrypted
        (8, "<H", 8),  # the method of packing
        (14, "<I", 1),  # the checksum
        (18, "<I", 7),  # the packed size
        (22, "<I", 7),  # the size
        (30, "<c", b"z"),  # the name
        (26, "<H", 4),  # its length
    ],
)
def test_the_header_and_the_directory_must_say_the_same(tmp_path, place, form, value):
    path = make_zip(tmp_path / "a.zip", {"a.jpg": b"a" * 100, "b.jpg": b"b"}, zipfile.ZIP_STORED)
    data = bytearray(path.read_bytes())
    struct.pack_into(form, data, place, value)
    path.write_bytes(data)
    source = open_source(path)
    assert len(source.list().refs) == 2
    with pytest.raises(ImageError, match="its directory says something else of the file"):
        source.read("a.zip/a.jpg")
    assert source.read("a.zip/b.jpg") == b"b"


class Pipe(io.BytesIO):
    """What a zip is written to when the sizes are known only afterwards."""

    def seekable(self):
        return False

    def tell(self):
        raise OSError


def test_sizes_that_come_after_the_file_are_fine_and_so_are_large_and_foreign_names(tmp_path):
    files = {"ä/日本.jpg": b"one" * 50, "caf\u00e9.png": b"two"}
    out = Pipe()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            with archive.open(zipfile.ZipInfo(name), "w", force_zip64=True) as file:
                file.write(data)
    (tmp_path / "a.zip").write_bytes(out.getvalue())
    assert contents(tmp_path / "a.zip")[1] == images_in("a.zip", files)
    old = zip_of(local_header(b"\x84.jpg", b"x") + b"x", [(b"\x84.jpg", b"x", 0)])
    (tmp_path / "b.zip").write_bytes(b"something before it" + old)
    assert contents(tmp_path / "b.zip")[1] == {"b.zip/ä.jpg": b"x"}


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 400)), max_size=5))
@settings(max_examples=60, deadline=None)
def test_no_byte_of_a_zip_is_read_for_two_files(tmp_path_factory, moves):
    """Wherever its directory says that files are: together they are no larger than the archive."""
    files = [(b"%d.jpg" % n, bytes([n]) * 40) for n in range(5)]
    before, listed = b"", []
    for name, data in files:
        listed.append((name, data, len(before)))
        before += local_header(name, data) + data
    for number, offset in moves:
        listed[number] = (*listed[number][:2], offset)
    path = tmp_path_factory.mktemp("moved") / "a.zip"
    path.write_bytes(zip_of(before, listed))
    source = open_source(path)
    try:
        refs = source.list().refs
    except SourceError:  # not one of them is sound
        return
    assert sum(ref.size for ref in refs) <= len(before)
    for ref in refs:
        with contextlib.suppress(ImageError):
            assert source.read(ref.path) == dict(files)[ref.path[6:].encode()]


@pytest.mark.parametrize("ending", ["zip", "tar", "tar.gz"])
def test_an_archive_of_too_many_files_is_told_of(tmp_path, monkeypatch, ending):
    monkeypatch.setattr(entries, "MAX_ENTRIES", 5)
    for count in (5, 6):
        files = {f"{number}.jpg": b"x" for number in range(count)}
        path = tmp_path / f"{count}.{ending}"
        make_zip(path, files) if ending == "zip" else make_tar(path, files, ENDINGS[ending])
        if count == 5:
            assert len(contents(path)[1]) == 5
        elif ending == "zip":
            with pytest.raises(SourceError, match="it holds more than 5 files; split it"):
                open_source(path).list()
        else:
            found, images = contents(path)
            assert len(images) <= 5
            assert "it holds more than 5 files; split it" in found.refused[0][1]


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_a_tar_bomb_ends_the_listing(tmp_path, pack):
    with io.BytesIO() as out:
        with tarfile.open(fileobj=out, mode="w") as archive:
            for info, data in (member("a.jpg", b"a"), member("b.jpg", bytes(40 << 20))):
                archive.addfile(info, io.BytesIO(data))
        (tmp_path / "a.tar.gz").write_bytes(pack(out.getvalue()))
    found, images = contents(tmp_path / "a.tar.gz")
    assert images == {"a.tar.gz/a.jpg": b"a"}
    assert "more than 200 times its size" in found.refused[0][1]


def test_a_file_over_the_limit_is_refused(tmp_path, monkeypatch, chance):
    monkeypatch.setattr(reasons, "MAX_FILE_BYTES", 1000)
    files = {"a.jpg": chance.randbytes(1001), "b.jpg": b"b"}
    for path in (make_zip(tmp_path / "a.zip", files), make_tar(tmp_path / "a.tar", files)):
        found, images = contents(path)
        assert list(images) == [f"{path.name}/b.jpg"]
        assert found.refused[0][1].startswith("The file has 0 MiB; the limit is")


def test_links_and_devices_are_not_followed(tmp_path):
    links = [
        member("real.jpg", b"real"),
        member("soft.jpg", type=tarfile.SYMTYPE, linkname="/etc/passwd"),
        member("hard.jpg", type=tarfile.LNKTYPE, linkname="real.jpg"),
        member("fifo.jpg", type=tarfile.FIFOTYPE),
        member("null.png", type=tarfile.CHRTYPE),
        member("link", type=tarfile.SYMTYPE, linkname="real.jpg"),
        member("folder.jpg", type=tarfile.DIRTYPE),
    ]
    found, images = contents(make_tar(tmp_path / "a.tar", links))
    assert images == {"a.tar/real.jpg": b"real"}
    assert [path for path, _ in found.refused] == [
        "a.tar/fifo.jpg",
        "a.tar/hard.jpg",
        "a.tar/null.png",
        "a.tar/soft.jpg",
    ]
    assert found.ignored == 1
    info = zipfile.ZipInfo("soft.jpg")
    info.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(info, "/etc/passwd")
    assert "It is a link" in open_source_refused(tmp_path / "a.zip")


def test_headers_that_are_out_of_all_proportion(tmp_path):
    """A long name of gigabytes, packed to nothing: never read as one."""
    head = tarfile.TarInfo("././@LongLink")
    head.type, head.size = tarfile.GNUTYPE_LONGNAME, 8 << 30
    data = head.tobuf(tarfile.GNU_FORMAT) + bytes(3 << 20)
    (tmp_path / "a.tar.gz").write_bytes(gzip.compress(data))
    assert "larger than headers are" in open_source_refused(tmp_path / "a.tar.gz")


def negative(value: int) -> bytes:
    """A number field of a tar header in base 256."""
    return b"\xff" + value.to_bytes(11, "big", signed=True)


@pytest.mark.parametrize("size", [-1, -512, -1024, -(1 << 40)])
def test_sizes_below_zero_do_not_lead_in_circles(tmp_path, size):
    first, second = (tarfile.TarInfo(f"{n}.jpg").tobuf() for n in "ab")
    bad = bytearray(second)
    bad[124:136] = negative(size)
    bad[148:156] = b" " * 8
    bad[148:156] = b"%06o\0 " % sum(bad)
    (tmp_path / "a.tar").write_bytes(first + bad + bytes(1024))
    found, images = contents(tmp_path / "a.tar")
    assert list(images) == ["a.tar/a.jpg"]
    assert found.refused


@pytest.mark.parametrize("mtime", [-5, 1e300, float("nan")])
def test_impossible_times_are_no_times(tmp_path, mtime):
    info, data = member("a.jpg", b"a")
    info.pax_headers = {"mtime": str(mtime)}
    make_tar(tmp_path / "a.tar", [(info, data)])
    (ref,) = open_source(tmp_path / "a.tar").list().refs
    assert ref.mtime_ns is None
    assert ref.tells_changes  # by the archive's own
