"""Can a line tell the labels apart? Logistic regression on frozen vectors, cross-validated.

A linear probe: Alain, Bengio, "Understanding intermediate layers using linear classifier probes",
2016. scikit-learn's logistic regression; its strength of regularisation is chosen for every split
within the part that it is trained on, so that no space is favoured and no test image is seen.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from explorer.analysis.ranges import check_range, check_seed
from explorer.analysis.vectors import Floats, Ints, unit_rows

_STRENGTHS = (1.0, 10.0, 100.0, 1000.0)  # scikit-learn's C: the larger, the less regularised
_FEW_LABELS = 10.0
_INNER_TEST = 0.25
_STEPS = 200
_TOLERANCE = 1e-3
_PER_LABEL = (1, 2, 5, 10, 20, 50, 100, 200, 500)
_MOST_OF_LABEL = 0.75  # of the images of the median label: the rest is tested
_TESTED = 1000
_BAND = (10, 90)

OnStep = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class ProbeSettings:
    """folds: parts of a cross-validation; repeats: how often, each time with other parts.

    draws: how often a point of the learning curve is measured with other labelled images.
    """

    folds: int = 5
    repeats: int = 4
    draws: int = 20
    seed: int = 0

    def __post_init__(self) -> None:
        check_range("probe.folds", self.folds, 2, 20)
        check_range("probe.repeats", self.repeats, 1, 100)
        check_range("probe.draws", self.draws, 1, 1000)
        check_seed("probe.seed", self.seed)

    @property
    def test_share(self) -> float:
        """Images tested by images trained on, in one split."""
        return 1 / (self.folds - 1)


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """The accuracy with so many labelled images of each class.

    mean: over the draws; low, high: what nine in ten draws exceed, and what one in ten does.
    """

    per_label: int
    mean: float
    low: float
    high: float


def probe_scores(
    vectors: Floats,
    labels: Ints,
    settings: ProbeSettings = ProbeSettings(),
    *,
    on_step: OnStep = lambda done, total: None,  # noqa: ARG005
) -> npt.NDArray[np.float64]:
    """The accuracy of each split of a repeated stratified cross-validation: (folds * repeats,).

    vectors (n, d); labels (n,) codes, two at least, each of as many images as there are folds at
    least, and of four. The splits depend on the labels and the seed alone: the scores of two spaces
    of the same images are paired. See `mean_of_splits` and `paired_splits` for what they say.
    """
    from sklearn.model_selection import RepeatedStratifiedKFold

    unit = unit_rows(vectors)
    splits = RepeatedStratifiedKFold(
        n_splits=settings.folds, n_repeats=settings.repeats, random_state=settings.seed
    )
    total = settings.folds * settings.repeats
    scores = np.empty(total)
    for number, (train, test) in enumerate(splits.split(unit, labels)):
        on_step(number, total)
        strength = _best_strength(unit[train], labels[train], settings.seed + number)
        scores[number] = _accuracy(unit, labels, train, test, strength)
    on_step(total, total)
    return scores


def learning_curve(
    vectors: Floats,
    labels: Ints,
    settings: ProbeSettings = ProbeSettings(),
    *,
    on_step: OnStep = lambda done, total: None,  # noqa: ARG005
) -> list[CurvePoint]:
    """How accuracy grows with 1, 2, 5, 10 … labelled images of each class.

    labels (n,) codes, two at least, each of two images at least. What is not drawn is tested (1,000
    images at most). Goes up to three quarters of the median class; a smaller one gives all but one
    image. The draws depend on the labels and the seed alone.
    """
    unit = unit_rows(vectors)
    usual = float(np.median(np.unique(labels, return_counts=True)[1]))
    sizes = [each for each in _PER_LABEL if each <= _MOST_OF_LABEL * usual]
    points = []
    for place, size in enumerate(sizes):
        on_step(place, len(sizes))
        scores = [
            _accuracy(unit, labels, train, test, _FEW_LABELS)
            for train, test in _draws(labels, size, settings)
        ]
        low, high = np.percentile(scores, _BAND).tolist()
        points.append(CurvePoint(size, float(np.mean(scores)), low, high))
    on_step(len(sizes), len(sizes))
    return points


def _draws(labels: Ints, size: int, settings: ProbeSettings) -> Iterator[tuple[Ints, Ints]]:
    """Rows to train on, `size` of each label, and rows to test."""
    for draw in range(settings.draws):
        random = np.random.default_rng((settings.seed, size, draw))
        train: list[int] = []
        for code in np.unique(labels):
            rows = random.permutation(np.flatnonzero(labels == code))
            train += rows[: min(size, len(rows) - 1)].tolist()
        rest = np.setdiff1d(np.arange(len(labels)), train)
        yield np.array(train), random.permutation(rest)[:_TESTED]


def _accuracy(unit: Floats, labels: Ints, train: Ints, test: Ints, strength: float) -> float:
    mean, scale = _scaling(unit[train])
    model = _fitted((unit[train] - mean) / scale, labels[train], strength)
    return float(model.score((unit[test] - mean) / scale, labels[test]))


def _best_strength(unit: Floats, labels: Ints, seed: int) -> float:
    """What does best on a part that is held out; of equals, the more regularised."""
    from sklearn.model_selection import train_test_split

    # One image of each label at least, however few there are.
    size = max(round(_INNER_TEST * len(labels)), len(np.unique(labels)))
    train, held = train_test_split(
        np.arange(len(labels)), test_size=size, stratify=labels, random_state=seed
    )
    scores = [_accuracy(unit, labels, train, held, strength) for strength in _STRENGTHS]
    return _STRENGTHS[int(np.argmax(scores))]


def _scaling(unit: Floats) -> tuple[Floats, float]:
    """The mean, and the length that rows have around it: the same strength fits any space."""
    mean = unit.mean(axis=0)
    spread = float(np.sqrt(((unit - mean) ** 2).sum(axis=1).mean()))
    return mean, spread or 1.0


def _fitted(rows: Floats, labels: Ints, strength: float) -> Any:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits

    model = LogisticRegression(C=strength, max_iter=_STEPS, tol=_TOLERANCE)
    # Its matrices are small: several threads would mostly wait for each other.
    with threadpool_limits(1), warnings.catch_warnings():
        # A probe that is stopped early is a probe that is regularised a little more.
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(rows, labels)
