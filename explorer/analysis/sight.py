"""What single dimensions tell, and why two images are alike: similarity taken apart.

By place: Stylianou, Souvenir, Pless, "Visualizing deep similarity networks", 2019. Where a vector
is the mean of the features at every place of the image, the cosine of two vectors is a sum over
places, and what each place adds can be shown.
"""

from __future__ import annotations

import numpy as np

from explorer.analysis.vectors import Bools, Floats, unit_rows

_DRAWS, _BLOCKS = 999, 9
_ROUNDING = 1e-6


def similarity_by_place(first: Floats, second: Floats) -> tuple[Floats, Floats]:
    """What each place of two images adds to their similarity.

    Takes feature maps (rows, columns, d), whose sizes may differ, and returns (rows, columns)
    float32 for each; each of the two sums to the cosine of the mean features. A place that speaks
    against is negative. All zero where an image has no features at all.
    """
    means = [maps.reshape(-1, maps.shape[-1]).mean(axis=0) for maps in (first, second)]
    scale = float(np.linalg.norm(means[0]) * np.linalg.norm(means[1])) or 1.0
    found = []
    for maps, other in ((first, means[1]), (second, means[0])):
        places = maps.shape[0] * maps.shape[1]
        found.append(np.asarray(maps @ other / (scale * places), dtype=np.float32))
    return found[0], found[1]


def similarity_by_dimension(first: Floats, second: Floats) -> Floats:
    """What each dimension adds to the cosine of two vectors (d,): (d,) float32, its sum."""
    unit = unit_rows(np.stack([first, second]))
    return np.asarray(unit[0] * unit[1], dtype=np.float32)


def standing_out(vectors: Floats, chosen: Bools) -> Floats:
    """How much more of each dimension the chosen rows have than the others: (d,) float32.

    In standard deviations (Cohen's d, "Statistical power analysis for the behavioral sciences",
    1988), of (n, d) vectors at length one. Zero where nothing is chosen, or all is, or a dimension
    is the same in all rows.
    """
    return _standing_out(_standardized(vectors), chosen[None])[0]


def stands_out_by_chance(vectors: Floats, chosen: Bools) -> float:
    """The highest value of `standing_out` that any dimension has for rows chosen at random.

    Of as many rows, in 999 draws: of labels that mean nothing, one in a thousand has a dimension
    that exceeds it, however many dimensions there are and however they are distributed (Westfall,
    Young, "Resampling-based multiple testing", 1993: the distribution of the maximum).
    """
    columns, random = _standardized(vectors), np.random.default_rng(0)
    # Some of the draws at a time: of many images they would not all fit.
    draws = np.array_split(np.broadcast_to(chosen, (_DRAWS, len(chosen))), _BLOCKS)
    highest = (_standing_out(columns, random.permuted(each, axis=1)).max() for each in draws)
    return float(max(highest))


def _standardized(vectors: Floats) -> Floats:
    """Rows at length one, then columns around zero, each with a sum of squares of one.

    Zero where a dimension is the same in all rows.
    """
    unit = unit_rows(vectors)
    unit = unit - unit.mean(axis=0)
    lengths = np.linalg.norm(unit, axis=0)
    still = lengths <= _ROUNDING * np.sqrt(len(unit))
    return np.asarray(np.where(still, 0, unit / np.where(still, 1, lengths)), dtype=np.float32)


def _standing_out(columns: Floats, chosen: Bools) -> Floats:
    """For several choices (m, n) of as many rows each, of (n, d) standardized: (m, d) float32."""
    n, inside = len(columns), int(chosen[0].sum())
    sums = chosen.astype(np.float32) @ columns
    if inside in (0, n):
        return np.zeros_like(sums)
    apart = sums * (n / (inside * (n - inside)))  # of the means: the others have the rest
    within = np.sqrt(np.maximum(1 - apart * sums, _ROUNDING) / max(n - 2, 1))
    return np.asarray(apart / within, dtype=np.float32)
