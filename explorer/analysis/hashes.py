"""Picture hashes in all eight orientations, and the pairs of them that are close: by bits alone.

A hash is the signs of the 8 × 8 lowest frequencies of a picture (explorer/images/measures.py). A
mirrored picture has the signs of its odd frequencies turned, a transposed one has its axes
swapped: the hashes of all eight orientations are known from one.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from explorer.analysis.vectors import Ints

Hashes = npt.NDArray[np.uint64]

UPRIGHT_BITS = 6
"""Up to so many differing bits, two images show one picture."""

TURNED_BITS = 4
"""The same where one of them is mirrored or turned: there are seven ways to agree by chance."""

_ODD_COLUMNS = np.uint64(0x5555_5555_5555_5555)
_ODD_ROWS = np.uint64(0x00FF_00FF_00FF_00FF)
_FLIPS = (np.uint64(0), _ODD_COLUMNS, _ODD_ROWS, _ODD_COLUMNS ^ _ODD_ROWS)
_QUARTERS = ((0, 0), (0, 1), (1, 0), (1, 1))  # even and odd rows by even and odd columns
_KEYS = 1 << 16
_ONE_BIT = (0, *(1 << bit for bit in range(16)))
_BLOCK = 1 << 21  # pairs in memory at a time
_MOST = 4096  # hashes looked at that share a quarter: more are versions of them


def orientations(values: Hashes) -> Hashes:
    """The hashes (n,) of the same pictures in all eight orientations: (8, n), upright first.

    Mirrored left to right, upside down, and both (a half turn); then transposed, and the same three
    of that (among them the two quarter turns).
    """
    bits = _bits(values).swapaxes(1, 2).reshape(-1, 64)
    swapped = np.packbits(bits, axis=1).view(">u8")[:, 0].astype(np.uint64)
    return np.stack([each ^ flip for each in (values, swapped) for flip in _FLIPS])


def _bits(values: Hashes) -> npt.NDArray[np.uint8]:
    """(n, 8, 8): rows and columns as in the transform."""
    stored = np.ascontiguousarray(values, ">u8").view(np.uint8).reshape(-1, 8)
    return np.unpackbits(stored, axis=1).reshape(-1, 8, 8)


def close_hashes(values: Hashes) -> Ints:
    """Pairs of places (m, 2) of unequal hashes (n,) that show one picture, upright or turned.

    At most UPRIGHT_BITS differ, or TURNED_BITS in another orientation. Nothing is missed: what
    differs in seven bits or fewer differs in one of four quarters by one bit at most (multi-index
    hashing: Norouzi, Punjani, Fleet, "Fast search in Hamming space with multi-index hashing",
    2012). A flip turns a quarter as a whole, so that one look-up serves four orientations.
    """
    found = [np.empty((0, 2), np.int64)]
    if len(values) < 2:
        return found[0]
    upright, _, _, _, swapped, *_ = orientations(values)
    for others in (upright, swapped):
        for quarter in range(len(_QUARTERS)):
            for rows, places in _sharing(_keys(values, quarter), _keys(others, quarter), quarter):
                differing = values[rows] ^ others[places]
                near = np.bitwise_count(differing[:, None] ^ np.array(_FLIPS)) <= TURNED_BITS
                if others is upright:
                    near[:, 0] = np.bitwise_count(differing) <= UPRIGHT_BITS
                hit = near.any(axis=1) & (rows != places)
                found.append(np.sort(np.stack([rows[hit], places[hit]], axis=1), axis=1))
        found = [np.unique(np.concatenate(found), axis=0)]
    return found[0]


def _keys(values: Hashes, quarter: int) -> Ints:
    """One quarter of each hash, equal for all flips: (n,) 16 bits."""
    row, column = _QUARTERS[quarter]
    bits = _bits(values)[:, row::2, column::2].reshape(-1, 16)
    return _unflipped(np.packbits(bits, axis=1).view(">u2")[:, 0].astype(np.int64), quarter)


def _unflipped(keys: Ints, quarter: int) -> Ints:
    return np.where((quarter > 0) & (keys >= _KEYS // 2), keys ^ (_KEYS - 1), keys)


def _sharing(keys: Ints, others: Ints, quarter: int) -> Iterator[tuple[Ints, Ints]]:
    """Pairs of places whose keys differ by one bit at most, in blocks."""
    order = np.argsort(others, kind="stable")
    starts = np.searchsorted(others[order], np.arange(_KEYS + 1))
    for bit in _ONE_BIT:
        wanted = _unflipped(keys ^ bit, quarter)
        first = starts[wanted]
        counts = np.minimum(starts[wanted + 1] - first, _MOST)
        ends = np.cumsum(counts)
        cuts = np.searchsorted(ends, np.arange(_BLOCK, int(ends[-1]) + _BLOCK, _BLOCK))
        for some in np.split(np.arange(len(keys)), cuts):
            many = counts[some]
            within = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many)
            yield np.repeat(some, many), order[np.repeat(first[some], many) + within]
