"""What label an image's features speak for, asked of all the *other* images.

Two witnesses, each leaving the image itself out: the votes of its nearest neighbours, and a linear
discriminant on its principal components. The discriminant is flexible discriminant analysis
(Hastie, Tibshirani, Buja, 1994): ridge regression on the labels, whose leave-one-out predictions
have a closed form (Allen's PRESS, 1974), then Gaussian discriminants on those. How much each
witness counts is fitted (Platt, 1999), so the probabilities mean what they say.

On CIFAR-10 with 5 % of the labels flipped, neighbours alone find the flips with average precision
0.70, the discriminant alone with 0.80, both with 0.81.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from explorer.analysis.graph import Graph
from explorer.analysis.pca import fit_pca
from explorer.analysis.vectors import Floats, Ints, unit_rows

MISSING = -1

_COMPONENTS = 512
_RIDGES = (0.1, 0.3, 1.0, 3.0, 10.0)
_SHRINK = 0.1
_FITTED_ON = 5000


def label_votes(graph: Graph, labels: Ints, *, nearest: int = 15) -> Floats:
    """What the nearest labelled others say: (n, classes) float32, rows sum to 1, or 0 if silent.

    Each vote weighs its cosine similarity, but at least a little. Distance-weighted kNN: Dudani,
    1976.
    """
    votes = np.zeros((len(graph), _classes(labels)), dtype=np.float32)
    voices = labels[graph.neighbors]
    heard = (voices != MISSING) & (np.cumsum(voices != MISSING, axis=1) <= nearest)
    row, place = np.nonzero(heard)
    np.add.at(votes, (row, voices[row, place]), np.maximum(graph.similarities[row, place], 1e-3))
    total = votes.sum(axis=1, keepdims=True)
    return np.asarray(np.divide(votes, total, out=votes, where=total > 0))


def label_probabilities(graph: Graph, vectors: Floats, labels: Ints) -> Floats:
    """The probability of each label for each image, by all the others: (n, classes) float32.

    labels: (n,) codes from 0, -1 where missing. Rows sum to 1; with no label at all there are no
    classes.
    """
    classes = _classes(labels)
    if classes < 2:
        return np.ones((len(labels), classes), dtype=np.float32)
    votes = label_votes(graph, labels, nearest=graph.k)
    floor = 1 / (graph.k + 1) / classes  # one vote more, spread over all classes
    witnesses = [np.log(votes + floor), discriminant(vectors, labels)]
    return _softmax(_weighed(witnesses, labels))


def discriminant(vectors: Floats, labels: Ints) -> Floats:
    """Log-likelihood of each label, up to a constant, by the other images: (n, classes) float32."""
    scores = _leave_one_out(vectors, labels)
    known = labels != MISSING
    classes = scores.shape[1]
    counts = np.bincount(labels[known], minlength=classes)
    means = np.zeros((classes, classes))
    np.add.at(means, labels[known], scores[known])
    means /= np.maximum(counts, 1)[:, None]
    within = scores[known] - means[labels[known]]
    covariance = within.T @ within / max(known.sum(), 1)
    covariance += (_SHRINK * np.trace(covariance) / classes + 1e-9) * np.eye(classes)
    weights = np.linalg.solve(covariance, means.T)
    prior = np.log(np.maximum(counts, 0.5) / counts.sum())
    logits = scores @ weights - (means * weights.T).sum(axis=1) / 2 + prior
    return np.asarray(logits - logits.max(axis=1, keepdims=True), dtype=np.float32)


def _leave_one_out(vectors: Floats, labels: Ints) -> Floats:
    """Ridge regression on one-hot labels; a labelled row is predicted without itself."""
    unit = unit_rows(vectors)
    known = labels != MISSING
    rows = fit_pca(unit, _COMPONENTS).project(unit)
    rows -= rows[known].mean(axis=0)
    targets = np.eye(_classes(labels), dtype=np.float32)[labels[known]]
    mean = targets.mean(axis=0)
    values, axes = np.linalg.eigh((rows[known].T @ rows[known]).astype(np.float64))
    rows = rows @ axes.astype(np.float32)
    fitted = rows[known].T @ (targets - mean)
    best: tuple[float, Floats] = (np.inf, rows)
    for ridge in _RIDGES:
        shrunk = (1 / (np.maximum(values, 0) + ridge)).astype(np.float32)
        scores = mean + rows @ (shrunk[:, None] * fitted)
        leverage = (rows[known] ** 2 @ shrunk + 1 / known.sum())[:, None]
        scores[known] = (scores[known] - leverage * targets) / np.maximum(1 - leverage, 1e-6)
        error = float(((scores[known] - targets) ** 2).sum())
        if error < best[0]:
            best = error, scores
    return best[1]


def _weighed(witnesses: list[Floats], labels: Ints) -> Floats:
    """The sum of the witnesses, each times the factor that makes the given labels likeliest."""
    from scipy.optimize import minimize

    known = np.flatnonzero(labels != MISSING)
    known = known[:: max(1, len(known) // _FITTED_ON)]
    given = labels[known]

    def surprise(log_factors: npt.NDArray[np.float64]) -> float:
        logits = sum(np.exp(f) * w[known] for f, w in zip(log_factors, witnesses, strict=True))
        return float(-np.log(_softmax(logits)[np.arange(len(given)), given] + 1e-12).mean())

    start = np.zeros(len(witnesses))
    found = minimize(surprise, start, method="Nelder-Mead", options={"maxiter": 80}).x
    return np.asarray(
        sum(np.exp(f) * w for f, w in zip(found, witnesses, strict=True)), dtype=np.float32
    )


def _softmax(logits: npt.NDArray[np.floating]) -> Floats:
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(odds / odds.sum(axis=1, keepdims=True), dtype=np.float32)


def _classes(labels: Ints) -> int:
    return int(labels.max(initial=MISSING)) + 1
