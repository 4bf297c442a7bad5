"""Splitting into parts so that what belongs together stays together, and labels are spread fairly.

One group of every label first, for the part that is trained on; then groups, the largest first,
and single rows: each goes where most of its labels are still wanted (after Sechidis, Tsoumakas,
Vlahavas, "On the stratification of multi-label data", 2011, with groups as the examples).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from explorer.analysis.choosing import fair_shares
from explorer.analysis.graph import Graph, connected
from explorer.analysis.pictures import Pictures, close_pairs
from explorer.analysis.vectors import Floats, Ints


def linked_groups(graph: Graph, threshold: float, pictures: Pictures) -> Ints:
    """(n,) numbers, equal for rows that are joined by steps of at least this similarity.

    Or by steps from version to version of one picture, whatever their similarity.
    """
    near = close_pairs(graph, threshold, pictures)
    return connected(len(graph), np.concatenate([near, pictures.row_links()]))


def joined(n: int, codes: Sequence[Ints]) -> Ints:
    """(n,) numbers, equal for rows that are joined by steps of equal codes; -1 joins none.

    codes: any number of (n,) codes.
    """
    links, reached = [np.empty((0, 2), np.int64)], n
    for each in codes:
        there = np.flatnonzero(each >= 0)
        names, hub = np.unique(each[there], return_inverse=True)
        links.append(np.stack([there, reached + hub], axis=1))
        reached += len(names)
    return connected(reached, np.concatenate(links))[:n]


def split_groups(groups: Ints, labels: Ints, *, fractions: npt.ArrayLike, seed: int = 0) -> Ints:
    """The part of every row, (n,): groups stay whole, labels are spread as the fractions say.

    groups, labels: (n,) numbers from 0; fractions: (p,), positive, in any unit. The largest part,
    the first of equals, is taken for the one that is trained on: it has rows of every label that is
    in two groups or more. Apart from that the sizes of the parts are exact as long as there are
    single rows enough to make up for the groups. The same seed gives the same parts.
    """
    shares = np.asarray(fractions, np.float64)
    filling = _Filling(labels, shares / shares.sum())
    units = _units(groups, labels, seed)
    kept = _for_training(units, labels)
    training = int(shares.argmax())
    for place in kept:
        filling.put(units[place], training)
    for place, rows in enumerate(units):
        if place not in kept:
            filling.put(rows, filling.best(rows))
    return filling.part_of


class _Filling:
    """The parts while they are being filled: what each has room for, and lacks of each label."""

    def __init__(self, labels: Ints, wanted: Floats) -> None:
        self.part_of = np.empty(len(labels), np.int64)
        self._labels, self._wanted = labels.tolist(), wanted.tolist()
        self._room = fair_shares(np.round(wanted * 1e9).astype(np.int64), len(labels)).tolist()
        self._lack = np.outer(np.bincount(labels, minlength=1), wanted).tolist()

    def put(self, rows: Ints, part: int) -> None:
        self.part_of[rows] = part
        self._room[part] -= len(rows)
        for row in rows.tolist():
            self._lack[self._labels[row]][part] -= 1

    def best(self, rows: Ints) -> int:
        """The part that lacks most of what a unit brings, of those that it fits into."""
        parts = range(len(self._room))
        fits = [part for part in parts if self._room[part] >= len(rows)]
        labels = [self._labels[row] for row in rows.tolist()]

        def worth(part: int) -> tuple[float, float]:
            """Rounded, so that equal is equal; then more room for the part's size decides."""
            gain = sum(self._lack[label][part] for label in labels) if fits else 0
            return round(gain, 6), self._room[part] / self._wanted[part]

        return max(fits or parts, key=worth)


def _units(groups: Ints, labels: Ints, seed: int) -> list[Ints]:
    """The rows of each group, the largest first; of equal ones the first of each label, the second
    of each …, so that what cannot be divided goes round over the labels. Else in random order.
    """
    random = np.random.default_rng(seed)
    shuffled = random.permutation(len(groups))
    order = shuffled[np.argsort(groups[shuffled], kind="stable")]
    starts = np.flatnonzero(np.diff(groups[order], prepend=-1))
    units = np.split(order, starts[1:]) if len(order) else []
    place = random.permutation(len(units))
    by_label = random.permutation(int(labels.max(initial=0)) + 1)
    firsts = by_label[np.array([labels[unit[0]] for unit in units], np.int64)]
    sizes = np.array([len(unit) for unit in units], np.int64)
    ranked = np.lexsort((place, firsts, -sizes))
    alike = np.flatnonzero(np.diff(sizes[ranked], prepend=0) | np.diff(firsts[ranked], prepend=-1))
    turn = np.arange(len(units)) - np.repeat(alike, np.diff(alike, append=len(units)))
    ranked = ranked[np.lexsort((turn, -sizes[ranked]))]
    return [units[each] for each in ranked.tolist()]


def _for_training(units: list[Ints], labels: Ints) -> set[int]:
    """Places of units that together have every label that is in two units or more: small ones."""
    places: dict[int, list[int]] = defaultdict(list)
    for place, rows in enumerate(units):
        for label in {*labels[rows].tolist()}:
            places[label].append(place)
    kept: set[int] = set()
    for label in sorted(places, key=lambda each: (len(places[each]), each)):
        if len(places[label]) > 1 and kept.isdisjoint(places[label]):
            kept.add(min(places[label], key=lambda place: len(units[place])))
    return kept
