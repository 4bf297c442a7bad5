"""The neighbour graph: for every row its k most similar others, found once and read by all.

Search is FAISS (Douze et al., "The Faiss library", 2024) on L2-normalised rows by inner product:
exact while that is quick, inverted lists above, whose recall is measured on a sample and raised
until it is good enough.

Two rules make the graph fit for what is built on it:

- *Ties are stable.* Similarities are rounded to six decimals, below which there is only
  floating-point noise, and equal ones stand in the order of their row numbers.
- *Copies don't hide the rest.* A folder with forty copies of one picture would otherwise give each
  of them a list of nothing but copies. So a list holds at most `COPIES` rows that are the same to
  the search (similarity 1 to each other), those with the lowest row numbers; more are taken only
  if there is nothing else left to fill the list.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from explorer.analysis.vectors import Floats, Ints, unit_rows

COPIES = 5
SAME = 1 - 2e-6
"""From this similarity on, two rows are the same to the search."""

_EXACT_WORK = 2e12  # n · n · d multiplications: below, exact search is quicker than training
_RECALL = 0.98
_RECALL_AT = 15
_SAMPLE = 500
_SPARE = 8  # looked at beyond k, so that ties at the end of a list are cut by row number


@dataclass(frozen=True, slots=True)
class Graph:
    """Row i's neighbours, most similar first; i itself is never among them.

    neighbors: (n, k) int64 row numbers; similarities: (n, k) float32 cosines, descending.
    The width is min(k, n - 1): there are no empty places.
    """

    neighbors: Ints
    similarities: Floats

    def __len__(self) -> int:
        return len(self.neighbors)

    @property
    def k(self) -> int:
        return int(self.neighbors.shape[1])

    def nearest(self, k: int) -> Graph:
        """The same graph with the first k neighbours only."""
        return Graph(self.neighbors[:, :k], self.similarities[:, :k])


@dataclass(frozen=True, slots=True)
class VectorIndex:
    """A FAISS index over L2-normalised rows, and what is known of it.

    faiss: the index, inner product; ids: (n,) int64 ascending, the ids that it answers with;
    unit: (n, d) float32, the rows it holds; recall: share of the true 15 nearest that it finds,
    measured on a sample (1.0 for exact search).
    """

    faiss: Any
    ids: Ints
    unit: Floats
    recall: float


def build_index(vectors: Floats, *, ids: Ints | None = None, seed: int = 0) -> VectorIndex:
    """Index (n, d) vectors for search by cosine; `ids` (ascending) default to row numbers.

    Exact (`IndexFlatIP`) while that is quick, `IndexIVFFlat` above, its nprobe raised until the
    sampled recall at 15 reaches 0.98. Raises ExtractorError for NaN or infinite vectors.
    """
    import faiss

    unit = unit_rows(vectors)
    n, dimension = unit.shape
    ids = np.arange(n, dtype=np.int64) if ids is None else np.asarray(ids, dtype=np.int64)
    flat = faiss.IndexFlatIP(dimension)
    if n * n * dimension <= _EXACT_WORK:
        index: Any = faiss.IndexIDMap2(flat)
        index.add_with_ids(unit, ids)
        return VectorIndex(index, ids, unit, recall=1.0)

    index = faiss.IndexIVFFlat(flat, dimension, round(4 * n**0.5), faiss.METRIC_INNER_PRODUCT)
    index.cp.seed = seed + 1
    index.cp.max_points_per_centroid = 64
    index.train(unit)
    index.add_with_ids(unit, ids)
    return VectorIndex(index, ids, unit, recall=_raise_nprobe(index, unit, ids, seed))


def neighbour_graph(
    vectors: Floats, *, k: int = 30, seed: int = 0, index: VectorIndex | None = None
) -> Graph:
    """Find the k nearest others of every row of (n, d) vectors, by cosine.

    Pass the `index` of the same vectors if it has been built already. The result is the same for
    the same vectors and seed. Raises ExtractorError for NaN or infinite vectors.
    """
    built = index or build_index(vectors, seed=seed)
    n = len(built.unit)
    width = min(k, max(n - 1, 0))
    if width == 0:
        return Graph(np.empty((n, 0), dtype=np.int64), np.empty((n, 0), dtype=np.float32))
    rows = np.arange(n, dtype=np.int64)
    found = _without_self(rows, *_search(built, built.unit, min(width + 1 + _SPARE, n)))
    neighbors, similarities = found[0][:, :width].copy(), found[1][:, :width].copy()
    group = _same_groups(*found)
    crowded = rows[_crowded(group[neighbors])]
    if len(crowded):
        kept = np.flatnonzero(_occurrence(group[None, :])[0] <= COPIES)  # one more: may be itself
        few = build_index(built.unit[kept], seed=seed)
        places, values = _search(few, built.unit[crowded], min(width + COPIES + 2, len(kept)))
        candidates = np.hstack([kept[places], found[0][crowded]])
        values = np.hstack([values, found[1][crowded]])
        chosen = _few_copies(crowded, candidates, group, width)
        neighbors[crowded], similarities[crowded] = _sorted(
            np.take_along_axis(candidates, chosen, axis=1),
            np.take_along_axis(values, chosen, axis=1),
        )
    return Graph(neighbors, similarities)


def _search(built: VectorIndex, queries: Floats, k: int) -> tuple[Ints, Floats]:
    """The k nearest rows of every query, sorted, ties by row number."""
    import faiss

    similarities, ids = built.faiss.search(queries, k)
    short = np.flatnonzero((ids < 0).any(axis=1))
    if len(short):  # the inverted lists that were visited hold fewer than k
        similarities[short], rows = faiss.knn(
            queries[short], built.unit, k, faiss.METRIC_INNER_PRODUCT
        )
        ids[short] = built.ids[rows]
    return _sorted(np.searchsorted(built.ids, ids), similarities)


def _sorted(neighbors: Ints, similarities: Floats) -> tuple[Ints, Floats]:
    similarities = np.clip(np.round(similarities, 6), -1, 1)
    by_row = np.argsort(neighbors, axis=1)
    falling = np.argsort(-np.take_along_axis(similarities, by_row, axis=1), axis=1, kind="stable")
    order = np.take_along_axis(by_row, falling, axis=1)
    return (
        np.take_along_axis(neighbors, order, axis=1),
        np.take_along_axis(similarities, order, axis=1),
    )


def _without_self(rows: Ints, neighbors: Ints, similarities: Floats) -> tuple[Ints, Floats]:
    """Drop every row from its own list; where copies kept it from being found, the last place."""
    keep = neighbors != rows[:, None]
    keep[keep.all(axis=1), -1] = False
    shape = (len(rows), neighbors.shape[1] - 1)
    return neighbors[keep].reshape(shape), similarities[keep].reshape(shape)


def _same_groups(neighbors: Ints, similarities: Floats) -> Ints:
    """(n,) numbers: equal for rows that are the same to the search."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    n = len(neighbors)
    row, place = np.nonzero(similarities >= SAME)
    same = coo_array((np.ones(len(row), dtype=np.int8), (row, neighbors[row, place])), shape=(n, n))
    return np.asarray(connected_components(same, directed=False)[1], dtype=np.int64)


