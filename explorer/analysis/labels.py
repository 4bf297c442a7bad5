"""What is wrong with the labels, by what the images' features speak for.

Confident learning: Northcutt, Jiang, Chuang, "Confident learning: estimating uncertainty in dataset
labels", 2021 (the method of cleanlab).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from explorer.analysis.declaration import Analysis, Column, Inputs, Result, category, number
from explorer.analysis.evidence import MISSING, label_probabilities, label_votes
from explorer.analysis.graph import Graph
from explorer.analysis.ranges import NEIGHBORS, check_range
from explorer.analysis.vectors import Floats, Ints

Codes = npt.NDArray[np.int32]

_TOO_LARGE = 2e8  # images times labels: a table of as many probabilities would not fit in memory


@dataclass(frozen=True, slots=True)
class LabelSettings:
    """voters: how many neighbours knn_accuracy_k asks (knn_accuracy asks one)."""

    voters: int = 15

    def __post_init__(self) -> None:
        check_range("label_trouble.voters", self.voters, 1, NEIGHBORS)


@dataclass(frozen=True, slots=True)
class LabelSummary:
    """One label. accuracy: share of its images for which it is suggested, NaN if there are none.

    issues: images that probably have it wrongly. taken_for: the code most often suggested instead,
    -1 if none is.
    """

    code: int
    size: int
    accuracy: float
    issues: int
    taken_for: int


def knn_accuracy(graph: Graph, labels: Ints, *, k: int = 1) -> float:
    """Share of the labelled images whose k nearest labelled others vote for their label.

    Leave-one-out; labels (n,) codes, -1 where missing. NaN if nothing can be judged.
    """
    judged, right = nearest_right(graph, labels, k=k)
    return float(right[judged].mean()) if judged.any() else float("nan")


def nearest_right(
    graph: Graph, labels: Ints, *, k: int = 1
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Image by image, what `knn_accuracy` counts: (n,) judged at all, and (n,) judged right."""
    votes = label_votes(graph, labels, nearest=k)
    judged = (labels != MISSING) & (votes.sum(axis=1) > 0)
    right = np.zeros(len(labels), dtype=bool)
    if judged.any():
        right[judged] = votes[judged].argmax(axis=1) == labels[judged]
    return judged, right


def label_trouble(probabilities: Floats, labels: Ints) -> tuple[Codes, Floats]:
    """Which label the evidence suggests, and how much of it speaks against the given one.

    probabilities (n, classes), labels (n,). Returns suggested (n,) int32, -1 if there are no
    labels; and trouble (n,) float32, 0 to 1: the probability that the label is wrong. NaN without
    a label, or if no other image has it.
    """
    n, classes = probabilities.shape
    if classes == 0:
        return np.full(n, MISSING, dtype=np.int32), np.full(n, np.nan, dtype=np.float32)
    trouble = 1 - _own(probabilities, labels)
    counts = np.bincount(labels[labels != MISSING], minlength=classes)
    trouble[(labels == MISSING) | (counts[labels] < 2)] = np.nan
    return probabilities.argmax(axis=1).astype(np.int32), trouble.astype(np.float32)


def label_issues(probabilities: Floats, labels: Ints) -> npt.NDArray[np.bool_]:
    """Which labels are probably wrong, by confident learning: (n,) bool.

    A label counts as confidently likely if its probability reaches the mean that it has among the
    images that carry it. An issue is an image for which another label than its own is confidently
    likely, and likelier than its own.
    """
    classes = probabilities.shape[1]
    known = labels != MISSING
    if not known.any():
        return known
    counts = np.bincount(labels[known], minlength=classes)
    own = _own(probabilities, labels)
    sums = np.bincount(labels[known], weights=own[known], minlength=classes)
    usual = np.where(counts > 1, sums / np.maximum(counts, 1), np.inf)
    confident = np.where(probabilities >= usual, probabilities, 0).max(axis=1)
    return np.asarray(known & (counts[labels] > 1) & (confident > own))


def label_summaries(
    labels: Ints, suggested: Codes, issues: npt.NDArray[np.bool_]
) -> list[LabelSummary]:
    """One summary for each label code."""
    summaries = []
    for code in range(int(labels.max(initial=MISSING)) + 1):
        rows = labels == code
        others = suggested[rows & (suggested != code) & (suggested != MISSING)]
        summaries.append(
            LabelSummary(
                code=code,
                size=int(rows.sum()),
                accuracy=float((suggested[rows] == code).mean()) if rows.any() else float("nan"),
                issues=int(issues[rows].sum()),
                taken_for=int(np.bincount(others).argmax()) if len(others) else MISSING,
            )
        )
    return summaries


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
    probabilities = label_probabilities(inputs.graph, inputs.vectors(), labels)
    suggested, trouble = label_trouble(probabilities, labels)
    issues = label_issues(probabilities, labels)
    columns = {
        "label_suggested": category(suggested),
        "label_trouble": number(trouble),
        "label_issue": category(issues),
    }
    judged = ~np.isnan(trouble)
    right = float((suggested == labels)[judged].mean()) if judged.any() else float("nan")
    figures = {
        "label_accuracy": right,
        "knn_accuracy": knn_accuracy(inputs.graph, labels),
        "knn_accuracy_k": knn_accuracy(inputs.graph, labels, k=settings.voters),
        "label_issues": float(issues.sum()),
    }
    return Result(columns, figures)


LABELS = Analysis(
    name="label_trouble",
    version=3,
    title="Label trouble",
    explains="Labels that all the other images speak against.",
    settings=LabelSettings(),
    needs=("graph", "vectors", "labels"),
    columns=(
        Column(
            "label_suggested",
            "category",
            "Suggested label",
            "The label that the image's neighbours, and a linear classifier trained on all the "
            "other images, find likeliest.",
            names="labels",
        ),
        Column(
            "label_trouble",
            "number",
            "Label trouble",
            "The probability, by all the other images, that the image's own label is wrong: 0 is "
            "agreement, 1 is unanimous disagreement.",
        ),
        Column(
            "label_issue",
            "category",
            "Probably mislabelled",
            "1 if another label is likelier, and as likely as is usual for images that have it "
            "(confident learning).",
        ),
    ),
    run=_run,
)
