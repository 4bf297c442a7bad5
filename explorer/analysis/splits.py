"""Splits: what is in two of them (leakage), and what one doesn't reach (coverage).

The largest split is taken for the one that is trained on.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from explorer.analysis.declaration import Analysis, Column, Inputs, Result, category, number
from explorer.analysis.graph import Graph
from explorer.analysis.ranges import check_range
from explorer.analysis.vectors import Floats, Ints
from explorer.analysis.versions import FITS_THE_SPACE, version_threshold

MISSING = -1


@dataclass(frozen=True, slots=True)
class SplitSettings:
    """threshold: the cosine similarity from which an image counts as being in the other split, too;
    0: what fits the space, see `version_threshold`.

    rare: an image is uncovered if it is less like the training images than all but this share of
    them are like each other.
    """

    threshold: float = FITS_THE_SPACE
    rare: float = 0.01

    def __post_init__(self) -> None:
        check_range("split_check.threshold", self.threshold, 0, 1)
        check_range("split_check.rare", self.rare, 0, 1)


def across_splits(graph: Graph, splits: Ints) -> Floats:
    """Similarity of every image to the nearest one in another split: (n,) float32.

    splits: (n,) codes, -1 where missing. NaN if there is none among its neighbours.
    """
    theirs = splits[graph.neighbors]
    other = (theirs != splits[:, None]) & (theirs != MISSING) & (splits != MISSING)[:, None]
    return _nearest(graph, other)


def to_training(graph: Graph, splits: Ints) -> Floats:
    """Similarity of every image to the nearest other one in the largest split: (n,) float32.

    Where none is among its neighbours, that of its last neighbour: it is at most that.
    """
    training = splits == _largest(splits)
    found = _nearest(graph, training[graph.neighbors])
    if graph.k == 0:
        return found
    return np.where(np.isnan(found), graph.similarities[:, -1], found)


def _nearest(graph: Graph, wanted: Ints) -> Floats:
    """The similarity of the first wanted neighbour in each list, NaN if there is none."""
    nearest = np.full(len(graph), np.nan, dtype=np.float32)
    rows = np.flatnonzero(wanted.any(axis=1))
    if len(rows) == 0:
        return nearest
    nearest[rows] = graph.similarities[rows, wanted[rows].argmax(axis=1)]
    return nearest


def _largest(splits: Ints) -> int:
    known = splits[splits != MISSING]
    return int(np.bincount(known).argmax()) if len(known) else MISSING


def _run(inputs: Inputs, settings: SplitSettings) -> Result:
    assert inputs.splits is not None
    splits = inputs.splits
    across = across_splits(inputs.graph, splits)
    reach = to_training(inputs.graph, splits)
    training = splits == _largest(splits)
    usual = reach[training & ~np.isnan(reach)]
    least = np.quantile(usual, settings.rare) if len(usual) else -np.inf
    uncovered = ~training & (splits != MISSING) & (reach < least)
    threshold = settings.threshold or version_threshold(inputs.vectors())
    leaked = across >= threshold
    columns = {
        "split_similarity": number(across),
        "split_leak": category(leaked),
        "training_similarity": number(reach),
        "uncovered": category(uncovered),
    }
    figures = {
        "leak_threshold": threshold,
        "leaked": float(leaked.sum()),
        "uncovered": float(uncovered.sum()),
    }
    return Result(columns, figures)


SPLITS = Analysis(
    name="split_check",
    version=2,
    title="Split check",
    explains="Images that stand in two splits, and images that the largest split doesn't reach.",
    settings=SplitSettings(),
    needs=("graph", "vectors", "splits"),
    columns=(
        Column(
            "split_similarity",
            "number",
            "Similarity across splits",
            "Cosine similarity to the nearest image in another split. Near 1, the same picture is "
            "in both, and a test on it proves nothing.",
        ),
        Column(
            "split_leak",
            "category",
            "Leak between splits",
            "1 if the same image, or nearly the same, is in another split, too.",
        ),
        Column(
            "training_similarity",
            "number",
            "Similarity to training images",
            "Cosine similarity to the nearest other image of the largest split, taken for the one "
            "that is trained on.",
        ),
        Column(
            "uncovered",
            "category",
            "Not covered",
            "1 if the image is in a smaller split and less like the training images than 99 % of "
            "them are like each other: a region that training doesn't reach.",
        ),
    ),
    run=_run,
)
