"""The neighbour graph: for every row its k most similar others, found once and read by all.

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

import numpy as np

from explorer.analysis.exact import exact
from explorer.analysis.index import VectorIndex
from explorer.analysis.nearest import nearest
from explorer.analysis.vectors import Bools, Floats, Ints, unit_rows

COPIES = 5
SAME = 1 - 2e-6
"""From this similarity on, two rows are the same to the search."""

_SPARE = 8  # looked at beyond k, so that ties at the end of a list are cut by row number


@dataclass(frozen=True, slots=True)
class Graph:
    """Row i's neighbours, most similar first; i itself is never among them.

    neighbors: (n, k) int64 row numbers; similarities: (n, k) float32 cosines, descending.
    The width is min(k, n - 1): there are no empty places. recall: share of the true 15 nearest
    that are there, measured on a sample; 1.0 after an exact search.
    """

    neighbors: Ints
    similarities: Floats
    recall: float = 1.0

    def __len__(self) -> int:
        return len(self.neighbors)

    @property
    def k(self) -> int:
        return int(self.neighbors.shape[1])

    def nearest(self, k: int) -> Graph:
        """The same graph with the first k neighbours only."""
        return Graph(self.neighbors[:, :k], self.similarities[:, :k], self.recall)


def neighbor_graph(vectors: Floats, *, k: int = 30, index: VectorIndex | None = None) -> Graph:
    """Find the k nearest others of every row of (n, d) vectors, by cosine.

    Pass the `index` of the same vectors if there is one: its rows are used as they are. The result
    is the same for the same vectors. Raises ExtractorError for NaN or infinite vectors.
    """
    unit = index.unit if index else unit_rows(vectors)
    n = len(unit)
    width = min(k, max(n - 1, 0))
    if width == 0:
        return Graph(np.empty((n, 0), dtype=np.int64), np.empty((n, 0), dtype=np.float32))
    rows = np.arange(n, dtype=np.int64)
    searched = nearest(unit, min(width + 1 + _SPARE, n))
    found = _without_self(rows, *_sorted(searched.rows, searched.similarities))
    neighbors, similarities = found[0][:, :width].copy(), found[1][:, :width].copy()
    row, place = np.nonzero(found[1] >= SAME)
    group = connected(n, np.stack([row, found[0][row, place]], axis=1))
    crowded = rows[_crowded(group, neighbors)]
    if len(crowded):
        kept = np.flatnonzero(_occurrence(group[None, :])[0] <= COPIES)  # one more: may be itself
        places, values = exact(unit[crowded], unit[kept], min(width + COPIES + 2, len(kept)))
        few = _sorted(kept[places], values)
        candidates = np.hstack([few[0], found[0][crowded]])
        values = np.hstack([few[1], found[1][crowded]])
        chosen = _few_copies(crowded, candidates, group, width)
        neighbors[crowded], similarities[crowded] = _sorted(
            np.take_along_axis(candidates, chosen, axis=1),
            np.take_along_axis(values, chosen, axis=1),
        )
    return Graph(neighbors, similarities, searched.recall)


def _sorted(neighbors: Ints, similarities: Floats) -> tuple[Ints, Floats]:
    """Every list by falling similarity, rounded; equal ones by rising row number."""
    similarities = np.clip(np.round(similarities, 6), -1, 1)
    loose = np.flatnonzero((similarities[:, 1:] >= similarities[:, :-1]).any(axis=1))
    order = np.lexsort((neighbors[loose], -similarities[loose]), axis=1)
    neighbors[loose] = np.take_along_axis(neighbors[loose], order, axis=1)
    similarities[loose] = np.take_along_axis(similarities[loose], order, axis=1)
    return neighbors, similarities


def _without_self(rows: Ints, neighbors: Ints, similarities: Floats) -> tuple[Ints, Floats]:
    """Drop every row from its own list; where copies kept it from being found, the last place."""
    keep = neighbors != rows[:, None]
    keep[keep.all(axis=1), -1] = False
    shape = (len(rows), neighbors.shape[1] - 1)
    return neighbors[keep].reshape(shape), similarities[keep].reshape(shape)


def connected(n: int, pairs: Ints) -> Ints:
    """(n,) numbers from 0, equal for rows that are connected by pairs of rows (m, 2)."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    links = coo_array((np.ones(len(pairs), np.int8), (pairs[:, 0], pairs[:, 1])), shape=(n, n))
    return np.asarray(connected_components(links, directed=False)[1], dtype=np.int64)


def _crowded(group: Ints, neighbors: Ints) -> Bools:
    """Which lists hold more than COPIES of one group."""
    crowded = np.zeros(len(neighbors), dtype=bool)
    large = np.bincount(group) > COPIES
    suspects = np.flatnonzero(large[group][neighbors].sum(axis=1) > COPIES)
    crowded[suspects] = (_occurrence(group[neighbors[suspects]]) >= COPIES).any(axis=1)
    return crowded


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
