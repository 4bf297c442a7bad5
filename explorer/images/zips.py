"""Zip archives, read where they lie: nothing is unpacked to disk."""

from __future__ import annotations

import bz2
import calendar
import errno
import stat
import struct
import zipfile
import zlib
from functools import cached_property

from explorer.errors import ImageError
from explorer.images.entries import Contents, Entry, member_name
from explorer.images.files import open_file, read_range, stat_file
from explorer.images.listing import Stat
from explorer.images.reasons import too_large

# The header before each file (APPNOTE.TXT 4.3.7); its last two numbers: name and extra field.
_HEADER = struct.Struct("<4s22xHH")
_SIGNATURE = b"PK\x03\x04"

MAX_RATIO = 200
ALWAYS_FINE = 16 << 20  # bytes that no ratio forbids: a large blank drawing packs very well

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
            with open_file(self._place) as file, zipfile.ZipFile(file) as archive:
                infos = archive.infolist()
        except OSError:
            raise
        except Exception as error:  # zipfile raises many things over damage
            raise OSError(errno.EIO, f"it is damaged, or no zip archive ({error})") from error
        for info in infos:
            if not info.is_dir():
                contents.add(_entry(info), reason=_reason_against(info, expected))
        return contents

    def read(self, entry: Entry) -> bytes:
        """Read and unpack one file. Raises ImageError."""
        header = self._range(entry.offset, _HEADER.size)
        signature, name, extra = _HEADER.unpack(header)
        if signature != _SIGNATURE:
            raise ImageError("The archive is damaged: the file is not where it should be.")
        packed = self._range(entry.offset + _HEADER.size + name + extra, entry.packed)
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


def _entry(info: zipfile.ZipInfo) -> Entry:
    return Entry(
        member_name(info.filename),
        size=info.file_size,
        mtime_ns=_nanoseconds(info.date_time),
        etag=f"{info.CRC:08x}",
        offset=info.header_offset,
        packed=info.compress_size,
        method=info.compress_type,
        crc=info.CRC,
    )


def _reason_against(info: zipfile.ZipInfo, archive: Stat) -> str | None:
    """Why a file in a zip is not read, by what the directory says of it."""
    if stat.S_ISLNK(info.external_attr >> 16):
        return "It is a link; links in archives are not followed."
    if info.flag_bits & 1:
        return "It is encrypted; unpack the archive with its password, and embed the folder."
    if info.compress_type not in _METHODS:
        known = ", ".join(_METHODS.values())
        return f"It is packed by method {info.compress_type}; only {known} can be read."
    if archive.size is not None and info.compress_size > archive.size:
        return "The archive is damaged: the file would be larger than the archive."
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
