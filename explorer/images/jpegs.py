"""JPEG files without an end: which of them have all their lines."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import simplejpeg

END = b"\xff\xd9"

# What ends a run of coded data: a marker that is neither stuffing nor a restart (ITU-T T.81, B.1).
_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
_SOS, _EOI = 0xDA, 0xD9
_PROGRESSIVE = (0xC2, 0xCA)
_FRAMES = frozenset({0xC0, 0xC1, 0xC2, 0xC9, 0xCA})
# Markers of segments that may come between scans: tables, comments, what applications note.
_BETWEEN = frozenset({0xC4, 0xCC, 0xDA, 0xDB, 0xDC, 0xDD, 0xFE, *range(0xE0, 0xF0)})

_EXTRANEOUS = re.compile(r"(\d+) extraneous bytes before marker 0xd9")
_READ_AHEAD = 8  # bytes that libjpeg may have taken from behind the last that it needed
_LOOKED_AT = 16


@dataclass
class _Scans:
    """What the scans of a file have told so far of each component's 64 frequencies."""

    progressive: bool = False
    components: int = 0
    # (component, frequency) that is there to its last bit
    told: set[tuple[int, int]] = field(default_factory=set)

    def take(self, segment: bytes) -> None:
        """A header of a scan: components, first and last frequency, bits that are still to come."""
        count = segment[0]
        first, last, bits = segment[1 + 2 * count : 4 + 2 * count]
        if not self.progressive:
            first, last = 0, 63
        if bits & 15 == 0 or not self.progressive:
            named = segment[1 : 1 + 2 * count : 2]
            self.told |= {(name, place) for name in named for place in range(first, last + 1)}

    @property
    def are_complete(self) -> bool:
        return self.components > 0 and len(self.told) == 64 * self.components


def with_end(data: bytes) -> bytes | None:
    """A JPEG that only lacks its end marker, with it, and without what follows; None if it has one.

    None, too, for one that is damaged before its end: that is for others to judge.

    Raises ValueError for a file that lacks more: lines, or the later scans of a progressive one.
    """
    scans = _Scans()
    place = 2
    while True:
        found = _MARKER.search(data, place)
        if found is None:
            after = data
            break
        code = data[found.start() + 1]
        if code == _EOI:
            return None
        if code not in _BETWEEN and code not in _FRAMES:
            after = data[: found.start()]  # of whatever was put behind it
            break
        size = int.from_bytes(data[found.end() : found.end() + 2], "big")
        segment = data[found.end() + 2 : found.end() + size]
        if size < 2 or len(segment) < size - 2:
            after = data[: found.start()]
            break
        if code in _FRAMES:
            scans.progressive, scans.components = code in _PROGRESSIVE, segment[5]
        elif code == _SOS:
            scans.take(segment)
        place = found.end() + size
    if scans.are_complete and _has_all_lines(after, scans.components):
        return after + END
    if END in data[len(after) :]:
        return None
    raise ValueError("truncated")


def _has_all_lines(data: bytes, components: int) -> bool:
    """Does the coded data reach to the last line? libjpeg tells where it found no more."""
    try:
        simplejpeg.decode_jpeg(
            data + END, "CMYK" if components == 4 else "GRAY", min_height=1, min_width=1
        )
    except ValueError as error:
        extraneous = _EXTRANEOUS.search(str(error))
        return extraneous is not None and not _is_filling(data, int(extraneous[1]))
    return True


def _is_filling(data: bytes, behind: int) -> bool:
    """Were the last lines made of zeros or text, as when a download's place was kept free?

    `behind` bytes come after the last that were decoded. Coded data looks like noise.
    """
    end = len(data) - behind - _READ_AHEAD
    last = data[max(0, end - _LOOKED_AT) : end]
    return sum(byte == 0 or 32 <= byte < 127 for byte in last) >= _LOOKED_AT - 1
