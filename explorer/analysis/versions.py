"""From which similarity two images may be versions of one picture. It depends on the space."""

from __future__ import annotations

import numpy as np

from explorer.analysis.graph import COPIES
from explorer.analysis.vectors import Floats, Ints, unit_rows

FITS_THE_SPACE = 0.0
"""As a threshold: take what `version_threshold` says."""

VERSIONS_FROM = 0.9
"""Nowhere less than that."""

_CLOSEST = 1e-6  # gaps below are floating-point noise
_SAMPLE = 3_000
_FEWEST = 20  # different pictures: fewer tell too little
_NEAREST, _NEAREST_OF_FEW = 15, 8  # so far around an image others are as dense as at it
_OF_ALL = 4  # one in so many is near
_BY_CHANCE = 0.02  # pairs among all images


def version_threshold(vectors: Floats, pictures: Ints | None = None) -> float:
    """The cosine similarity from which two of the vectors (n, d) may show one picture.

    With the default extractor, photos recompressed, resized, cropped by 5 % or made brighter stay
    above 0.9, and different photos below. Elsewhere unrelated images come nearer: those of few
    directions, or very many. So it is at least the similarity from which on one pair is expected in
    fifty datasets of as many images, spread as densely and evenly: see `_by_chance`.

    However many copies there are, they must not move it: it is read off images of which none is
    within that gap of another. At first none is within 0.1 of another; the gap that this gives is
    smaller or the same, and images are chosen again with it until it stays. Where copies end and
    other images begin, there is a space between the two, and the choice stays the same. `pictures`
    (n,) are codes, equal where the pixels are known to show one picture: one image of each is
    looked at. The same for the same vectors.
    """
    rows = np.arange(len(vectors))
    if pictures is not None:
        rows = np.unique(pictures, return_index=True)[1]
    if len(rows) < _FEWEST:
        return VERSIONS_FROM
    sample = np.random.default_rng(0).permutation(rows)[:_SAMPLE]
    unit = unit_rows(vectors[sample])
    gaps = np.maximum(1 - unit @ unit.T, _CLOSEST)
    gap = 1 - VERSIONS_FROM
    while gap > _CLOSEST:
        apart = _apart(gaps, gap)
        if len(apart) < _FEWEST:
            gap /= 2
            continue
        # Of the others as many will be new as are alone in the sample (Good, "The population
        # frequencies of species and the estimation of population parameters", 1953).
        alone = ((gaps <= gap).sum(axis=1) == 1).sum()
        new = alone / len(sample) * (len(rows) - len(sample))
        fitting = _by_chance(gaps[np.ix_(apart, apart)], 1 + new / len(apart))
        if fitting >= 0.99 * gap:
            break
        gap = max(fitting, _CLOSEST)
    digits = 1 - np.floor(np.log10(gap))  # two that count
    return float(1 - np.floor(gap * 10**digits + _CLOSEST) / 10**digits)


def _apart(gaps: Floats, least: float) -> Ints:
    """Rows of which none is within `least` of another, and all others are within it of one.

    Those with the most company first: they stand in the middle of their copies.
    """
    near = gaps <= least
    free = np.ones(len(gaps), bool)
    chosen = []
    for row in np.argsort(-near.sum(axis=1), kind="stable").tolist():
        if free[row]:
            chosen.append(row)
            free &= ~near[row]
    return np.array(chosen, np.int64)


def _by_chance(gaps: Floats, more: float) -> float:
    """The gap within which no pair is to be expected, where (m, m) are the gaps between images of
    which there are `more` times as many.

    Around each image others are as dense as to its 15th nearest, and become fewer with a power of
    the gap: by maximum likelihood (Levina, Bickel, "Maximum likelihood estimation of intrinsic
    dimension", 2004), all images together (MacKay, Ghahramani, comments on it, 2005). The five
    nearest count as nearer than the sixth, by whatever: they may be copies.
    """
    from scipy.special import logsumexp

    k = int(np.clip(len(gaps) // _OF_ALL, _NEAREST_OF_FEW, _NEAREST))
    others = gaps + np.diag(np.full(len(gaps), np.inf, np.float32))
    near = np.sort(np.partition(others, k - 1)[:, :k]).astype(np.float64)
    reach = near[:, -1]
    nearer = np.log(reach[:, None] / near[:, COPIES:-1])
    known = nearer.sum() + COPIES * nearer[:, 0].sum()
    power = (k - COPIES - 1) * len(gaps) / max(known, _CLOSEST)
    # Of `more` times as many images each has that many times more others around it.
    # In logarithms: where many are equally near, the power is beyond all numbers.
    pairs = logsumexp(-power * np.log(reach / reach.max())) + np.log(more**2 / 2 * (k - 1))
    return float(reach.max() * np.exp((np.log(_BY_CHANCE) - pairs) / power))
