"""How many of the labels can be told from the images, and whether that is more than guessing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from math import isnan, sqrt

import numpy as np

from explorer.analysis.evidence import HeldOut
from explorer.analysis.intervals import Estimate, wilson
from explorer.analysis.vectors import Ints

VARIES = 1.2
"""So many times as much as their interval says vary the shares told right of labels at random:
answers go wrong together, having been learned from mostly the same images."""

_SHARED = 1.2  # the design effect (Kish): what is learned from varies, too, not only what is judged
_CLEARS = 1.96 * VARIES * sqrt(_SHARED)  # standard errors of independent images
_HARDLY = 0.35  # of the way from guessing to knowing; what lies below is hardly separable
_PREFIX = "label_accuracy_"


@dataclass(frozen=True, slots=True)
class LabelAccuracy:
    """The share of labels told right by a linear classifier that has not seen the image.

    value, with its interval of 95 % from low to high (Wilson's, of 1.2 times fewer images, since it
    varies 0.9 to 1.5 times as much as independent answers would, as data are; it holds what
    guessing reaches unless that is ruled out); majority: the share of the commonest label, which
    guessing reaches; images: how many were judged.
    """

    value: float
    low: float
    high: float
    majority: float
    images: int

    @property
    def told(self) -> bool:
        """Whether it is more than guessing; of labels at random, once in twenty times at most."""
        return self.low > self.majority

    @property
    def beyond(self) -> float:
        """By how many standard errors of independent images it exceeds guessing."""
        return (self.value - self.majority) / _error(self.majority, self.images)

    @property
    def too_few(self) -> bool:
        """Whether so few images were judged that it is open whether it is more than guessing."""
        return not self.told and inconclusive(self, self.majority)

    @property
    def says(self) -> str:
        """All of it in words, without a full stop."""
        beside = f"{self.low:.0%} to {self.high:.0%}; the commonest label is {self.majority:.0%}"
        if self.told:
            return (
                f"{self.value:.0%} of the labels are told right by a classifier that has not seen "
                f"the image ({beside})"
            )
        how = "the labels cannot be told from the images"
        if self.too_few:
            how = (
                f"these {self.images:,} labels are too few to say whether they can be told from "
                "the images"
            )
        return f"{how}: {self.value:.0%} right ({beside})"

    def figures(self) -> dict[str, float]:
        """As the figures of a space keep it."""
        rest = {_PREFIX + name: float(value) for name, value in asdict(self).items()}
        return {"label_accuracy": rest.pop(_PREFIX + "value")} | rest


def inconclusive(found: Estimate | LabelAccuracy, guessing: float) -> bool:
    """Whether a share that is not shown to exceed guessing may do so: it is judged too vaguely.

    With so wide an interval not even what is more than hardly separable would exceed guessing for
    sure. A share that guessing reaches is no vague one, however few were judged.
    """
    separable = guessing + _HARDLY * (1 - guessing)
    seen = separable - (found.high - found.low) / 2 > guessing and found.value < separable
    return found.value > guessing and not seen


def label_accuracy(found: HeldOut, labels: Ints) -> LabelAccuracy | None:
    """How many of the labels (n,) can be told; None where there are not two labels to tell."""
    judged = labels[found.judged]
    if len(np.unique(judged)) < 2:
        return None
    count = len(judged)
    value = float((found.suggested[found.judged] == judged).mean())
    right = wilson(value * count / _SHARED, count / _SHARED)
    majority = float(np.bincount(judged).max() / count)
    guessing = majority + _CLEARS * _error(majority, count)
    low = right.low if value > guessing else min(right.low, majority)
    return LabelAccuracy(value, low, right.high, majority, count)


def _error(share: float, count: int) -> float:
    return sqrt(share * (1 - share) / count)


def read_label_accuracy(figure: Callable[[str], float]) -> LabelAccuracy | None:
    """Of the figures of a space by name, NaN where there is none.

    None where it has not been judged on images held out.
    """
    names = ("label_accuracy", *(_PREFIX + name for name in ("low", "high", "majority", "images")))
    value, low, high, majority, images = map(figure, names)
    if isnan(value + low + high + majority + images):
        return None
    return LabelAccuracy(value, low, high, majority, int(images))
