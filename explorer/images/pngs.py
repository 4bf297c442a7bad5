"""PNG files whose pixels are whole, but not what was noted beside them."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

SIGNATURE = b"\x89PNG\r\n\x1a\n"

# What decides how the pixels look; all else in a file (text, times, sizes …) is notes.
_PIXELS = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND"})
_LOOK = frozenset({b"tRNS", b"iCCP", b"eXIf"})
_MAX_PROFILE = 1 << 20  # bytes of a colour profile; Pillow takes no more either


def without_notes(data: bytes) -> bytes:
    """The same picture without text and whatever in it is broken and not needed for the pixels.

    Transparency, colour profile and orientation stay where they are sound. Bytes that are no chunks
    any more are left as they are: whoever decodes them shall judge.
    """
    kept = [SIGNATURE]
    end = len(SIGNATURE)
    for start, end, kind in _chunks(data):
        if kind in _PIXELS or (kind in _LOOK and _is_sound(kind, data[start:end])):
            kept.append(data[start:end])
    return b"".join([*kept, data[end:]])


def _chunks(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """(start, end, kind) of each chunk: its length, its kind, its content and a checksum."""
    start = len(SIGNATURE)
    while start + 12 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, start)
        end = start + 12 + length
        if end > len(data) or not kind.isalpha():
            return
        yield start, end, kind
        if kind == b"IEND":
            return
        start = end


def _is_sound(kind: bytes, chunk: bytes) -> bool:
    content = chunk[8:-4]
    if zlib.crc32(chunk[4:-4]) != int.from_bytes(chunk[-4:], "big"):
        return False
    if kind != b"iCCP":
        return True
    name, _, packed = content.partition(b"\0")
    try:
        unpacker = zlib.decompressobj()
        profile = unpacker.decompress(packed[1:], _MAX_PROFILE + 1)
    except zlib.error:
        return False
    return bool(name) and unpacker.eof and len(profile) <= _MAX_PROFILE
