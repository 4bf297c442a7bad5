"""What label an image's features speak for, asked of those that have never seen the image.

`held_out` judges every image by a linear classifier fitted without it, and without its copies:
penalized discriminant analysis, which is a ridge regression on the labels (Hastie, Buja,
Tibshirani, "Penalized discriminant analysis", 1995), on principal components, anew in each of ten
folds (`folds.py`). Its strength is chosen inside each fold by generalized cross-validation (Golub,
Heath, Wahba, 1979); what turns its scores into probabilities is fitted for each fold on the others
(temperature scaling: Platt, 1999; Guo, Pleiss, Sun, Weinberger, 2017).

Nothing is fitted on leave-one-out scores: where only the image itself is left out, its class is
short of exactly that image, and whatever learns from such scores can read the label off them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from explorer.analysis.folds import MISSING, Folds, draw_folds
from explorer.analysis.graph import Graph
from explorer.analysis.intervals import Judged
from explorer.analysis.pca import fit_pca
from explorer.analysis.vectors import Bools, Codes, Doubles, Floats, Ints, unit_rows

_FOLDS = 10
_COMPONENTS = 768
_RIDGES = np.geomspace(1e-2, 1e5, 29)  # in units of the variance of the rows
_LEAST_UNEXPLAINED = 0.02
_SHARPNESS = (-4.0, 8.0)  # of the probabilities, as a logarithm: from nothing known to certainty
_HALVINGS = 10
_FITTED_ON = 2000
_BLOCK = 8192
_COMPARED = {"folds": 3, "repeats": 15}
_MANY = 2000  # images: differences are small there anyway, and the folds take their time


@dataclass(frozen=True, slots=True)
class HeldOut:
    """What is said of each of n images by a classifier that has not seen it.

    probabilities: (n, classes) float32, rows sum to 1, the mean over the repeats. suggested: (n,)
    int32, the likeliest label. judged: (n,) those that have a label which an image other than they
    and their copies has, too; where there are none, suggested is -1 and probabilities are 0.
    right: (repeats, n), in each repeat alone; false where an image is not judged.
    """

    probabilities: Floats
    suggested: Codes
    judged: Bools
    right: Bools


def held_out(
    vectors: Floats,
    labels: Ints,
    *,
    groups: Ints | None = None,
    repeats: int = 1,
    folds: int = _FOLDS,
) -> HeldOut:
    """Judge every image by a linear classifier that was fitted without it.

    vectors: (n, d); labels: (n,) codes from 0, -1 where missing: those are judged by all that have
    one. groups: (n,) codes, equal for copies of one picture, which are left out together. repeats:
    how often the folds are drawn, folds: how many. The same for the same arguments.
    """
    from threadpoolctl import threadpool_limits

    n, classes = len(labels), _classes(labels)
    groups = np.arange(n) if groups is None else groups
    judged = _judged(labels, groups)
    if classes < 2 or not judged.any():  # there is nothing to tell apart
        told = bool(judged.any())
        return HeldOut(
            probabilities=np.full((n, classes), told, np.float32),
            suggested=np.full(n, classes - 1 if told else MISSING, np.int32),
            judged=judged,
            right=np.tile(judged, (repeats, 1)),
        )
    rows = components(vectors)
    total = np.zeros((n, classes), np.float32)
    right = np.zeros((repeats, n), bool)
    with threadpool_limits(1):  # small matrices: several threads would mostly wait for each other
        for repeat in range(repeats):
            drawn = draw_folds(labels, groups, count=folds, seed=repeat)
            found = _probabilities(_scores(rows, labels, drawn), labels, drawn.judged_in)
            right[repeat] = judged & (found.argmax(axis=1) == labels)
            total += found
    return HeldOut(
        total / np.float32(repeats), total.argmax(axis=1).astype(np.int32), judged, right
    )


def judged_by_classifier(
    vectors: Floats, labels: Ints, found: HeldOut, *, groups: Ints | None = None
) -> Judged:
    """Judge each of (n, d) vectors by classifiers that have not seen it: (repeats, n) answers.

    So two spaces are compared, image by image. Cross-validation varies less, the more classifiers
    judge each image, and the less these have learned from the same images: so fifteen times three
    folds instead of three times ten. It is the accuracy with two thirds of the labels, which
    differs as much between two spaces.

    found: what the label accuracy comes from, whose answers do for many images; groups: as there.
    """
    if len(labels) < _MANY:
        found = held_out(vectors, labels, groups=groups, **_COMPARED)
    return Judged(found.right)


def components(vectors: Floats) -> Floats:
    """What the classifier sees of (n, d) vectors: (n, c) principal components."""
    unit = unit_rows(vectors)
    return fit_pca(unit, _COMPONENTS).project(unit)


def told_by(rows: Floats, labels: Ints, others: Floats) -> Ints:
    """What the classifier says of other components (m, c): (m,) labels, all as likely beforehand.

    rows: (n, c) components that it is fitted to, labels: (n,) codes, none missing.
    """
    if len(rows) < rows.shape[1]:  # of a direction that no row has nothing is learned
        basis = np.linalg.qr(rows.T)[0]
        rows, others = rows @ basis, others @ basis
    weights, offsets = _discriminant(_sums(rows, labels, _classes(labels)))
    return np.asarray((others @ weights - offsets).argmax(axis=1), np.int64)


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


def _judged(labels: Ints, groups: Ints) -> Bools:
    """Which images have a label that is found in another group, too: (n,)."""
    known = labels != MISSING
    pairs = np.unique(np.stack([labels[known], groups[known]]), axis=1)
    apart = np.bincount(pairs[0], minlength=_classes(labels) + 1)
    return np.asarray(known & (apart[labels] > 1))


def _scores(rows: Floats, labels: Ints, folds: Folds) -> Floats:
    """How much speaks for each label, by those that the image's fold has seen: (n, classes)."""
    known = labels != MISSING
    everything = _sums(rows[known], labels[known], _classes(labels))
    scores = np.empty((len(rows), _classes(labels)), np.float32)
    for fold in np.unique(folds.judged_in).tolist():
        here = folds.judged_in == fold
        # Of those without a label, nothing is left out.
        out = folds.left_out[fold] if fold != MISSING else np.zeros(len(rows), bool)
        part = _sums(rows[out], labels[out], _classes(labels))
        weights, offsets = _discriminant(everything.without(part))
        scores[here] = rows[here] @ weights - offsets
    return scores


