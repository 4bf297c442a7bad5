"""Outliers, seen from the neighbour graph.

Two views, since each is blind where the other sees:

- how far an image is from its nearest (Ramaswamy, Rastogi, Shim, "Efficient algorithms for mining
  outliers from large data sets", 2000);
- how much emptier it is around it than around them (Breunig, Kriegel, Ng, Sander, "LOF: identifying
  density-based local outliers", 2000).

On planted outliers the first finds images of another kind (average precision 1.00 where LOF has
0.3), the second what lies between two clusters (0.95 where the first has 0.8); the score, the
larger of the two, comes within 0.03 of the better one on each kind. Views of the whole
(global_views.py) find neither and are never mixed into it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from explorer.analysis.declaration import Analysis, Column, Inputs, Result, number
from explorer.analysis.graph import COPIES, Graph
from explorer.analysis.ranges import NEIGHBORS, check_range
from explorer.analysis.vectors import Floats

_NO_DISTANCE = 1e-6  # what the graph rounds to: copies are this far apart, not zero


@dataclass(frozen=True, slots=True)
class OutlierSettings:
    """nearest: how many neighbours are looked at. More looks past small groups of odd images.

    outlier: the score from which an image is counted as an outlier.
    """

    nearest: int = 15
    outlier: float = 2.0

    def __post_init__(self) -> None:
        check_range("outliers.nearest", self.nearest, 1, NEIGHBORS)
        check_range("outliers.outlier", self.outlier, 0, 1000)


def isolation(graph: Graph, nearest: int = 15) -> Floats:
    """How far every image is from others: mean cosine distance, (n,) float32, 0 to 2.

    Over the `nearest` neighbours, the closest third of them (at most five) left aside, so that a
    handful of copies or siblings don't keep each other company. NaN for an image without others.
    """
    if graph.k == 0:
        return np.full(len(graph), np.nan, dtype=np.float32)
    similarities = graph.nearest(nearest).similarities
    aside = min(COPIES, similarities.shape[1] // 3)
    return np.asarray(1 - similarities[:, aside:].mean(axis=1), dtype=np.float32)


def lof(graph: Graph, nearest: int = 15) -> Floats:
    """Local outlier factor, (n,) float32: about 1 is as dense as its neighbours, more is sparser.

    NaN for an image without others.
    """
    if graph.k == 0:
        return np.full(len(graph), np.nan, dtype=np.float32)
    near = graph.nearest(nearest)
    distances = np.maximum(1 - near.similarities.astype(np.float64), _NO_DISTANCE)
    reach = np.maximum(distances, distances[:, -1][near.neighbors])
    density = 1 / reach.mean(axis=1)
    return np.asarray(density[near.neighbors].mean(axis=1) / density, dtype=np.float32)


def outlier_score(isolated: Floats, sparse: Floats) -> Floats:
    """The larger of two views, each put on the dataset's own scale: (n,) float32.

    0 is the median image and 1 the one that is odder than 95 % of them, so that 2 is twice as far
    out as that. NaN for an image without others.
    """
    return np.asarray(np.maximum(_scaled(isolated), _scaled(sparse)), dtype=np.float32)


def _scaled(values: Floats) -> Floats:
    known = values[~np.isnan(values)]
    if len(known) == 0:
        return values
    middle, high = np.percentile(known, [50, 95])
    return np.asarray((values - middle) / max(high - middle, _NO_DISTANCE), dtype=np.float32)


def _run(inputs: Inputs, settings: OutlierSettings) -> Result:
    isolated = isolation(inputs.graph, settings.nearest)
    sparse = lof(inputs.graph, settings.nearest)
    score = outlier_score(isolated, sparse)
    columns = {
        "outlier_score": number(score),
        "isolation": number(isolated),
        "local_sparsity": number(sparse),
    }
    return Result(columns, {"outliers": float((score >= settings.outlier).sum())})


OUTLIERS = Analysis(
    name="outliers",
    version=2,
    title="Outliers",
    explains="Images that have no company: nothing else in the dataset is much like them.",
    settings=OutlierSettings(),
    needs=("graph",),
    columns=(
        Column(
            "outlier_score",
            "number",
            "Outlier score",
            "How odd the image is among its neighbours, the worse of isolation and local "
            "sparsity: 0 is usual, 1 is odder than 95 % of the dataset, 2 is twice as far out.",
        ),
        Column(
            "isolation",
            "number",
            "Isolation",
            "Mean cosine distance to its nearest images (6th to 15th). Finds images of another "
            "kind than the rest; misses what lies between two dense groups.",
        ),
        Column(
            "local_sparsity",
            "number",
            "Local sparsity",
            "How much emptier it is around the image than around its neighbours (local outlier "
            "factor): 1 is usual, 2 is twice as empty. Finds what lies between groups; misses odd "
            "images that have odd company.",
        ),
    ),
    run=_run,
)
