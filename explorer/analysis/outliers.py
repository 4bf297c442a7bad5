"""Outliers, seen from the neighbour graph.

Isolation is how far an image is from its nearest (Ramaswamy, Rastogi, Shim, "Efficient algorithms
for mining outliers from large data sets", 2000); local sparsity how much emptier it is around it
than around them, as a ratio (Breunig, Kriegel, Ng, Sander, "LOF: identifying density-based local
outliers", 2000). Each fails on some kind: isolation calls every wide class odd, and the ratio every
looser photo of a tight one.

So the score takes a difference of distances: how much further an image is from its neighbours than
its neighbours are from theirs. On planted kinds of several sorts (benchmarks/outliers.py) it is as
good as the better of the two on average, and nowhere as far behind as either.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from explorer.analysis.declaration import Analysis, Column, Inputs, Result, number
from explorer.analysis.graph import COPIES, Graph
from explorer.analysis.ranges import NEIGHBORS, Settings, within
from explorer.analysis.vectors import Floats

_NO_DISTANCE = 1e-6  # what the graph rounds to: copies are this far apart, not zero
_USUAL = 0.9  # the share of images that is taken for usual


@dataclass(frozen=True, slots=True)
class OutlierSettings(Settings):
    """nearest: how many neighbours are looked at. More looks past small groups of odd images.

    outlier: the score from which an image is counted as an outlier. At 2, at most one in twenty
    datasets has any in which nothing stands apart.
    """

    prefix = "outliers"
    nearest: int = within(15, 1, NEIGHBORS)
    outlier: float = within(2.0, 0, 1000)


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


def outlier_score(graph: Graph, nearest: int = 15) -> Floats:
    """How much further off an image is than its neighbours are: (n,) float32.

    The difference between its distance to its nearest (Euclidean, of vectors of length one, from
    the mean as in `isolation`) and the median of its neighbours' distances to theirs, on the
    dataset's own scale: 0 is the median image, and 2 four times as far out as nine images in ten
    stay. Odd neighbours don't excuse an image: they count as far off as nine in ten images at most
    are. NaN for an image without others.
    """
    if graph.k == 0:
        return np.full(len(graph), np.nan, dtype=np.float32)
    distance = np.sqrt(2 * np.maximum(isolation(graph, nearest), _NO_DISTANCE))
    theirs = np.median(distance[graph.nearest(nearest).neighbors], axis=1)
    further = distance - np.minimum(theirs, np.quantile(distance, _USUAL))
    middle, high = np.quantile(further, [0.5, _USUAL])
    return np.asarray((further - middle) / max(2 * (high - middle), _NO_DISTANCE), np.float32)


def _run(inputs: Inputs, settings: OutlierSettings) -> Result:
    isolated = isolation(inputs.graph, settings.nearest)
    sparse = lof(inputs.graph, settings.nearest)
    score = outlier_score(inputs.graph, settings.nearest)
    columns = {
        "outlier_score": number(score),
        "isolation": number(isolated),
        "local_sparsity": number(sparse),
    }
    return Result(columns, {"outliers": float((score >= settings.outlier).sum())})


OUTLIERS = Analysis(
    name="outliers",
    version=4,
    title="Outliers",
    explains="Images that have no company: nothing else in the dataset is much like them.",
    settings=OutlierSettings(),
    needs=("graph",),
    columns=(
        Column(
            "outlier_score",
            "number",
            "Outlier score",
            "How much further the image is from its neighbours than they are from theirs: 0 is "
            "usual, nine in ten images are below 0.5, and 2 is four times as far out as that: "
            "where nothing stands apart, hardly a dataset in twenty has such an image.",
        ),
        Column(
            "isolation",
            "number",
            "Isolation",
            "Mean cosine distance to its nearest images (6th to 15th). Finds images of another "
            "kind than the rest; misses what lies between two dense groups, and takes every image "
            "of a varied kind for odd.",
        ),
        Column(
            "local_sparsity",
            "number",
            "Local sparsity",
            "How much emptier it is around the image than around its neighbours (local outlier "
            "factor): 1 is usual, 2 is twice as empty. Finds what lies between groups; takes what "
            "differs a little from a tight group for as odd as an image of another kind.",
        ),
    ),
    run=_run,
)
