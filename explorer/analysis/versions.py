"""From which similarity two images may be versions of one picture. It depends on the space."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from explorer.analysis.vectors import Floats, Ints, unit_rows

FITS_THE_SPACE = 0.0
"""As a threshold: take what `version_threshold` says."""

VERSIONS_FROM = 0.9
"""Nowhere less than that."""

_MOST = 0.999
_GAP = 0.3  # how much of the gap between chance and identity a version may take up
_TENTH_TO_HUNDREDTH = 2.326 / 1.282  # of a normal distribution, in standard deviations
_SAMPLE = 3_000
_FEWEST = 20  # different pictures: fewer tell too little


def version_threshold(vectors: Floats, pictures: Ints | None = None) -> float:
    """The cosine similarity from which two of the vectors (n, d) may show one picture.

    With the default extractor, photos recompressed, resized, cropped by 5 % or made brighter stay
    above 0.9, and different photos below. A histogram of colours finds most photos alike: where one
    pair of unrelated images in a hundred reaches q, a version has to lie in the last three tenths
    of the gap between q and 1.

    However many copies there are, they must not move q: it is read off images of which none is
    within that gap of another. At first none is within 0.1 of another; the gap that this gives is
    smaller or the same, and images are chosen again with it until it stays. Where copies end and
    other images begin, there is a space between the two, and the choice stays the same. `pictures`
    (n,) are codes, equal where the pixels are known to show one picture: one image of each is
    looked at. q is read off the middle of the gaps, which are nearly log-normal. The same for the
    same vectors.
    """
    rows = np.arange(len(vectors))
    if pictures is not None:
        rows = np.unique(pictures, return_index=True)[1]
    if len(rows) < _FEWEST:
        return VERSIONS_FROM
    sample = np.random.default_rng(0).permutation(rows)[:_SAMPLE]
    unit = unit_rows(vectors[sample])
    gaps = np.maximum(1 - unit @ unit.T, 1e-6)
    gap = 1 - VERSIONS_FROM
    while gap > 1 - _MOST:
        apart = _apart(gaps, gap)
        if len(apart) < _FEWEST:
            gap /= 2
            continue
        fitting = _GAP * _by_chance(gaps[np.ix_(apart, apart)])
        if fitting >= 0.99 * gap:
            break
        gap = fitting
    return float(np.clip(round(1 - gap, 3), VERSIONS_FROM, _MOST))


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


def _by_chance(gaps: npt.NDArray[np.float32]) -> float:
    """What a hundredth of the gaps (m, m) between different rows stay below."""
    pairs = gaps[np.triu_indices(len(gaps), 1)]
    median, tenth = np.quantile(pairs, [0.5, 0.1])
    return float(median * (tenth / median) ** _TENTH_TO_HUNDREDTH)
