"""The k nearest of every row among all rows: exact while that is quick, in blocks above.

Above, the rows are put into √n lists by k-means, and each list is multiplied with the lists nearest
to it: unlike FAISS's own inverted lists (Douze et al., "The Faiss library", 2024), which scan row
by row, this keeps to matrix products, and those are ten times as fast per pair. Rows that stand
alone have neighbours in lists far and wide; they are searched exactly. How many lists, and how many
rows exactly, is planned on a sample whose true neighbours are known, so that recall at 15 reaches
0.98 at the least cost.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from explorer.analysis.exact import exact, exact_all
from explorer.analysis.vectors import Floats, Ints

RECALL = 0.98
RECALL_AT = 15

_EXACT_WORK = 5e11  # n · n · d multiplications, a few seconds
_WORTH_IT = 0.3  # many small products are slower than a large one
_SAMPLE = 500
_ITERATIONS = 5
_PER_LIST = 64  # rows that k-means looks at, for each list


@dataclass(frozen=True, slots=True)
class Nearest:
    """rows: (n, k) int64; similarities: (n, k) float32; unsorted ties; recall: at 15, estimated."""

    rows: Ints
    similarities: Floats
    recall: float


@dataclass(frozen=True, slots=True)
class _Lists:
    """members: the rows of each list; order: for each list all lists, the most similar first."""

    members: list[Ints]
    order: Ints
    of_row: Ints


@dataclass(frozen=True, slots=True)
class _Sample:
    """rows: (s,) of the sample; nearest: (s, 16) their true nearest rows; similarities: (s, 16)."""

    rows: Ints
    nearest: Ints
    similarities: Floats


@dataclass(frozen=True, slots=True)
class _Plan:
    """Search `lists` lists for each; rows whose 15th similarity is up to `alone`, exactly.

    cost: compared with an exact search of all.
    """

    lists: int
    alone: float
    cost: float


def nearest(unit: Floats, k: int) -> Nearest:
    """The k nearest rows of every row of (n, d) `unit` (rows of length one), itself among them."""
    n, d = unit.shape
    if n * n * d <= _EXACT_WORK:
        return Nearest(*exact_all(unit, k), 1.0)
    chosen = np.random.default_rng(0).choice(n, min(_SAMPLE, n), replace=False)
    sample = _Sample(chosen, *exact(unit[chosen], unit, RECALL_AT + 1))
    lists = _lists(unit)
    plan = _plan(lists, sample)
    if plan.cost > _WORTH_IT:
        return Nearest(*exact_all(unit, k), 1.0)
    rows, similarities = _in_blocks(unit, lists, plan.lists, k)
    alone = np.flatnonzero(similarities[:, min(RECALL_AT, k - 1)] <= plan.alone)
    rows[alone], similarities[alone] = exact(unit[alone], unit, k)
    hits = [np.isin(a, b).sum() for a, b in zip(sample.nearest, rows[chosen], strict=True)]
    recall = (float(np.mean(hits)) - 1) / RECALL_AT  # each row finds itself
    return Nearest(rows, similarities, recall)


def _lists(unit: Floats) -> _Lists:
    import faiss

    n, d = unit.shape
    count = round(n**0.5)
    kmeans = faiss.Kmeans(
        d,
        count,
        niter=_ITERATIONS,
        spherical=True,
        seed=1,
        min_points_per_centroid=1,
        max_points_per_centroid=_PER_LIST,
    )
    kmeans.train(unit)
    means = np.asarray(kmeans.centroids)
    of_row = exact(unit, means, 1)[0][:, 0]
    by_list = np.argsort(of_row, kind="stable")
    starts = np.searchsorted(of_row[by_list], np.arange(1, count))
    return _Lists(np.split(by_list, starts), exact(means, means, count)[0], of_row)


def _plan(lists: _Lists, sample: _Sample) -> _Plan:
    """The cheapest way to reach the recall, by which lists the true neighbours are in."""
    count = len(lists.members)
    place = np.argsort(lists.order, axis=1)  # of each list in the order of another
    reached = place[lists.of_row[sample.rows][:, None], lists.of_row[sample.nearest]]
    last = sample.similarities[:, -1]
    most_alone = np.argsort(last, kind="stable")
    best = _Plan(count, -np.inf, 1.0)
    width = 4
    while width < count:
        missed = (reached >= width).mean(axis=1)[most_alone]
        # what is still missed if the first 0, 1, 2, … of the sample are searched exactly
        left = np.append(np.cumsum(missed[::-1])[::-1], 0) / len(missed)
        searched = int(np.argmax(left <= 1 - RECALL))
        cost = width / count + searched / len(missed)
        if cost < best.cost:
            alone = float(last[most_alone[searched - 1]]) if searched else -np.inf
            best = _Plan(width, alone, cost)
        width *= 2
    return best


def _in_blocks(unit: Floats, lists: _Lists, width: int, k: int) -> tuple[Ints, Floats]:
    """Search each list among the `width` lists nearest to it, itself the first of them."""
    rows = np.empty((len(unit), k), dtype=np.int64)
    similarities = np.empty((len(unit), k), dtype=np.float32)
    sizes = np.array([len(members) for members in lists.members])
    for members, order in zip(lists.members, lists.order, strict=True):
        if len(members) == 0:
            continue
        enough = int(np.searchsorted(np.cumsum(sizes[order]), k)) + 1
        among = np.concatenate([lists.members[each] for each in order[: max(width, enough)]])
        found, similarities[members] = exact(unit[members], unit[among], k)
        rows[members] = among[found]
    return rows, similarities
