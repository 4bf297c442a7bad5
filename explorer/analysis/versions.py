"""From which similarity two images may be versions of one picture. It depends on the space."""

from __future__ import annotations

import numpy as np

from explorer.analysis.vectors import Floats, unit_rows

FITS_THE_SPACE = 0.0
"""As a threshold: take what `version_threshold` says."""

VERSIONS_FROM = 0.9
"""Nowhere less than that."""

_MOST = 0.999
_GAP = 0.3  # how much of the gap between chance and identity a version may take up
_TENTH_TO_HUNDREDTH = 2.326 / 1.282  # of a normal distribution, in standard deviations
_PAIRS = 10_000
_FEWEST = 100  # images: fewer tell too little


def version_threshold(vectors: Floats) -> float:
    """The cosine similarity from which two of the vectors (n, d) may show one picture.

    With the default extractor, photos recompressed, resized, cropped by 5 % or made brighter stay
    above 0.9, and different photos below. A histogram of colours finds most photos alike: where one
    pair of unrelated images in a hundred reaches q, a version has to lie in the last three tenths
    of the gap between q and 1. Many copies must not move q, so it is read off the middle of what
    pairs drawn at random reach, whose gaps to 1 are nearly log-normal. The same for the same
    vectors.
    """
    n = len(vectors)
    if n < _FEWEST:
        return VERSIONS_FROM
    first, second = np.random.default_rng(0).integers(0, n, (2, _PAIRS))
    apart = first != second
    one, other = (unit_rows(vectors[rows[apart]]) for rows in (first, second))
    gaps = np.maximum(1 - np.einsum("nd,nd->n", one, other), 1e-6)
    median, tenth = np.quantile(gaps, [0.5, 0.1])
    by_chance = float(median * (tenth / median) ** _TENTH_TO_HUNDREDTH)
    return float(np.clip(round(1 - _GAP * by_chance, 3), VERSIONS_FROM, _MOST))
