"""Does the nearest other image have the same label? Image by image, and in halves of the images."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from explorer.analysis.folds import MISSING
from explorer.analysis.graph import Graph
from explorer.analysis.intervals import Judged
from explorer.analysis.vectors import Bools, Doubles, Ints

HEARD = 16
"""Labelled images that a list of neighbours needs, for some of them to be in the same half."""

PRESENT = 0.25
"""The share of images by which two spaces are compared, see `judged_by_nearest`."""

_MORE = 4 / 3

_MOST_DRAWS, _FEWEST_DRAWS = 100, 20
_WORK = 2_000_000  # images times draws, about
_BLOCK = 200_000  # the same, at a time
_NO_SAY = 0.02  # of what is left to say: no further neighbour is asked


def judged_by_nearest(graph: Graph, labels: Ints, *, present: float = 1.0) -> Judged:
    """Judge the labelled ones of n images by their nearest labelled other.

    labels: (n,) codes, -1 where missing. The (1, m) answers are in the order of rows.

    present: with that probability each of the others is there, so that the nearest may be missing,
    and the next one speaks for it; an answer is the probability of a right one. At 1/4, it is what
    is to be expected with a quarter of the images, which varies about half as much from one set of
    images to another as the nearest alone does, but differs nearly as much between two spaces: two
    spaces are best compared by it. In the halves a third more are there: with as many, the
    variance was too small by a quarter in simulations of two sorts and right in a third one.

    Whoever has no labelled neighbour counts as wrong, so see `fewest_heard` first. The halves
    depend on the labels alone, so that those of two spaces of the same images are the
    same. Whose label no other image has is a neighbour in them, but is not asked.
    """
    rows = np.flatnonzero(labels != MISSING)
    sides = np.full((1, len(labels)), MISSING, np.int8)
    sides[:, rows] = 0
    right = np.nan_to_num(_answers(graph, sides, labels, present)[:, rows])
    return Judged(right, _halves(graph, labels, min(1.0, _MORE * present)))


def _halves(graph: Graph, labels: Ints, present: float) -> Doubles:
    """The shares of right ones in two random halves of the labelled images: (draws, 2)."""
    rows = np.flatnonzero(labels != MISSING)
    many = np.zeros(len(labels), bool)
    many[rows] = np.bincount(labels[rows])[labels[rows]] > 1
    random = np.random.default_rng(0)
    draws = int(np.clip(_WORK // max(len(rows), 1), _FEWEST_DRAWS, _MOST_DRAWS))
    at_once = max(1, _BLOCK // max(len(rows), 1))
    halves = [np.empty((0, 2))]
    for start in range(0, draws if len(rows) > 3 else 0, at_once):
        sides = np.full((min(at_once, draws - start), len(labels)), MISSING, np.int8)
        half = np.broadcast_to(np.arange(len(rows)) % 2, (len(sides), len(rows)))
        sides[:, rows] = random.permuted(half, axis=1)
        answers = _answers(graph, sides, labels, present)
        asked = [many & (sides == side) for side in (0, 1)]
        both = asked[0].any(axis=1) & asked[1].any(axis=1)
        each = [_means(answers[both], of[both]) for of in asked]
        halves.append(np.stack(each, axis=1))
    return np.concatenate(halves)


def fewest_heard(graph: Graph, labels: Ints) -> int:
    """How many labelled images are in that labelled image's list which has the fewest."""
    rows = np.flatnonzero(labels != MISSING)
    heard = (labels[graph.neighbors[rows]] != MISSING).sum(axis=1)
    return int(heard.min(initial=graph.k))


def _means(answers: Doubles, asked: Bools) -> Doubles:
    """The mean of each draw's answers (draws, n) of those asked; 0 where none of them has one."""
    known = asked & np.isfinite(answers)
    total = np.where(known, answers, 0).sum(axis=1)
    return np.asarray(total / np.maximum(known.sum(axis=1), 1))


def _answers(graph: Graph, sides: npt.NDArray[np.int8], labels: Ints, present: float) -> Doubles:
    """The probability that the nearest one on the own side which is present has the own label.

    sides: (draws, n), -1 for who does not count. (draws, n), NaN for who has none in the list.
    """
    right, silent = np.zeros(sides.shape), np.ones(sides.shape)
    draw, row = np.nonzero(sides != MISSING)
    for place in range(graph.k):
        neighbor = graph.neighbors[row, place]
        same = np.flatnonzero(sides[draw, neighbor] == sides[draw, row])
        asked = draw[same], row[same]
        agrees = labels[neighbor[same]] == labels[row[same]]
        right[asked] += silent[asked] * present * agrees
        silent[asked] *= 1 - present
        left = silent[draw, row] > _NO_SAY
        draw, row = draw[left], row[left]
    return np.divide(right, 1 - silent, out=np.full(sides.shape, np.nan), where=silent < 1)
