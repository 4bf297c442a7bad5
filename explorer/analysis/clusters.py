"""Clusters: Leiden communities of the neighbour graph, from few to many.

Leiden: Traag, Waltman, van Eck, "From Louvain to Leiden: guaranteeing well-connected communities",
2019, by graspologic-native. Edges weigh the share of neighbours that two images have in common:
Jarvis, Patrick, "Clustering using a similarity measure based on shared near neighbors", 1973.

On planted mixtures with sizes 50 to 1 this found what was planted (adjusted Rand index 0.96 to
1.00) where raw cosine and UMAP's fuzzy weights merged the small clusters or split the large. Of 75
classes of 20 images the finest level finds what k-means finds that is told their number.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from explorer.analysis.declaration import Analysis, Column, Inputs, Result, category
from explorer.analysis.graph import Graph
from explorer.analysis.outliers import isolation
from explorer.analysis.ranges import SEEDS, Settings, within
from explorer.analysis.vectors import Bools, Codes, Floats, Ints

if TYPE_CHECKING:
    from scipy.sparse import csr_array

NOISE = -1

LEVELS = ("cluster_fewest", "cluster_few", "cluster", "cluster_many", "cluster_most")
FINEST = 12.0  # times the resolution: finer than that, groups that belong together fall apart
_LISTS = 30  # neighbours that are looked at; for what is finer than "cluster" half of them
_LISTS_FINE = 15

_BLOCK = 2048


@dataclass(frozen=True, slots=True)
class ClusterSettings(Settings):
    """resolution: more gives more, smaller clusters.

    smallest: groups of fewer images are noise. fence: so are images that are further from their
    neighbours than the third quartile of their cluster by this many interquartile ranges.
    """

    prefix = "clusters"
    resolution: float = within(1.4, 0, 1000, above=True)
    smallest: int = within(5, 1, 1_000_000)
    fence: float = within(1.5, 0, 1000)
    seed: int = within(0, *SEEDS)


def clusters(graph: Graph, settings: ClusterSettings = ClusterSettings()) -> Codes:
    """The cluster of every image: (n,) int32 from 0, by falling size; -1 where it belongs to none.

    The same for the same graph and settings.
    """
    return _levels(graph, settings, ("cluster",))["cluster"]


def _levels(
    graph: Graph, settings: ClusterSettings, names: Sequence[str] = LEVELS
) -> dict[str, Codes]:
    """The clusters at some of the levels, from the coarsest to the finest.

    Long lists of neighbours span several small groups, so the two finest levels look at short ones.
    """
    if graph.k == 0:
        return {name: np.full(len(graph), NOISE, dtype=np.int32) for name in names}
    edges = {
        most: shared_neighbors(graph, most) for most in {_most_looked_at(each) for each in names}
    }
    distance = isolation(graph)
    factors = _factors(len(graph), settings.resolution)

    def level(name: str) -> Codes:
        resolution = settings.resolution * factors[name]
        found = leiden(edges[_most_looked_at(name)], resolution, settings.seed)
        found[_loose(found, distance, settings.fence)] = NOISE
        return _by_size(found, settings.smallest)

    with ThreadPoolExecutor() as pool:  # Leiden lets go of the GIL
        return dict(zip(names, pool.map(level, names), strict=True))


def _most_looked_at(name: str) -> int:
    return _LISTS_FINE if name in LEVELS[3:] else _LISTS


def _factors(n: int, resolution: float) -> dict[str, float]:
    """By how much the resolution is multiplied at each level.

    A resolution of n / s divides what is evenly linked into groups of about s images. The finest
    level goes no further than groups of three times what the lists hold: smaller ones would be cut
    out of the lists themselves, and in a small dataset nearly all of it would be in none.
    """
    finest = float(np.clip(n / (3 * _width(n, _LISTS_FINE) * resolution), 1, FINEST))
    return dict(zip(LEVELS, (0.25, 0.5, 1.0, finest**0.5, finest), strict=True))


def _width(n: int, most: int) -> int:
    """How many neighbours are looked at: at most √n, or lists would span a small dataset."""
    return min(most, max(10, round(n**0.5)))


def leiden(edges: csr_array, resolution: float, seed: int) -> Codes:
    from graspologic_native import leiden_csr

    n = edges.shape[0]
    _, found = leiden_csr(
        edges.indptr.astype(np.int64),
        edges.indices.astype(np.int32),
        edges.data.astype(np.float64),
        n,
        resolution=resolution,
        seed=seed,
    )
    return np.fromiter((found.get(i, NOISE) for i in range(n)), dtype=np.int32, count=n)


def shared_neighbors(graph: Graph, most: int = _LISTS) -> csr_array:
    """The graph as a symmetric (n, n) CSR matrix, weighed by the share of neighbours in common.

    The weight is the Jaccard index of the two lists, each with its own image in it. Of each list at
    most `most` and √n neighbours are looked at, so that it does not span several groups.
    """
    from scipy.sparse import csr_array

    n = len(graph)
    near = graph.nearest(_width(n, most))
    k = near.k
    lists = np.sort(np.hstack([np.arange(n)[:, None], near.neighbors]), axis=1).astype(np.int32)
    common = np.empty((n, k), dtype=np.float32)
    for start in range(0, n, _BLOCK):
        theirs = lists[near.neighbors[start : start + _BLOCK]]
        own = np.broadcast_to(lists[start : start + _BLOCK, None, :], theirs.shape)
        both = np.sort(np.concatenate([own, theirs], axis=2), axis=2)
        common[start : start + _BLOCK] = (both[:, :, 1:] == both[:, :, :-1]).sum(axis=2)
    weights = common / (2 * (k + 1) - common)
    edges = csr_array(
        (weights.ravel(), near.neighbors.ravel(), np.arange(0, n * k + 1, k)), shape=(n, n)
    )
    return edges.maximum(edges.T).tocsr()


def _loose(codes: Codes, distance: Floats, fence: float) -> Bools:
    """Which images stand further off than is usual in their cluster (Tukey's fence)."""
    loose = np.zeros(len(codes), dtype=bool)
    order = np.argsort(codes, kind="stable")
    starts = np.flatnonzero(np.diff(codes[order], prepend=NOISE - 1))
    for rows in np.split(order, starts[1:]):
        first, third = np.percentile(distance[rows], [25, 75])
        loose[rows] = distance[rows] > third + fence * (third - first) + 1e-6
    return loose


def _by_size(codes: Codes, smallest: int) -> Codes:
    """Number clusters by falling size, ties by their first row; too small ones become noise."""
    values, first, counts = np.unique(codes, return_index=True, return_counts=True)
    kept = np.flatnonzero((counts >= smallest) & (values != NOISE))
    order = kept[np.lexsort((first[kept], -counts[kept]))]
    number = np.full(int(values.max(initial=0)) + 2, NOISE, dtype=np.int32)  # the last: for NOISE
    number[values[order]] = np.arange(len(order))
    return number[codes]


def keep_numbers(found: Codes, before: Ints | None) -> Codes:
    """The same clusters, under the numbers that they had before: (n,) int32.

    found: (n,) as by `clusters`; before: (n,) the last result, -1 for images that were in no
    cluster or not there, None if there was none. A cluster keeps a number if the two share more
    than half of their images (of those in a cluster both times): so no two can claim one. Others
    take, by falling size, the lowest numbers that nothing had before.
    """
    if before is None:
        return found
    both = (found != NOISE) & (before != NOISE)
    pairs, common = np.unique(np.stack([found[both], before[both]]), axis=1, return_counts=True)
    here, there = pairs.astype(np.int64)
    all_of = np.bincount(found[both])[here] + np.bincount(before[both])[there] - common
    same = 2 * common > all_of
    count = int(found.max(initial=NOISE)) + 1
    number = np.full(count + 1, NOISE, dtype=np.int32)  # the last: for NOISE
    number[here[same]] = there[same]
    new = np.flatnonzero(number[:-1] == NOISE)
    free = np.setdiff1d(np.arange(count + int(before.max(initial=NOISE)) + 1), before)
    number[new] = free[: len(new)]
    return number[found]


def _run(inputs: Inputs, settings: ClusterSettings) -> Result:
    levels = _levels(inputs.graph, settings)
    figures = {
        "clusters": float(levels["cluster"].max(initial=NOISE) + 1),
        "in_no_cluster": float((levels["cluster"] == NOISE).sum()),
    }
    columns = {
        name: category(keep_numbers(codes, inputs.before(name))) for name, codes in levels.items()
    }
    return Result(columns, figures)


def _column(name: str, title: str, how: str) -> Column:
    return Column(
        name,
        "category",
        title,
        f"A group of images that have many neighbours in common, {how}. Numbered by size at "
        "first; clustering again keeps the numbers of those that stay mostly the same. Images "
        "that stand apart from all groups have none.",
    )


CLUSTERS = Analysis(
    name="clusters",
    version=4,
    title="Clusters",
    explains="Groups of images with many neighbours in common.",
    settings=ClusterSettings(),
    needs=("graph",),
    columns=(
        _column("cluster_fewest", "Clusters, fewest", "as few and large as makes sense"),
        _column("cluster_few", "Clusters, few", "coarser than the usual granularity"),
        _column("cluster", "Cluster", "at the usual granularity"),
        _column("cluster_many", "Clusters, many", "finer than the usual granularity"),
        _column("cluster_most", "Clusters, most", "as many and small as makes sense"),
    ),
    run=_run,
)
