"""Which images show one picture, told by their pixels: by the hashes of all orientations.

Whatever an extractor makes of small, mirrored or turned copies, they are found.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from explorer.analysis.graph import Graph, connected
from explorer.analysis.hashes import (
    TURNED_BITS,
    UPRIGHT_BITS,
    Hashes,
    close_hashes,
    orientations,
)
from explorer.analysis.vectors import Floats, Ints
from explorer.analysis.versions import VERSIONS_FROM

Mask = npt.NDArray[np.bool_]

LIKELY_BITS = 10
"""So many bits may differ where the extractor finds two images `VERSIONS_FROM` alike, too."""

NO_HASH = -1
_BITS = 64
_CONTRAST = 1.5
"""Versions differ by no more than this factor: a drawing in grey is not the one in black."""


@dataclass(frozen=True, slots=True)
class Pictures:
    """The hashes of n images, and which of them are close.

    turned: (8, n) the hash in all orientations, upright first. code: (n,) int64, equal for equal
    hashes, `NO_HASH` for what has none. links: (m, 2) codes of close hashes, each pair once.
    contrast: (n,), which no hash tells. content: (n,) codes, equal for equal files.
    """

    turned: Hashes
    code: Ints
    links: Ints
    contrast: Floats
    content: Ints

    def among(self, rows: Ints) -> Pictures:
        """The same of some rows, numbered anew."""
        return Pictures(
            self.turned[:, rows],
            self.code[rows],
            self.links,
            self.contrast[rows],
            self.content[rows],
        )

    @property
    def known(self) -> Mask:
        """Which images have a hash: (n,)."""
        return self.code != NO_HASH

    def upright(self, rows: Ints, others: Ints) -> Ints:
        """How many of 64 bits differ between rows and others, both (m,): (m,).

        All, where a hash is not known, and where one has much more contrast than the other.
        """
        return self._differing(self.turned[:1], rows, others)

    def otherwise(self, rows: Ints, others: Ints) -> Ints:
        """The same in the best of the other seven orientations: mirrored or turned."""
        return self._differing(self.turned[1:], rows, others)

    def _differing(self, turned: Hashes, rows: Ints, others: Ints) -> Ints:
        differing = np.bitwise_count(turned[:, rows] ^ self.turned[0, others]).min(axis=0)
        one, other = self.contrast[rows], self.contrast[others]
        comparable = self.known[rows] & self.known[others]
        comparable &= np.maximum(one, other) <= _CONTRAST * np.minimum(one, other)
        return np.where(comparable, differing.astype(np.int64), _BITS)

    def likely(self, rows: Ints, others: Ints, similarity: Floats) -> Mask:
        """Whether they are alike to the extractor and by their pixels: (m,)."""
        found = similarity >= VERSIONS_FROM
        found[found] = self.upright(rows[found], others[found]) <= LIKELY_BITS
        return found

    def same(self, rows: Ints, others: Ints, similarity: Floats) -> Mask:
        """Whether rows and others, both (m,) and so similar, show one picture: (m,).

        No threshold has a say that was found in the data.
        """
        found = self.likely(rows, others, similarity) | (self.content[rows] == self.content[others])
        found |= self.upright(rows, others) <= UPRIGHT_BITS
        return found | (self.otherwise(rows, others) <= TURNED_BITS)

    def row_links(self) -> Ints:
        """Pairs of rows (p, 2) along which all that is close can be reached."""
        rows = np.flatnonzero(self.known)
        codes, first = np.unique(self.code[rows], return_index=True)
        there = np.isin(self.links, codes).all(axis=1)
        between = rows[first[np.searchsorted(codes, self.links[there])]]
        every = np.arange(len(self.code))
        alike = _to_first(rows, self.code[rows])
        return np.concatenate([alike, _to_first(every, self.content), between])

    def groups(self) -> Ints:
        """(n,) codes from 0, equal for all that is linked; one of its own for what has no hash."""
        return connected(len(self.code), self.row_links())


def _to_first(rows: Ints, codes: Ints) -> Ints:
    """Pairs of each row (m,) and the first one with the same code, where that is another one."""
    _, first, place = np.unique(codes, return_index=True, return_inverse=True)
    pairs = np.stack([rows, rows[first[place]]], axis=1)
    return pairs[pairs[:, 0] != pairs[:, 1]]


def read_pictures(
    texts: Sequence[str | None],
    *,
    contrast: npt.ArrayLike | None = None,
    content: npt.ArrayLike | None = None,
) -> Pictures:
    """From what is stored of n images: hashes of 16 hex digits each, None for none.

    contrast: (n,), by default all alike; content: (n,) codes, equal for equal files, by default
    none equal.
    """
    n = len(texts)
    known = np.array([text is not None for text in texts], dtype=bool)
    values = np.array([int(text or "0", 16) for text in texts], dtype=np.uint64)
    unequal, code = np.unique(values[known], return_inverse=True)
    codes = np.full(n, NO_HASH, np.int64)
    codes[known] = code
    return Pictures(
        orientations(values),
        codes,
        close_hashes(unequal),
        np.asarray(np.ones(n) if contrast is None else contrast, np.float32),
        np.asarray(np.arange(n) if content is None else content, np.int64),
    )


def close_pairs(graph: Graph, threshold: float, pictures: Pictures) -> Ints:
    """Pairs of rows (m, 2) in the graph that are so similar, or likely show one picture."""
    row, place = np.nonzero(graph.similarities >= min(threshold, VERSIONS_FROM))
    other, similarity = graph.neighbors[row, place], graph.similarities[row, place]
    close = (similarity >= threshold) | pictures.likely(row, other, similarity)
    return np.stack([row, other], axis=1)[close]
