"""Splitting into parts so that what belongs together stays together, and labels are spread fairly.

Groups first, the largest first, then single rows: each goes where most of its labels are still
wanted (after Sechidis, Tsoumakas, Vlahavas, "On the stratification of multi-label data", 2011, with
groups as the examples).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from explorer.analysis.choosing import fair_shares
from explorer.analysis.graph import Graph
from explorer.analysis.vectors import Ints


def linked_groups(graph: Graph, threshold: float) -> Ints:
    """(n,) numbers, equal for rows that are joined by steps of at least this similarity."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    n = len(graph)
    row, place = np.nonzero(graph.similarities >= threshold)
    links = coo_array((np.ones(len(row), np.int8), (row, graph.neighbors[row, place])), (n, n))
    return np.asarray(connected_components(links, directed=False)[1], np.int64)


def split_groups(groups: Ints, labels: Ints, *, fractions: npt.ArrayLike, seed: int = 0) -> Ints:
    """The part of every row, (n,): groups stay whole, labels are spread as the fractions say.

    groups, labels: (n,) numbers from 0; fractions: (p,), positive, in any unit. The sizes of the
    parts are exact as long as there are single rows enough to make up for the groups. The same
    seed gives the same parts.
    """
    wanted = np.asarray(fractions, np.float64)
    wanted = wanted / wanted.sum()
    n, parts = len(groups), len(wanted)
    room = fair_shares(np.round(wanted * 1e9).astype(np.int64), n).tolist()
    lack = np.outer(np.bincount(labels, minlength=1), wanted).tolist()
    part_of = np.empty(n, np.int64)
    for rows in _units(groups, labels, seed):
        counts = np.bincount(labels[rows]) if len(rows) > 1 else None
        gains = [_gain(lack, labels, rows, counts, part) for part in range(parts)]
        fits = [part for part in range(parts) if room[part] >= len(rows)]
        # Equally wanted in two parts: in the one with more room for its size.
        best = max(
            fits or range(parts), key=lambda p: (gains[p] if fits else 0, room[p] / wanted[p])
        )
        part_of[rows] = best
        room[best] -= len(rows)
        for row in rows.tolist():
            lack[labels[row]][best] -= 1
    return part_of


def _units(groups: Ints, labels: Ints, seed: int) -> list[Ints]:
    """The rows of each group, the largest first; single ones by label, in random order."""
    random = np.random.default_rng(seed)
    shuffled = random.permutation(len(groups))
    order = shuffled[np.lexsort((labels[shuffled],))]
    order = order[np.argsort(groups[order], kind="stable")]
    starts = np.flatnonzero(np.diff(groups[order], prepend=-1))
    units = np.split(order, starts[1:]) if len(order) else []
    place = random.permutation(len(units))
    firsts = np.array([labels[unit[0]] for unit in units], np.int64)
    sizes = np.array([len(unit) for unit in units], np.int64)
    by_label = random.permutation(int(labels.max(initial=0)) + 1)[firsts]
    ranked = np.lexsort((place, by_label, -sizes))
    return [units[each] for each in ranked.tolist()]


def _gain(
    lack: list[list[float]], labels: Ints, rows: Ints, counts: Ints | None, part: int
) -> float:
    """How much of what a part lacks a unit brings, rounded so that equal is equal."""
    if counts is None:
        return round(lack[labels[rows[0]]][part], 6)
    there = np.flatnonzero(counts)
    return round(sum(lack[label][part] * int(counts[label]) for label in there.tolist()), 6)
