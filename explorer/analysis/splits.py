"""Splits: what is in two of them (leakage), and what one doesn't reach (coverage).

The largest split is taken for the one that is trained on. Leakage is judged by several kinds of
evidence, so that one wrong estimate cannot hide copies: a similarity that fits the space, the
content of the files, and the pictures' hashes in all orientations, with a similarity that is fixed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from explorer.analysis.declaration import Analysis, Column, Inputs, Result, category, number
from explorer.analysis.graph import Graph
from explorer.analysis.pictures import Pictures, close_pairs, pictures_of
from explorer.analysis.ranges import Settings, within
from explorer.analysis.vectors import Bools, Floats, Ints
from explorer.analysis.versions import FITS_THE_SPACE, version_threshold

MISSING = -1
_SILENT = 0.98  # of the splits in which there is nothing to find
_FAR = 4.0


@dataclass(frozen=True, slots=True)
class SplitSettings(Settings):
    """threshold: the cosine similarity from which an image counts as being in the other split, too;
    0: what fits the space, see `version_threshold`.

    rare: an image may be uncovered if it is less like the training images than all but this share
    of them are like each other.
    """

    prefix = "split_check"
    threshold: float = within(FITS_THE_SPACE, 0, 1)
    rare: float = within(0.01, 0, 1)


def across_splits(graph: Graph, splits: Ints) -> Floats:
    """Similarity of every image to the nearest one in another split: (n,) float32.

    splits: (n,) codes, -1 where missing. NaN if there is none among its neighbours.
    """
    theirs = splits[graph.neighbors]
    other = (theirs != splits[:, None]) & (theirs != MISSING) & (splits != MISSING)[:, None]
    return _nearest(graph, other)


def leak_partners(graph: Graph, splits: Ints, *, threshold: float, pictures: Pictures) -> Ints:
    """For every image one in another split that shows the same: a row (n,), -1 for none.

    It is at least so similar, or shows the same picture by its pixels, or is the same file.
    splits: (n,) codes, -1 where missing.
    """
    no_links = np.empty((0, 2), np.int64)
    partners = _elsewhere(pictures.code, pictures.links, splits)
    copies = _elsewhere(pictures.content, no_links, splits)
    partners[copies >= 0] = copies[copies >= 0]
    pairs = close_pairs(graph, threshold, pictures)
    pairs = np.concatenate([pairs, pairs[:, ::-1]])
    ours, theirs = splits[pairs].T
    across = pairs[(ours != theirs) & (ours != MISSING) & (theirs != MISSING)]
    here, first = np.unique(across[:, 0], return_index=True)
    partners[here] = across[first, 1]
    return partners


def _elsewhere(codes: Ints, links: Ints, splits: Ints) -> Ints:
    """For every row one of the same code, or of one linked to it, in another split; -1 for none.

    codes: (n,), -1 where missing; links: (m, 2) codes.
    """
    found = np.full(len(codes), -1, np.int64)
    rows = np.flatnonzero((codes >= 0) & (splits != MISSING))
    if len(rows) == 0:
        return found
    highest = max(int(codes.max()), int(links.max(initial=0)))
    there = np.full((highest + 1, int(splits.max()) + 1), -1, np.int64)
    there[codes[rows], splits[rows]] = rows
    around = there.copy()
    np.maximum.at(around, links[:, 0], there[links[:, 1]])
    np.maximum.at(around, links[:, 1], there[links[:, 0]])
    others = around[codes[rows]]
    others[np.arange(len(rows)), splits[rows]] = -1
    found[rows] = others.max(axis=1)
    return found


def to_training(graph: Graph, splits: Ints) -> Floats:
    """Similarity of every image to the nearest other one in the largest split: (n,) float32.

    Where none is among its neighbours, that of its last neighbour: it is at most that.
    """
    training = splits == _largest(splits)
    found = _nearest(graph, training[graph.neighbors])
    if graph.k == 0:
        return found
    return np.where(np.isnan(found), graph.similarities[:, -1], found)


def uncovered(reach: Floats, training: Bools, others: Bools, rare: float) -> Bools:
    """Which of the others training does not reach: (n,) bool.

    reach: (n,) as by `to_training`; training, others: (n,) bool. Those are meant that are less like
    the training images than all but the share `rare` of them are like each other. Of a split that
    is drawn from the same images about that share is, too: so all of them count only if they are
    more than such a split has in 49 of 50 draws (a beta-binomial count: what lies below an order
    statistic of the training images), and else only what is four times as far from the median as
    nine in ten training images stay.
    """
    from scipy.stats import betabinom

    usual = reach[training & ~np.isnan(reach)]
    if len(usual) == 0:
        return np.zeros(len(reach), dtype=bool)
    least, low, middle = np.quantile(usual, [rare, 0.1, 0.5])
    far = others & (reach < least)
    place = 1 + rare * (len(usual) - 1)
    by_chance = betabinom.ppf(_SILENT, int(others.sum()), place, len(usual) + 1 - place)
    if far.sum() > by_chance:
        return far
    return far & (reach < middle - _FAR * (middle - low))


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
    others = ~training & (splits != MISSING)
    far = uncovered(reach, training, others, settings.rare)
    pictures = pictures_of(inputs)
    threshold = settings.threshold or version_threshold(inputs.vectors(), pictures.groups())
    partners = leak_partners(inputs.graph, splits, threshold=threshold, pictures=pictures)
    leaked = partners >= 0
    columns = {
        "split_similarity": number(across),
        "split_leak": category(leaked),
        "training_similarity": number(reach),
        "uncovered": category(far),
    }
    figures = {
        "leak_threshold": threshold,
        "leaked": float(leaked.sum()),
        "uncovered": float(far.sum()),
    }
    return Result(columns, figures)


SPLITS = Analysis(
    name="split_check",
    version=5,
    title="Split check",
    explains="Images that stand in two splits, and images that the largest split doesn't reach.",
    settings=SplitSettings(),
    needs=("graph", "vectors", "splits", "content", "measures"),
    uses=("alpha",),
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
            "1 if the same image, or nearly the same, is in another split, too: by its similarity, "
            "by its pixels (mirrored and turned, too), or by its content.",
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
            "them are like each other: a region that training doesn't reach. 0 for all where "
            "chance alone brings as many, but for those that are much further off.",
        ),
    ),
    run=_run,
)
