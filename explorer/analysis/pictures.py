"""Which images show one picture, told by their pixels: by the hashes of all orientations.

Whatever an extractor makes of small, mirrored or turned copies, they are found.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from explorer.analysis.declaration import Inputs
from explorer.analysis.graph import Graph, connected
from explorer.analysis.hashes import TURNED_BITS, UPRIGHT_BITS, Hashes, close_hashes, orientations
from explorer.analysis.vectors import Bools, Floats, Ints
from explorer.analysis.versions import VERSIONS_FROM

LIKELY_BITS = 10
"""So many bits may differ where the extractor finds two images `VERSIONS_FROM` alike, too."""

NO_HASH = -1
_BLOCK = 1 << 20  # pairs in memory at a time
_BITS = 64

# What no hash tells. Versions of a picture differ in nothing by more than so many steps: of the
# logarithm of the contrast, half as much again (a drawing in grey is not the one in black), and of
# the log-odds of each mean alpha: by about 9 % of what is drawn, or of what is transparent.
_MOST_STEPS = 8
_CONTRAST_STEP = math.log(1.5) / _MOST_STEPS
_ALPHA_STEP = 0.09 / _MOST_STEPS
_LEAST_ALPHA = 0.001  # less of what is drawn, or of what is transparent, is none
_ALPHAS = 5


@dataclass(frozen=True, slots=True)
class Pictures:
    """The hashes of n images, and which of them are close.

    turned: (8, n) the hash in all orientations, upright first. steps: (n, 6) of contrast and of
    mean alphas, NaN where not known. code: (n,) int64, equal for equal hashes and steps, `NO_HASH`
    for what has no hash. links: (m, 2) codes of what shows one picture, each pair once. content:
    (n,) codes, equal for equal files.
    """

    turned: Hashes
    steps: Floats
    code: Ints
    links: Ints
    content: Ints

    def among(self, rows: Ints) -> Pictures:
        """The same of some rows, numbered anew."""
        return Pictures(
            self.turned[:, rows], self.steps[rows], self.code[rows], self.links, self.content[rows]
        )

    @property
    def known(self) -> Bools:
        """Which images have a hash: (n,)."""
        return self.code != NO_HASH

    def upright(self, rows: Ints, others: Ints) -> Ints:
        """How many of 64 bits differ between rows and others, both (m,): (m,).

        All, where a hash is not known, and where contrast or transparency differ too much.
        """
        return self._differing(self.turned[:1], rows, others)

    def otherwise(self, rows: Ints, others: Ints) -> Ints:
        """The same in the best of the other seven orientations: mirrored or turned."""
        return self._differing(self.turned[1:], rows, others)

    def _differing(self, turned: Hashes, rows: Ints, others: Ints) -> Ints:
        differing = np.bitwise_count(turned[:, rows] ^ self.turned[0, others]).min(axis=0)
        comparable = self.known[rows] & self.known[others]
        comparable &= _comparable(self.steps[rows], self.steps[others])
        return np.where(comparable, differing.astype(np.int64), _BITS)

    def likely(self, rows: Ints, others: Ints, similarity: Floats) -> Bools:
        """Whether they are alike to the extractor and by their pixels: (m,)."""
        found = similarity >= VERSIONS_FROM
        found[found] = self.upright(rows[found], others[found]) <= LIKELY_BITS
        return found

    def same(self, rows: Ints, others: Ints, similarity: Floats) -> Bools:
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
    alpha: Floats | None = None,
    content: npt.ArrayLike | None = None,
) -> Pictures:
    """From what is stored of n images: hashes of 16 hex digits each, None for none.

    contrast: (n,); alpha: (n, 5), see `read_alpha`; NaN where not known, by default for all, which
    makes no difference. content: (n,) codes, equal for equal files, by default none equal.
    """
    n = len(texts)
    known = np.flatnonzero([text is not None for text in texts])
    values = np.array([int(text or "0", 16) for text in texts], dtype=np.uint64)
    steps = _steps(n, contrast, alpha)
    unequal, hash_code = np.unique(values[known], return_inverse=True)
    looks = np.column_stack([hash_code, np.nan_to_num(steps[known], nan=-np.inf)])
    _, first, code = np.unique(looks, axis=0, return_index=True, return_inverse=True)
    codes = np.full(n, NO_HASH, np.int64)
    codes[known] = code.ravel()
    found = _pairs_of_looks(close_hashes(unequal), hash_code[first])
    stepped = steps[known[first]]
    links = np.concatenate([pairs[_comparable(*stepped[pairs.T])] for pairs in found])
    alike = np.arange(n) if content is None else content
    return Pictures(orientations(values), steps, codes, links, np.asarray(alike, np.int64))


def pictures_of(inputs: Inputs) -> Pictures:
    """The same of the images of an analysis, from what was measured before it and their files."""
    return read_pictures(
        inputs.columns["picture_hash"].tolist(),
        contrast=inputs.columns["contrast"],
        alpha=inputs.alpha,
        content=inputs.content,
    )


def read_alpha(texts: Sequence[str | None]) -> Floats:
    """How opaque n images are, by what is stored of each: (n, 5), from 0 to 1.

    texts: 20 hex digits, the mean alpha of the quarters, the most opaque first, and of the middle;
    None where not known, which gives NaN.
    """
    unknown = [math.nan] * _ALPHAS
    parsed = {
        text: np.frombuffer(bytes.fromhex(text), ">u2") / 0xFFFF if text else unknown
        for text in {*texts}
    }
    return np.array([parsed[text] for text in texts], np.float32).reshape(-1, _ALPHAS)


def _steps(n: int, contrast: npt.ArrayLike | None, alpha: Floats | None) -> Floats:
    """See `Pictures`."""
    steps = np.full((n, 1 + _ALPHAS), np.nan, np.float32)
    if contrast is not None:
        light = np.maximum(np.asarray(contrast, np.float64), 1e-6)
        steps[:, 0] = np.round(np.log(light) / _CONTRAST_STEP)
    if alpha is not None:
        drawn = np.clip(alpha.astype(np.float64), _LEAST_ALPHA, 1 - _LEAST_ALPHA)
        steps[:, 1:] = np.round(np.log(drawn / (1 - drawn)) / _ALPHA_STEP)
    return steps


def _comparable(one: Floats, other: Floats) -> Bools:
    """Whether what (m, 6) steps are of may be one picture: (m,)."""
    return ~(np.abs(one - other) > _MOST_STEPS).any(axis=1)


def _pairs_of_looks(links: Ints, hash_code: Ints) -> Iterator[Ints]:
    """Pairs of looks (m, 2) that have one hash, or close ones, each pair once; some at a time.

    links: (l, 2) codes of close hashes; hash_code: (k,) that of each look, ascending.
    """
    counts = np.bincount(hash_code, minlength=int(links.max(initial=-1)) + 1)
    starts = np.cumsum(counts) - counts
    several = np.flatnonzero(counts > 1)
    close = np.concatenate([links, np.stack([several, several], axis=1)])
    blocks = np.cumsum(counts[close].prod(axis=1)) // _BLOCK
    for some in np.split(close, np.flatnonzero(np.diff(blocks)) + 1):
        one, other = some.T
        many = counts[one] * counts[other]
        within = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many)
        one, other = np.repeat(one, many), np.repeat(other, many)
        first = starts[one] + within // counts[other]
        second = starts[other] + within % counts[other]
        yield np.stack([first, second], axis=1)[first < second]


def close_pairs(graph: Graph, threshold: float, pictures: Pictures) -> Ints:
    """Pairs of rows (m, 2) in the graph that are so similar, or likely show one picture."""
    row, place = np.nonzero(graph.similarities >= min(threshold, VERSIONS_FROM))
    other, similarity = graph.neighbors[row, place], graph.similarities[row, place]
    close = (similarity >= threshold) | pictures.likely(row, other, similarity)
    return np.stack([row, other], axis=1)[close]
