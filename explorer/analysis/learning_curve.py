"""With how many labelled images of each class can how many labels be told? A learning curve.

By the classifier that judges `label_accuracy` (`evidence.py`), which is a linear probe: Alain,
Bengio, "Understanding intermediate layers using linear classifier probes", 2016.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from explorer.analysis.evidence import components, told_by
from explorer.analysis.ranges import SEEDS, Settings, within
from explorer.analysis.vectors import Floats, Ints

_PER_LABEL = (1, 2, 5, 10, 20, 50, 100, 200, 500)
_MOST_OF_LABEL = 0.75  # of the images of the median label: the rest is tested
_TESTED = 1000
_BAND = (10, 90)

OnStep = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class CurveSettings(Settings):
    """draws: how often a point of the learning curve is measured with other labelled images."""

    prefix = "curve"
    draws: int = within(20, 1, 1000)
    seed: int = within(0, *SEEDS)


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """The accuracy with so many labelled images of each class.

    mean: over the draws; low, high: what nine in ten draws exceed, and what one in ten does.
    """

    per_label: int
    mean: float
    low: float
    high: float


def learning_curve(
    vectors: Floats,
    labels: Ints,
    settings: CurveSettings = CurveSettings(),
    *,
    on_step: OnStep = lambda done, total: None,  # noqa: ARG005
) -> list[CurvePoint]:
    """How accuracy grows with 1, 2, 5, 10 … labelled images of each class.

    labels (n,) codes, two at least, each of two images at least, and no copies of one picture
    among them. What is not drawn is tested (1,000 images at most). Goes up to three quarters of the
    median class; a smaller one gives all but one image. The draws depend on the labels and the seed
    alone.
    """
    from threadpoolctl import threadpool_limits

    rows = components(vectors)
    usual = float(np.median(np.unique(labels, return_counts=True)[1]))
    sizes = [each for each in _PER_LABEL if each <= _MOST_OF_LABEL * usual]
    points = []
    for place, size in enumerate(sizes):
        on_step(place, len(sizes))
        with threadpool_limits(1):  # small matrices, as in `held_out`
            scores = [
                float((told_by(rows[train], labels[train], rows[test]) == labels[test]).mean())
                for train, test in _draws(labels, size, settings)
            ]
        low, high = np.percentile(scores, _BAND).tolist()
        points.append(CurvePoint(size, float(np.mean(scores)), low, high))
    on_step(len(sizes), len(sizes))
    return points


def _draws(labels: Ints, size: int, settings: CurveSettings) -> Iterator[tuple[Ints, Ints]]:
    """Rows to train on, `size` of each label, and rows to test."""
    for draw in range(settings.draws):
        random = np.random.default_rng((settings.seed, size, draw))
        train: list[int] = []
        for code in np.unique(labels):
            rows = random.permutation(np.flatnonzero(labels == code))
            train += rows[: min(size, len(rows) - 1)].tolist()
        rest = np.setdiff1d(np.arange(len(labels)), train)
        yield np.array(train), random.permutation(rest)[:_TESTED]
