"""Clusters: Leiden communities of the neighbour graph.

Leiden: Traag, Waltman, van Eck, "From Louvain to Leiden: guaranteeing well-connected communities",
2019, by graspologic-native.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from explorer.analysis.declaration import Analysis, Column, Inputs, Result, category
from explorer.analysis.graph import Graph
from explorer.analysis.vectors import Floats, Ints, unit_rows

NOISE = -1


@dataclass(frozen=True, slots=True)
class ClusterSettings:
    """resolution: more gives more, smaller clusters; smallest: fewer images than this are noise."""

    resolution: float = 1.0
    smallest: int = 5
    seed: int = 0


def clusters(graph: Graph, settings: ClusterSettings = ClusterSettings()) -> npt.NDArray[np.int32]:
    """The cluster of every image: (n,) int32 from 0, by falling size; -1 where it belongs to none.

    The same for the same graph and settings.
    """
    from graspologic_native import leiden_csr

    n = len(graph)
    if n == 0 or graph.k == 0:
        return np.full(n, NOISE, dtype=np.int32)
    edges = shared_neighbours(graph.nearest(15))
    _, found = leiden_csr(
        edges.indptr.astype(np.int64),
        edges.indices.astype(np.int32),
        edges.data.astype(np.float64),
        n,
        resolution=settings.resolution,
        seed=settings.seed,
    )
    codes = np.fromiter((found.get(i, NOISE) for i in range(n)), dtype=np.int64, count=n)
    return _by_size(codes, settings.smallest)


def shared_neighbours(graph: Graph) -> Any:
    """The graph as a symmetric (n, n) CSR matrix: an edge weighs the share of neighbours shared."""
    from scipy.sparse import csr_array

    n, k = graph.neighbors.shape
    itself = np.arange(n)[:, None]
    lists = np.hstack([itself, graph.neighbors])
    rows = np.repeat(np.arange(n), k + 1)
    member = csr_array((np.ones(rows.size, dtype=np.float32), (rows, lists.ravel())), shape=(n, n))
    either = ((member + member.T) > 0).astype(np.float32)
    common = (member @ member.T).multiply(either).tocsr()
    common.data = common.data / (2 * (k + 1) - common.data)
    common.setdiag(0)
    common.eliminate_zeros()
    common.sort_indices()
    return common


def _by_size(codes: Ints, smallest: int) -> npt.NDArray[np.int32]:
    """Number clusters by falling size, ties by their first row; too small ones become noise."""
    values, first, counts = np.unique(codes, return_index=True, return_counts=True)
    kept = np.flatnonzero((counts >= smallest) & (values != NOISE))
    order = kept[np.lexsort((first[kept], -counts[kept]))]
    lookup = dict(zip(values[order].tolist(), range(len(order)), strict=True))
    return np.array([lookup.get(code, NOISE) for code in codes.tolist()], dtype=np.int32)


def medoids(vectors: Floats, codes: npt.NDArray[np.int32]) -> Ints:
    """For each cluster 0, 1, …, the row most similar to its mean: (c,) int64."""
    unit = unit_rows(vectors)
    count = int(codes.max(initial=NOISE)) + 1
    found = np.empty(count, dtype=np.int64)
    for cluster in range(count):
        rows = np.flatnonzero(codes == cluster)
        found[cluster] = rows[np.argmax(unit[rows] @ unit[rows].mean(axis=0))]
    return found


def _run(inputs: Inputs, settings: ClusterSettings) -> Result:
    codes = clusters(inputs.graph, settings)
    figures = {
        "clusters": float(codes.max(initial=NOISE) + 1),
        "in_no_cluster": float((codes < 0).sum()),
    }
    return Result({"cluster": category(codes)}, figures)


CLUSTERS = Analysis(
    name="clusters",
    version=1,
    title="Clusters",
    explains="Groups of images with many neighbours in common.",
    settings=ClusterSettings(),
    needs=("graph",),
    columns=(
        Column(
            "cluster",
            "category",
            "Cluster",
            "A group of images that have many neighbours in common; numbered by size, 0 is the "
            "largest.",
        ),
    ),
    run=_run,
)
