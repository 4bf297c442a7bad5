"""What is wrong with the labels, by what the images' features speak for.

Two rankings of the labels in doubt, from the same probabilities: by the image's own label, and by
the margin to the likeliest other (both in Northcutt, Jiang, Chuang, "Confident learning: estimating
uncertainty in dataset labels", 2021, and in cleanlab). The first finds labels that fit nothing, the
second those taken for a like one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from explorer.analysis.declaration import Analysis, Column, Inputs, Result, category, number
from explorer.analysis.duplicates import KINDS, LOOK_ALIKE
from explorer.analysis.evidence import HeldOut, held_out, label_votes
from explorer.analysis.folds import MISSING
from explorer.analysis.graph import Graph
from explorer.analysis.label_accuracy import label_accuracy
from explorer.analysis.partition import joined
from explorer.analysis.ranges import NEIGHBORS, Settings, within
from explorer.analysis.vectors import Bools, Floats, Ints, Values

REPEATS = 3
"""How often the folds are drawn by which labels are judged."""

_CLEARLY = 10.0  # times as likely as its own, another label must be
_TOO_LARGE = 2e8  # images times labels: a table of as many probabilities would not fit in memory


@dataclass(frozen=True, slots=True)
class LabelSettings(Settings):
    """voters: how many neighbours knn_accuracy_k asks (knn_accuracy asks one)."""

    prefix = "label_trouble"
    voters: int = within(15, 1, NEIGHBORS)


def knn_accuracy(graph: Graph, labels: Ints, *, k: int = 1) -> float:
    """Share of the labelled images whose k nearest labelled others vote for their label.

    Leave-one-out; labels (n,) codes, -1 where missing. Of labels that two images have, and images
    that have a labelled neighbour; NaN if there are none.
    """
    votes = label_votes(graph, labels, nearest=k)
    shared = np.bincount(labels + 1, minlength=votes.shape[1] + 1)[labels + 1] > 1
    judged = (labels != MISSING) & (votes.sum(axis=1) > 0) & shared
    if not judged.any():
        return float("nan")
    return float((votes[judged].argmax(axis=1) == labels[judged]).mean())


def label_trouble(found: HeldOut, labels: Ints) -> Floats:
    """The probability that an image's label (n,) is wrong: (n,) float32, NaN where not judged."""
    return np.where(found.judged, 1 - _own(found.probabilities, labels), np.nan).astype(np.float32)


def label_margin(found: HeldOut, labels: Ints) -> Floats:
    """How much likelier the likeliest other label is than the image's own, -1 to 1.

    (n,) float32, NaN where not judged. Less the sign, cleanlab's normalized margin.
    """
    if found.probabilities.shape[1] < 2:
        return np.where(found.judged, -1, np.nan).astype(np.float32)
    others = found.probabilities.copy()
    known = np.flatnonzero(labels != MISSING)
    others[known, labels[known]] = -1
    margin = others.max(axis=1) - _own(found.probabilities, labels)
    return np.where(found.judged, margin, np.nan).astype(np.float32)


def label_issues(found: HeldOut, labels: Ints) -> Bools:
    """Which labels (n,) are probably wrong: (n,) bool.

    Those for which another label is at least ten times as likely, and would be if all labels
    were equally common: by what the image shows, and not only because another one is commoner.
    """
    rows = np.flatnonzero(found.judged)
    own, best = labels[rows], found.suggested[rows]
    shares = np.bincount(own, minlength=found.probabilities.shape[1]) / max(len(rows), 1)
    odds = found.probabilities[rows, best] / np.maximum(found.probabilities[rows, own], 1e-12)
    commoner = np.maximum(1, shares[best] / shares[own])
    issues = np.zeros(len(labels), dtype=bool)
    issues[rows] = (best != own) & (odds >= _CLEARLY * commoner)
    return issues


def _own(probabilities: Floats, labels: Ints) -> Floats:
    """The probability of each image's own label; 0 where it has none."""
    own = np.zeros(len(labels), dtype=np.float32)
    known = np.flatnonzero(labels != MISSING)
    own[known] = probabilities[known, labels[known]]
    return own


def _run(inputs: Inputs, settings: LabelSettings) -> Result:
    assert inputs.labels is not None
    labels = inputs.labels
    if len(labels) * (labels.max(initial=MISSING) + 1.0) > _TOO_LARGE:
        return Result({})
    copies = copies_of(len(inputs.graph), inputs.content, inputs.columns)
    found = held_out(inputs.vectors(), labels, groups=copies, repeats=REPEATS)
    issues = label_issues(found, labels)
    columns = {
        "label_suggested": category(found.suggested),
        "label_trouble": number(label_trouble(found, labels)),
        "label_margin": number(label_margin(found, labels)),
        "label_issue": category(issues),
    }
    accuracy = label_accuracy(found, labels)
    figures = {
        **(accuracy.figures() if accuracy else {}),
        "knn_accuracy": knn_accuracy(inputs.graph, labels),
        "knn_accuracy_k": knn_accuracy(inputs.graph, labels, k=settings.voters),
        "label_issues": float(issues.sum()),
    }
    return Result(columns, figures)


def copies_of(n: int, content: Ints | None, columns: Mapping[str, Values]) -> Ints:
    """(n,) codes, equal for versions of one picture: the same file, or so the duplicates say.

    content: (n,) codes, equal where the files are equal; columns: those of the duplicates, if there
    are any.
    """
    given = [content] if content is not None else []
    if "duplicate_kind" in columns:
        same = columns["duplicate_kind"] != KINDS[LOOK_ALIKE]
        given.append(np.where(same, columns["duplicate_group"], MISSING))
    return joined(n, given)


LABELS = Analysis(
    name="label_trouble",
    version=7,
    title="Label trouble",
    explains="Labels that all the other images speak against.",
    settings=LabelSettings(),
    needs=("graph", "vectors", "labels"),
    uses=("content", "duplicates"),
    columns=(
        Column(
            "label_suggested",
            "category",
            "Suggested label",
            "The label that a linear classifier finds likeliest which has seen other images, but "
            "not this one or its copies.",
            names="labels",
        ),
        Column(
            "label_trouble",
            "number",
            "Label trouble",
            "The probability that the image's own label is wrong, by a linear classifier that has "
            "not seen it. Finds labels that fit nothing in the image.",
        ),
        Column(
            "label_margin",
            "number",
            "Lead of another label",
            "How much likelier the likeliest other label is than the image's own, from -1 to 1. "
            "Finds labels that were taken for a like one.",
        ),
        Column(
            "label_issue",
            "category",
            "Probably mislabelled",
            "1 if another label is at least ten times as likely as the image's own, and not "
            "only because it is commoner.",
        ),
    ),
    run=_run,
)
