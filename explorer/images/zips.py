"""Zip archives, read where they lie: nothing is unpacked to disk."""

from __future__ import annotations

import bz2
import calendar
import errno
import stat
import struct
import zipfile
import zlib
from collections.abc import Sequence
from functools import cached_property
from typing import IO, BinaryIO, cast

from explorer.errors import ImageError
from explorer.images import entries
from explorer.images.entries import Contents, Entry, member_name, too_many
from explorer.images.files import open_file, read_range, stat_file
from explorer.images.listing import Stat
from explorer.images.reasons import too_large

# The header before each file (APPNOTE.TXT 4.3.7): signature, flags, method, CRC-32, packed and
# unpacked size, lengths of the name and of the extra field, which come after it.
_HEADER = struct.Struct("<4s2xHH4xIIIHH")
_SIGNATURE = b"PK\x03\x04"
_ENCRYPTED, _SIZES_COME_LATER, _UTF_8 = 1, 8, 0x800  # of the flags
_SIZES_ARE_ELSEWHERE = 0xFFFFFFFF

# The header of each file in the directory (4.3.12): how it begins, and what it takes at least.
_LISTED, _LISTED_SIZE = b"PK\x01\x02", 46
_MOST_PER_ENTRY = 1024  # bytes of the directory

MAX_RATIO = 200
ALWAYS_FINE = 16 << 20  # bytes that no ratio forbids: a large blank drawing packs very well

OVERLAPS = "The archive is damaged: the file overlaps another one, or the directory."

_METHODS = {0: "stored", 8: "deflate", 12: "bzip2"}


class Zip:
    """One zip archive."""

    def __init__(self, place: str) -> None:
        self._place = place

    @cached_property
    def _stat(self) -> Stat:
        return stat_file(self._place)

    def contents(self) -> Contents:
        """Read the directory. Raises OSError if there is none."""
        contents = Contents()
        expected = self._stat  # from before it is read
        try:
            with (
                open_file(self._place) as file,
                zipfile.ZipFile(cast(IO[bytes], _Bounded(file))) as archive,
            ):
                infos = archive.infolist()
                rooms = _rooms(infos, archive.start_dir)
        except OSError:
            raise
        except Exception as error:  # zipfile raises many things over damage
            raise OSError(errno.EIO, f"it is damaged, or no zip archive ({error})") from error
        for info, room in zip(infos, rooms, strict=True):
            if not info.is_dir():
                entry = _entry(info, room)
                contents.add(entry, reason=_reason_against(info, entry, expected))
        return contents

    def read(self, entry: Entry) -> bytes:
        """Read and unpack one file. Raises ImageError."""
        before = _HEADER.size + len(entry.written)
        before += _extra_size(self._range(entry.offset, before), entry)
        if before + entry.packed > entry.room:
            raise ImageError(OVERLAPS)
        packed = self._range(entry.offset + before, entry.packed)
        try:
            data = _unpack(packed, entry)
        except (zlib.error, OSError, ValueError) as error:
            raise ImageError("The archive is damaged: the file cannot be unpacked.") from error
        if len(data) != entry.size or zlib.crc32(data) != entry.crc:
            raise ImageError("The archive is damaged: the file's checksum is another one.")
        return data

    def _range(self, offset: int, size: int) -> bytes:
        return read_range(self._place, offset, size, expected=self._stat)

    def close(self) -> None:
        """Nothing is kept open."""


class _Bounded:
    """The file as zipfile sees it, which would read a directory of any size."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.seek, self.tell = file.seek, file.tell

    def read(self, size: int = -1) -> bytes:
        most = entries.MAX_ENTRIES
        data = self._file.read(size) if size <= most * _MOST_PER_ENTRY else b""
        if size > most * _LISTED_SIZE and (not data or data.count(_LISTED) > most):
            raise OSError(errno.EFBIG, too_many())
        return data


def _rooms(infos: Sequence[zipfile.ZipInfo], end: int) -> list[int]:
    """For each file in the directory, which lies at `end`: the bytes before the next one begins."""
    rooms = [0] * len(infos)
    for number in sorted(range(len(infos)), key=lambda n: infos[n].header_offset, reverse=True):
        rooms[number] = end - infos[number].header_offset
        end = min(end, infos[number].header_offset)
    return rooms


def _extra_size(header: bytes, entry: Entry) -> int:
    """The bytes between the name and the file. Raises ImageError unless both headers say one thing.

    Otherwise one archive could show other files to each program, or one file many times.
    """
    signature, flags, method, crc, packed, size, name, extra = _HEADER.unpack_from(header)
    if signature != _SIGNATURE:
        raise ImageError("The archive is damaged: the file is not where it should be.")
    same = method == entry.method and not flags & _ENCRYPTED
    same = same and name == len(entry.written) and header[_HEADER.size :] == entry.written
    if not flags & _SIZES_COME_LATER:
        same = same and crc == entry.crc
        same = same and packed in (entry.packed, _SIZES_ARE_ELSEWHERE)
        same = same and size in (entry.size, _SIZES_ARE_ELSEWHERE)
    if not same:
        raise ImageError("The archive is damaged: its directory says something else of the file.")
    return int(extra)


def _entry(info: zipfile.ZipInfo, room: int) -> Entry:
    return Entry(
        member_name(info.filename),
        size=info.file_size,
        mtime_ns=_nanoseconds(info.date_time),
        etag=f"{info.CRC:08x}",
        offset=info.header_offset,
        packed=info.compress_size,
        method=info.compress_type,
        crc=info.CRC,
        written=info.orig_filename.encode("utf-8" if info.flag_bits & _UTF_8 else "cp437"),
        room=room,
    )


def _reason_against(info: zipfile.ZipInfo, entry: Entry, archive: Stat) -> str | None:
    """Why a file in a zip is not read, by what the directory says of it."""
    if stat.S_ISLNK(info.external_attr >> 16):
        return "It is a link; links in archives are not followed."
    if info.flag_bits & _ENCRYPTED:
        return "It is encrypted; unpack the archive with its password, and embed the folder."
    if info.compress_type not in _METHODS:
        known = ", ".join(_METHODS.values())
        return f"It is packed by method {info.compress_type}; only {known} can be read."
    if archive.size is not None and info.compress_size > archive.size:
        return "The archive is damaged: the file would be larger than the archive."
    if _HEADER.size + len(entry.written) + entry.packed > entry.room:
        return OVERLAPS
    if info.file_size > max(ALWAYS_FINE, MAX_RATIO * info.compress_size):
        return f"It unpacks to more than {MAX_RATIO} times its size, like a decompression bomb."
    return too_large(info.file_size)


def _unpack(packed: bytes, entry: Entry) -> bytes:
    """The file's bytes, and never more than one beyond what the directory promised."""
    if entry.method == 0:
        return packed
    if entry.method == 8:
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, entry.size + 1)
    return bz2.BZ2Decompressor().decompress(packed, entry.size + 1)


def _nanoseconds(moment: tuple[int, int, int, int, int, int]) -> int | None:
    """A zip's times have no zone and no check: taken as UTC, None if there is no such time."""
    try:
        return calendar.timegm((*moment, 0, 0, 0)) * 1_000_000_000
    except (ValueError, OverflowError):
        return None
