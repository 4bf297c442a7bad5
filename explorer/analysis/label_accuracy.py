"""How many of the labels can be told from the images, and whether that is more than guessing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import sqrt
from typing import Any

import numpy as np

from explorer.analysis.evidence import HeldOut
from explorer.analysis.intervals import wilson
from explorer.analysis.vectors import Ints

_CLEARS = 2.576  # standard errors of independent images
_PREFIX = "label_accuracy_"


@dataclass(frozen=True, slots=True)
class LabelAccuracy:
    """The share of labels told right by a linear classifier that has not seen the image.

    value, with its interval of 95 % from low to high; majority: the share of the commonest label,
    which guessing reaches; images: how many were judged.
    """

    value: float
    low: float
    high: float
    majority: float
    images: int

    @property
    def told(self) -> bool:
        """Whether it is more than guessing; said of labels at random at most once in twenty times.

        The classifiers of different images learn from mostly the same ones, so that their mistakes
        go together: the spread over labels at random is 1.25 times that of independent images.
        """
        error = sqrt(self.majority * (1 - self.majority) / self.images)
        return self.value > self.majority + _CLEARS * error

    @property
    def interval(self) -> str:
        """The interval and the commonest label beside it, in words."""
        return (
            f"{self.low:.0%} to {self.high:.0%}, of {self.images:,} judged; the commonest label is "
            f"{self.majority:.0%}"
        )

    def figures(self) -> dict[str, float]:
        """As the figures of a space keep it."""
        rest = {_PREFIX + name: float(value) for name, value in asdict(self).items()}
        return {"label_accuracy": rest.pop(_PREFIX + "value")} | rest


def label_accuracy(found: HeldOut, labels: Ints) -> LabelAccuracy | None:
    """How many of the labels (n,) can be told; None where there are not two labels to tell."""
    judged = labels[found.judged]
    if len(np.unique(judged)) < 2:
        return None
    right = wilson(int((found.suggested[found.judged] == judged).sum()), len(judged))
    majority = float(np.bincount(judged).max() / len(judged))
    return LabelAccuracy(right.value, right.low, right.high, majority, len(judged))


def read_label_accuracy(figures: Mapping[str, Mapping[str, Any]]) -> LabelAccuracy | None:
    """Of the figures of a space; None where it has not been judged on images held out."""
    known = figures.get("label_trouble", {})
    names = ("low", "high", "majority", "images")
    if not {"label_accuracy", *(_PREFIX + name for name in names)} <= known.keys():
        return None
    low, high, majority, images = (known[_PREFIX + name] for name in names)
    return LabelAccuracy(known["label_accuracy"], low, high, majority, int(images))
