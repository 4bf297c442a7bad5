"""Outliers, seen from the neighbour graph.

Local outlier factor: Breunig, Kriegel, Ng, Sander, "LOF: identifying density-based local
outliers", 2000. Mean distance to the nearest neighbours: Angiulli, Pizzuti, "Fast outlier
detection in high dimensional spaces", 2002.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from explorer.analysis.declaration import Analysis, Column, Inputs, Result, number
from explorer.analysis.graph import Graph
from explorer.analysis.vectors import Floats

_NO_DISTANCE = 1e-6  # what the graph rounds to: copies are this far apart, not zero


@dataclass(frozen=True, slots=True)
class OutlierSettings:
    """nearest: how many neighbours are looked at. More looks past small groups of odd images."""

    nearest: int = 15


def isolation(graph: Graph, nearest: int = 15) -> Floats:
    """How far every image is from its nearest others: mean cosine distance, (n,) float32, 0 to 2.

    An image without any other is NaN.
    """
    if graph.k == 0:
        return np.full(len(graph), np.nan, dtype=np.float32)
    return np.asarray(1 - graph.nearest(nearest).similarities.mean(axis=1), dtype=np.float32)


def lof(graph: Graph, nearest: int = 15) -> Floats:
    """Local outlier factor, (n,) float32: about 1 is as dense as its neighbours, more is sparser.

    An image without any other is NaN.
    """
    if graph.k == 0:
        return np.full(len(graph), np.nan, dtype=np.float32)
    near = graph.nearest(nearest)
    distances = np.maximum(1 - near.similarities.astype(np.float64), _NO_DISTANCE)
    reach = np.maximum(distances, distances[:, -1][near.neighbors])
    density = 1 / reach.mean(axis=1)
    return np.asarray(density[near.neighbors].mean(axis=1) / density, dtype=np.float32)


def far_out(scores: Floats) -> int:
    """How many scores are beyond Tukey's outer fence: third quartile + 3 interquartile ranges."""
    known = scores[~np.isnan(scores)]
    if len(known) == 0:
        return 0
    first, third = np.percentile(known, [25, 75])
    return int((known > third + 3 * (third - first)).sum())


def _run(inputs: Inputs, settings: OutlierSettings) -> Result:
    score = isolation(inputs.graph, settings.nearest)
    columns = {
        "outlier_score": number(score),
        "local_sparsity": number(lof(inputs.graph, settings.nearest)),
    }
    return Result(columns, {"outliers": float(far_out(score))})


OUTLIERS = Analysis(
    name="outliers",
    version=1,
    title="Outliers",
    explains="Images that have no company: nothing else in the dataset is much like them.",
    settings=OutlierSettings(),
    needs=("graph",),
    columns=(
        Column(
            "outlier_score",
            "number",
            "Outlier score",
            "How unlike its nearest neighbours the image is: mean cosine distance to the 15 "
            "nearest. High means that it stands alone.",
        ),
        Column(
            "local_sparsity",
            "number",
            "Local sparsity",
            "How much emptier it is around the image than around its neighbours (local outlier "
            "factor). 1 is usual; 2 is twice as empty.",
        ),
    ),
    run=_run,
)
