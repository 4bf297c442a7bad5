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
_PAIRS = 10_000
_FEWEST = 100  # images: among fewer, a hundredth of all pairs may be versions


def version_threshold(vectors: Floats) -> float:
    """The cosine similarity from which two of the vectors (n, d) may show one picture.

    With the default extractor, photos recompressed, resized, cropped by 5 % or made brighter stay
    above 0.9, and different photos below. A histogram of colours finds most photos alike: where one
    pair in a hundred drawn at random reaches q, a version has to lie in the last three tenths of
    the gap between q and 1. The same for the same vectors.
    """
    n = len(vectors)
    if n < _FEWEST:
        return VERSIONS_FROM
    first, second = np.random.default_rng(0).integers(0, n, (2, _PAIRS))
    apart = first != second
    one, other = (unit_rows(vectors[rows[apart]]) for rows in (first, second))
    by_chance = float(np.quantile(np.einsum("nd,nd->n", one, other), 0.99))
    return float(np.clip(round(1 - _GAP * (1 - by_chance), 3), VERSIONS_FROM, _MOST))
