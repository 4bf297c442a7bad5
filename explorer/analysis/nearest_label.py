"""Does the nearest other image have the same label? Image by image, and in halves of the images."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from explorer.analysis.evidence import MISSING
from explorer.analysis.graph import Graph
from explorer.analysis.intervals import Judged
from explorer.analysis.vectors import Ints

HEARD = 12
"""Labelled images that a list of neighbours needs, for one of them to be in the same half."""

_MOST_DRAWS, _FEWEST_DRAWS = 200, 20
_WORK = 10_000_000  # images times draws, about
_BLOCK = 200_000  # the same, at a time

Bools = npt.NDArray[np.bool_]


def judged_by_nearest(graph: Graph, labels: Ints, *, seed: int = 0) -> Judged:
    """Judge the labelled ones of n images by their nearest labelled other; in the order of rows.

    labels: (n,) codes, -1 where missing. Whoever has no labelled neighbour counts as wrong, so see
    `fewest_heard` first. The halves depend on the number of labelled images and the seed alone, so
    that those of two spaces of the same images are the same.
    """
    rows = np.flatnonzero(labels != MISSING)
    sides = np.full((1, len(labels)), MISSING, np.int8)
    sides[:, rows] = 0
    right = _agreeing(graph, sides, labels)[1][0, rows]
    random = np.random.default_rng(seed)
    draws = int(np.clip(_WORK // max(len(rows), 1), _FEWEST_DRAWS, _MOST_DRAWS))
    at_once = max(1, _BLOCK // max(len(rows), 1))
    halves = [np.empty((0, 2))]
    for start in range(0, draws if len(rows) > 3 else 0, at_once):
        sides = np.repeat(sides[:1], min(at_once, draws - start), axis=0)
        half = np.broadcast_to(np.arange(len(rows)) % 2, (len(sides), len(rows)))
        sides[:, rows] = random.permuted(half, axis=1)
        heard, agrees = _agreeing(graph, sides, labels)
        each = [heard & (sides == side) for side in (0, 1)]
        halves.append(np.stack([(agrees & of).sum(1) / of.sum(1) for of in each], axis=1))
    return Judged(right.astype(np.float64), np.concatenate(halves))


def fewest_heard(graph: Graph, labels: Ints) -> int:
    """How many labelled images are in that labelled image's list which has the fewest."""
    rows = np.flatnonzero(labels != MISSING)
    heard = (labels[graph.neighbors[rows]] != MISSING).sum(axis=1)
    return int(heard.min(initial=graph.k))


def _agreeing(graph: Graph, sides: npt.NDArray[np.int8], labels: Ints) -> tuple[Bools, Bools]:
    """Who has a neighbour on the own side in the list, and whether the nearest has the own label.

    sides: (draws, n), -1 for who does not count. Both (draws, n). Place by place: of two
    neighbours one is on the own side, so that few have to go far.
    """
    heard, agrees = np.zeros(sides.shape, bool), np.zeros(sides.shape, bool)
    draw, row = np.nonzero(sides != MISSING)
    for place in range(graph.k):
        neighbor = graph.neighbors[row, place]
        same = sides[draw, neighbor] == sides[draw, row]
        found = draw[same], row[same]
        heard[found] = True
        agrees[found] = labels[neighbor[same]] == labels[row[same]]
        draw, row = draw[~same], row[~same]
    return heard, agrees
