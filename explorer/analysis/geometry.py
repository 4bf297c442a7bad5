"""What shape a space has: how many directions it really uses, and whether it has hubs.

Intrinsic dimension: TwoNN (Facco, d'Errico, Rodriguez, Laio, "Estimating the intrinsic dimension of
datasets by a minimal neighborhood information", 2017). Hubness: Radovanović, Nanopoulos, Ivanović,
"Hubs in space: popular nearest neighbors in high-dimensional data", 2010.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from explorer.analysis.graph import Graph

_FEWEST = 20  # images: below, a line through their distances says nothing
_KEPT = 0.9  # of the ratios: the largest tell of outliers, not of the space


@dataclass(frozen=True, slots=True)
class Hubness:
    """Of how many lists of the k nearest an image is part.

    skewness: 0 if all are alike, above 1 or 2 if a few images are near everything. never: the share
    of images that are in nobody's list. most: the largest number of lists that one image is in.
    """

    skewness: float
    never: float
    most: int


def intrinsic_dimension(graph: Graph) -> float:
    """How many dimensions the images fill, by how much farther the second nearest is.

    Distances are straight ones between vectors of length one. Copies of one picture tell nothing
    and are left out. NaN for fewer than 20 images that are left.
    """
    if graph.k < 2:
        return float("nan")
    distances = np.sqrt(np.maximum(2 - 2 * graph.similarities[:, :2].astype(np.float64), 0))
    nearest, second = distances[distances[:, 0] > 0].T
    n = len(nearest)
    if n < _FEWEST:
        return float("nan")
    ratios = np.sort(np.log(second / nearest))[: int(_KEPT * n)]
    surplus = -np.log1p(-np.arange(1, len(ratios) + 1) / n)
    scale = float(ratios @ ratios)
    return float(ratios @ surplus) / scale if scale > 0 else float("nan")


def hubness(graph: Graph, *, k: int = 10) -> Hubness:
    """How unevenly images occur among the k nearest of others. NaN where there are no others."""
    lists = graph.nearest(k).neighbors
    if lists.size == 0:
        return Hubness(float("nan"), float("nan"), 0)
    counts = np.bincount(lists.ravel(), minlength=len(graph)).astype(np.float64)
    apart = counts - counts.mean()
    spread = float(np.sqrt((apart**2).mean()))
    skewness = float((apart**3).mean()) / spread**3 if spread > 0 else 0.0
    return Hubness(skewness, float((counts == 0).mean()), int(counts.max()))