def _crowded(groups: Ints) -> npt.NDArray[np.bool_]:
    """Which lists (rows of `groups`) hold more than COPIES of one group."""
    return np.asarray((_occurrence(groups) >= COPIES).any(axis=1))


def _occurrence(values: Ints) -> Ints:
    """How often each value has stood further left in its row: [[7, 3, 7]] gives [[0, 0, 1]]."""
    order = np.argsort(values, axis=1, kind="stable")
    ranked = np.take_along_axis(values, order, axis=1)
    place = np.broadcast_to(np.arange(values.shape[1]), values.shape)
    new = np.ones(values.shape, dtype=bool)
    new[:, 1:] = ranked[:, 1:] != ranked[:, :-1]
    since = place - np.maximum.accumulate(np.where(new, place, 0), axis=1)
    counts = np.empty(values.shape, dtype=np.int64)
    np.put_along_axis(counts, order, since, axis=1)
    return counts


def _few_copies(rows: Ints, candidates: Ints, group: Ints, width: int) -> Ints:
    """The places of `width` candidates for each row: surplus copies only if all else is used up."""
    unusable = (candidates == rows[:, None]) | (_occurrence(candidates) > 0)
    # a group of its own for each unusable one, so that it doesn't count as a copy
    groups = np.where(unusable, len(group) + np.arange(candidates.shape[1]), group[candidates])
    rank = np.where(unusable, 2, _occurrence(groups) >= COPIES)
    return np.argsort(rank, axis=1, kind="stable")[:, :width]


def _raise_nprobe(index: Any, unit: Floats, ids: Ints, seed: int) -> float:
    """Raise the number of lists that are searched until the sampled recall is good enough."""
    import faiss

    sample = np.random.default_rng(seed).choice(len(unit), _SAMPLE, replace=False)
    k = _RECALL_AT + 1  # itself and its 15 nearest
    _, truth = faiss.knn(unit[sample], unit, k, faiss.METRIC_INNER_PRODUCT)
    index.nprobe = min(8, index.nlist)
    while True:
        _, found = index.search(unit[sample], k)
        hits = [len(np.intersect1d(ids[a], b)) - 1 for a, b in zip(truth, found, strict=True)]
        recall = float(np.mean(hits)) / _RECALL_AT
        if recall >= _RECALL or index.nprobe >= index.nlist:
            return min(recall, 1.0)
        index.nprobe = min(index.nprobe * 2, index.nlist)
