"""Choosing rows that stand for all: the far apart, the representative, and even or fair shares.

- `k_centers`: each next row is the one farthest from all that are chosen (Gonzalez, "Clustering to
  minimize the maximum intercluster distance", 1985): the farthest distance left is at most twice
  the smallest possible. It looks for the edges, and so takes outliers first.
- `facility_location`: each next row is the one that raises most the similarity of all rows to their
  nearest chosen one, by lazy greedy (Minoux, "Accelerated greedy algorithms for maximizing
  submodular set functions", 1978): at least 1 - 1/e of the best possible. It looks for the middles.
"""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from explorer.analysis.graph import Graph
from explorer.analysis.vectors import Floats, Ints

if TYPE_CHECKING:
    from scipy.sparse import csr_array

_BLOCK = 8192
_CENTERS = 1024  # multiplied with a block at once
_POOL = 4096
_TAKEN = np.float32(np.inf)  # as near as can be, so never the farthest

NO_ROWS: Ints = np.empty(0, np.int64)


def nearest_chosen(unit: Floats, chosen: Ints) -> Floats:
    """Cosine similarity of every row of (n, d) `unit` to the nearest of the chosen rows: (n,).

    Rounded to six decimals, below which there is only noise. -1 where nothing is chosen.
    """
    nearest = np.full(len(unit), -1, np.float32)
    for at in range(0, len(chosen), _CENTERS):
        centers = unit[chosen[at : at + _CENTERS]].T
        for start in range(0, len(unit), _BLOCK):
            block = unit[start : start + _BLOCK] @ centers
            here = nearest[start : start + _BLOCK]
            np.maximum(here, np.round(block.max(axis=1), 6), out=here)
    return np.minimum(nearest, 1)


def k_centers(unit: Floats, count: int, *, given: Ints = NO_ROWS, seed: int = 0) -> Ints:
    """`count` rows of (n, d) `unit` (rows of length one), each the farthest from all before it.

    `given` rows count as chosen already; without them the seed picks the first. Equally far ones
    go by row number. Exact, but most rows are looked at only now and then: the farthest are picked
    from a pool until one that was left out of it could be farther, and then all rows are brought up
    to date in one matrix product.
    """
    nearest = nearest_chosen(unit, given)
    nearest[given] = _TAKEN
    chosen: list[int] = []
    if not len(given) and count:
        chosen.append(int(np.random.default_rng(seed).integers(len(unit))))
        nearest = nearest_chosen(unit, np.array(chosen))
        nearest[chosen] = _TAKEN
    while len(chosen) < count:
        picked = _from_pool(unit, nearest, count - len(chosen))
        nearest = np.maximum(nearest, nearest_chosen(unit, picked))
        nearest[picked] = _TAKEN
        chosen.extend(picked.tolist())
    return np.array(chosen, np.int64)