@dataclass(frozen=True, slots=True)
class _Sums:
    """All that a ridge regression needs of some rows. products: (d, d), of all with all.

    by_label: (classes, d), the sum of the rows of each label; counts: (classes,), how many.
    """

    products: Doubles
    by_label: Doubles
    counts: Doubles

    def without(self, part: _Sums) -> _Sums:
        return _Sums(
            self.products - part.products, self.by_label - part.by_label, self.counts - part.counts
        )


def _sums(rows: Floats, labels: Ints, classes: int) -> _Sums:
    from scipy.sparse import csr_array

    n, d = rows.shape
    products = np.zeros((d, d))
    for start in range(0, n, _BLOCK):
        block = rows[start : start + _BLOCK]
        products += block.T @ block
    bears = csr_array((np.ones(n, np.float32), (labels, np.arange(n))), (classes, n))
    counts = np.bincount(labels, minlength=classes).astype(np.float64)
    return _Sums(products, np.asarray(bears @ rows, np.float64), counts)


def _discriminant(known: _Sums) -> tuple[Floats, Floats]:
    """Weights (d, classes) and offsets (classes,): rows @ weights - offsets are the scores.

    Linear discriminants from the ridge regression: the part of each canonical direction that the
    regression explains, less what it would explain of labels at random (as in the adjusted R²).
    All but for a factor, the square root of a label's share: with it, scores of all labels have
    the same spread where nothing speaks for any, so that a label which is short of the image itself
    is neither more nor less likely for that.
    """
    n = max(known.counts.sum(), 2.0)
    counts = np.maximum(known.counts, 1e-9)
    mean = known.by_label.sum(axis=0) / n
    values, axes = np.linalg.eigh(known.products - n * np.outer(mean, mean))
    values = np.maximum(values, 0)
    fitted = axes.T @ (known.by_label.T - np.outer(mean, known.counts))
    share = counts / n
    ridge = _strength(values, (fitted**2).sum(axis=1), n, float((share * (1 - share)).sum()))
    half = fitted / np.sqrt(np.outer(values + ridge, counts))
    left, lengths, right = np.linalg.svd(half, full_matrices=False)
    by_chance = (1 + (values / (values + ridge)).sum()) / n
    unexplained = np.clip((1 - lengths**2) / max(1 - by_chance, 1e-6), _LEAST_UNEXPLAINED, 1)
    sharpened = (left * lengths / unexplained) @ right
    weights = np.sqrt(n) * (axes / np.sqrt(values + ridge)) @ sharpened
    own = (1 / unexplained - 1) @ right**2  # how far a label's mean is from the mean of all
    offsets = mean @ weights + own / np.sqrt(share) / 2
    return weights.astype(np.float32), offsets.astype(np.float32)


def _strength(values: Doubles, fitted: Doubles, n: float, variance: float) -> float:
    """The ridge that generalized cross-validation finds best; of equals, the strongest."""
    ridges = _RIDGES * max(float(values.sum()) / n, 1e-12)
    shrunk = 1 / (values + ridges[:, None])
    left = n * variance - (2 * shrunk - values * shrunk**2) @ fitted
    free = 1 - (1 + (values * shrunk).sum(axis=1)) / n
    errors = left / np.maximum(free, 1e-6) ** 2
    return float(ridges[len(ridges) - 1 - errors[::-1].argmin()])


def _probabilities(scores: Floats, labels: Ints, folds: Ints) -> Floats:
    """Scores (n, classes) as probabilities; how sharp, is fitted for each fold on the others."""
    counts = np.bincount(labels[labels != MISSING], minlength=scores.shape[1])
    prior = np.log(np.maximum(counts, 1e-9) / counts.sum()).astype(np.float32)
    found = np.empty_like(scores)
    for fold in np.unique(folds).tolist():
        here = folds == fold
        others = np.flatnonzero((labels != MISSING) & ~here)
        found[here] = _softmax(_sharpness(scores, labels, prior, others) * scores[here] + prior)
    return found


def _sharpness(scores: Floats, labels: Ints, prior: Floats, rows: Ints) -> float:
    """The factor of the scores that makes the labels of some rows likeliest."""
    if len(rows) == 0:
        return 1.0
    if len(rows) > _FITTED_ON:
        rows = np.random.default_rng(0).choice(rows, _FITTED_ON, replace=False)
    seen = scores[rows]
    given = seen[np.arange(len(rows)), labels[rows]]
    low, high = _SHARPNESS
    for _ in range(_HALVINGS):  # their likelihood has one peak: where the slope is none
        middle = (low + high) / 2
        expected = (_softmax(np.exp(middle) * seen + prior) * seen).sum(axis=1)
        low, high = (low, middle) if expected.mean() > given.mean() else (middle, high)
    return float(np.exp((low + high) / 2))


def _softmax(logits: npt.NDArray[np.floating]) -> Floats:
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(odds / odds.sum(axis=1, keepdims=True), dtype=np.float32)


def _classes(labels: Ints) -> int:
    return int(labels.max(initial=MISSING)) + 1
