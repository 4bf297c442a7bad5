"""What the neighbour graph says about labels.

Weighted kNN: Dudani, "The distance-weighted k-nearest-neighbor rule", 1976.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from explorer.analysis.declaration import Analysis, Column, Inputs, Result, category, number
from explorer.analysis.graph import Graph
from explorer.analysis.vectors import Floats, Ints

MISSING = -1


@dataclass(frozen=True, slots=True)
class LabelSettings:
    """nearest: how many neighbours vote."""

    nearest: int = 15


def knn_accuracy(graph: Graph, labels: Ints, *, k: int = 1) -> float:
    """Share of the labelled images whose k nearest labelled others vote for their label.

    Leave-one-out; labels (n,) codes, -1 where missing. NaN if nothing is labelled.
    """
    known = labels != MISSING
    votes = label_votes(graph, labels, nearest=k)
    judged = known & (votes.sum(axis=1) > 0)
    if not judged.any():
        return float("nan")
    return float((votes[judged].argmax(axis=1) == labels[judged]).mean())


def label_votes(graph: Graph, labels: Ints, *, nearest: int = 15) -> Floats:
    """What the nearest labelled others say: (n, classes) float32, rows sum to 1, or 0 if silent.

    Each vote weighs its cosine similarity, but at least a little.
    """
    n = len(graph)
    classes = int(labels.max(initial=MISSING)) + 1
    votes = np.zeros((n, classes), dtype=np.float32)
    voices = labels[graph.neighbors]
    heard = (voices != MISSING) & (np.cumsum(voices != MISSING, axis=1) <= nearest)
    row, place = np.nonzero(heard)
    weights = np.maximum(graph.similarities[row, place], 1e-3)
    np.add.at(votes, (row, voices[row, place]), weights)
    total = votes.sum(axis=1, keepdims=True)
    return np.asarray(np.divide(votes, total, out=votes, where=total > 0))


def label_trouble(
    votes: Floats, labels: Ints, sparsity: Floats
) -> tuple[npt.NDArray[np.int32], Floats]:
    """Which label the neighbours suggest, and how much they speak against the given one.

    votes (n, classes); labels (n,); sparsity (n,): LOF, about 1 where the image has company.
    Returns suggested (n,) int32, -1 if no neighbour is labelled, and trouble (n,) float32, 0 to 1,
    NaN without a label. Neighbours of an outlier are strangers, so what they say counts for less.
    """
    silent = votes.sum(axis=1) == 0
    suggested = np.where(silent, MISSING, votes.argmax(axis=1) if votes.shape[1] else MISSING)
    own = np.zeros(len(labels), dtype=np.float32)
    known = np.flatnonzero(labels != MISSING)
    own[known] = votes[known, labels[known]]
    best = votes.max(axis=1, initial=0)
    trouble = (1 + best - own) / 2 * (1 - own) / np.maximum(sparsity, 1)
    trouble[(labels == MISSING) | silent] = np.nan
    return suggested.astype(np.int32), trouble.astype(np.float32)


def _run(inputs: Inputs, settings: LabelSettings) -> Result:
    assert inputs.labels is not None
    votes = label_votes(inputs.graph, inputs.labels, nearest=settings.nearest)
    suggested, trouble = label_trouble(votes, inputs.labels, inputs.columns["local_sparsity"])
    columns = {"label_suggested": category(suggested), "label_trouble": number(trouble)}
    return Result(columns, {"knn_accuracy": knn_accuracy(inputs.graph, inputs.labels)})


LABELS = Analysis(
    name="label_trouble",
    version=1,
    title="Label trouble",
    explains="Labels that the image's neighbours speak against.",
    settings=LabelSettings(),
    needs=("graph", "labels", "outliers"),
    columns=(
        Column(
            "label_suggested",
            "category",
            "Suggested label",
            "The label that most of the nearest neighbours have, the more similar ones counting "
            "for more.",
            names="labels",
        ),
        Column(
            "label_trouble",
            "number",
            "Label trouble",
            "How clearly the neighbours speak against the image's own label: 0 is agreement, 1 is "
            "unanimous disagreement.",
        ),
    ),
    run=_run,
)