def _from_pool(unit: Floats, nearest: Floats, count: int) -> Ints:
    """The next few picks: as many as are certain without looking at the rows outside the pool."""
    size = max(_POOL, len(unit) // 16)
    if size < len(unit):
        order = np.argpartition(nearest, size)
        pool, bound = np.sort(order[:size]), nearest[order[size]]
    else:
        pool, bound = np.arange(len(unit)), _TAKEN
    vectors, similarity = unit[pool], nearest[pool]
    picked: list[int] = []
    while len(picked) < count:
        place = int(similarity.argmin())
        if picked and similarity[place] >= bound:
            break
        picked.append(int(pool[place]))
        np.maximum(similarity, np.round(vectors @ vectors[place], 6), out=similarity)
        similarity[place] = _TAKEN
    return np.array(picked, np.int64)


def facility_location(graph: Graph, count: int, *, given: Ints = NO_ROWS) -> Ints:
    """`count` rows that together are most like all rows, as far as the neighbour graph tells.

    A row serves itself fully, its neighbours (in either list) by their similarity, others not at
    all. `given` rows count as chosen already. Equally good ones go by row number.
    """
    serves = _both_ways(graph)
    served = np.zeros(len(graph), np.float32)
    for row in given.tolist():
        _serve(serves, row, served)
    heap = [
        (-_gain(serves, row, served), row)
        for row in np.setdiff1d(np.arange(len(graph)), given).tolist()
    ]
    heapq.heapify(heap)
    chosen: list[int] = []
    while len(chosen) < count:
        _, row = heapq.heappop(heap)
        # What a row gains only falls as others are chosen: the best of old figures may stand.
        now = (-_gain(serves, row, served), row)
        if heap and now > heap[0]:
            heapq.heappush(heap, now)
            continue
        chosen.append(row)
        _serve(serves, row, served)
    return np.array(chosen, np.int64)


def _both_ways(graph: Graph) -> csr_array:
    """The graph as a symmetric matrix (n, n) of similarities above 0, with 1 on the diagonal."""
    from scipy.sparse import csr_array, eye_array

    n = len(graph)
    starts = np.arange(n + 1) * graph.k
    values = np.clip(graph.similarities, 0, 1).reshape(-1)
    # A copy: to drop zeros moves the indices, which are the graph's own.
    neighbors = graph.neighbors.reshape(-1).copy()
    one_way = csr_array((values, neighbors, starts), shape=(n, n))
    one_way.eliminate_zeros()
    return one_way.maximum(one_way.T).maximum(eye_array(n, dtype=np.float32)).tocsr()


def _served_by(serves: csr_array, row: int) -> tuple[Ints, Floats]:
    here = slice(serves.indptr[row], serves.indptr[row + 1])
    return serves.indices[here], serves.data[here]


def _gain(serves: csr_array, row: int, served: Floats) -> float:
    others, similarity = _served_by(serves, row)
    return round(float(np.maximum(similarity - served[others], 0).sum()), 5)


def _serve(serves: csr_array, row: int, served: Floats) -> None:
    others, similarity = _served_by(serves, row)
    served[others] = np.maximum(served[others], similarity)


def even_shares(sizes: Ints, count: int, *, has: Ints | None = None) -> Ints:
    """How many to take from groups of these sizes (g,), `count` in all, so that all get as many.

    What small groups lack the others give; what cannot be divided goes to the largest groups.
    has: (g,) how many each group has got already.
    """
    before = np.zeros_like(sizes) if has is None else has

    def filled(level: int) -> Ints:
        return np.clip(level - before, 0, sizes)

    low, high = 0, int((sizes + before).max(initial=0))
    while low < high:  # the highest level that all can be filled to
        middle = (low + high + 1) // 2
        low, high = (middle, high) if filled(middle).sum() <= count else (low, middle - 1)
    shares = filled(low)
    more = np.flatnonzero(filled(low + 1) > shares)
    largest = more[np.argsort(-sizes[more], kind="stable")]
    shares[largest[: count - int(shares.sum())]] += 1
    return shares


def fair_shares(sizes: npt.ArrayLike, count: int) -> Ints:
    """How many to take from groups of these sizes (g,), in proportion: `count` in all.

    By largest remainders; equal ones go to the larger group.
    """
    of = np.asarray(sizes, np.int64)
    shares, remainders = np.divmod(of * count, max(int(of.sum()), 1))
    first = np.lexsort((-of, -remainders))
    shares[first[: count - int(shares.sum())]] += 1
    return np.asarray(shares)


def take_shares(groups: Ints, shares: Ints, order: Ints) -> Ints:
    """The first shares[g] rows of each group g, by `order`: a permutation of the rows or a part."""
    ranked = order[np.argsort(groups[order], kind="stable")]
    of = groups[ranked]
    rank = np.arange(len(ranked)) - np.searchsorted(of, of)
    kept = np.zeros(len(groups), bool)
    kept[ranked[rank < shares[of]]] = True
    return order[kept[order]]
