"""What single dimensions tell, and why two images are alike: similarity taken apart.

By place: Stylianou, Souvenir, Pless, "Visualizing deep similarity networks", 2019. Where a vector
is the mean of the features at every place of the image, the cosine of two vectors is a sum over
places, and what each place adds can be shown.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from explorer.analysis.vectors import Floats, unit_rows

Bools = npt.NDArray[np.bool_]


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
    if chosen.all() or not chosen.any():
        return np.zeros(vectors.shape[1], dtype=np.float32)
    unit = unit_rows(vectors)
    inside, outside = unit[chosen], unit[~chosen]
    squares = sum(((each - each.mean(axis=0)) ** 2).sum(axis=0) for each in (inside, outside))
    spread = np.sqrt(squares / max(len(unit) - 2, 1))
    apart = inside.mean(axis=0) - outside.mean(axis=0)
    still = spread <= 1e-6  # only rounding differs
    return np.asarray(np.where(still, 0, apart / np.where(still, 1, spread)), dtype=np.float32)
