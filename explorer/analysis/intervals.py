"""How sure a share of right answers is: intervals of 95 %, and paired comparisons of two.

What an interval is *of*: the share that is to be expected on other images of the same kind, when as
many labelled ones as these are there to judge by. Two things make it vary from one set of images to
another: which images are judged, and which the judging is done by.

For a classifier that looks at all the others at once the first is nearly all there is: the central
limit theorem of cross-validation (Bayle, Bayle, Janson, Mackey, "Cross-validation confidence
intervals for test error", 2020) lets the images count as independent, in the limit; with some
hundred, the second adds a tenth, and up to a half. Repeating it with other folds
takes the chance of the folds out of the figure: two are compared by the mean of the repeats, whose
variance over images is a little too small (by 4 to 14 % in 300 draws of three sorts of data), since
all repeats learn from the same images. Where there is nothing to learn it is far too small, because
classifiers err together: there, no difference should be told.

The nearest neighbour is another matter: one image is the nearest of several, which are right or
wrong together. What that does is measured on the images themselves: they are halved at random, each
half is judged by itself, and as the halves have no image in common, their difference has twice the
variance of either one, whatever the way of judging. (Leaving one image out at a time does not do:
the jackknife never finds too little, Efron, Stein, "The jackknife estimate of variance", 1981, but
for nearest neighbours it finds twice what there is.)

Shares of independent images: Wilson, "Probable inference, the law of succession, and statistical
inference", 1927 (recommended by Brown, Cai, DasGupta, "Interval estimation for a binomial
proportion", 2001); of others the same with the number of independent images that would vary as much
(Kish's effective sample size, "Survey sampling", 1965). Differences: Student's paired t, with two
more images that only one of both gets right, one each (Bonett, Price, "Adjusted Wald confidence
interval for a difference of binomial proportions based on paired data", 2012): where hardly any
differ, that is no proof that none would.

Several comparisons at once: Holm, "A simple sequentially rejective multiple test procedure", 1979.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import sqrt

import numpy as np

from explorer.analysis.vectors import Bools, Doubles

_Z = 1.959964  # the normal distribution has 95 % between -_Z and _Z
_LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure and its interval of 95 %."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Paired:
    """The first figure minus the second, and the probability of such a one if there were none."""

    by: Estimate
    p: float


@dataclass(frozen=True, slots=True)
class Judged:
    """How n images were judged.

    right: (repeats, n), in each repeat which were judged right, or how probably. halves: (draws, 2)
    float64, the shares of right ones in two random halves of the images, each judged by itself;
    none where images are judged as good as independently.
    """

    right: Bools | Doubles
    halves: Doubles = field(default_factory=lambda: np.empty((0, 2)))


def wilson(right: float, of: float) -> Estimate:
    """The share of `of` cases that are `right`, with Wilson's interval. NaN for no case at all."""
    if of == 0:
        return Estimate(float("nan"), 0.0, 1.0)
    value = right / of
    middle = (value + _Z**2 / (2 * of)) / (1 + _Z**2 / of)
    half = _Z / (1 + _Z**2 / of) * sqrt(value * (1 - value) / of + _Z**2 / (4 * of**2))
    # Rounding must not leave the figure itself outside.
    return Estimate(value, max(0.0, min(value, middle - half)), min(1.0, max(value, middle + half)))


def share_right(judged: Judged) -> Estimate:
    """The share of right answers, with the interval of as many independent images as vary so."""
    n = judged.right.shape[1]
    if n == 0:
        return wilson(0, 0)
    value = float(judged.right.mean())
    independent = n / _shared(judged)
    return wilson(value * independent, independent)


def difference(first: Judged, second: Judged) -> Paired:
    """Two ways of judging the same images, compared image by image.

    Both with as many repeats, and with the same halves of the images.
    """
    from scipy.special import stdtr, stdtrit

    repeats, n = first.right.shape
    apart = first.right.astype(float) - second.right
    value = float(apart.mean()) if n else 0.0
    apart = np.hstack([apart, np.tile([1.0, -1.0], (repeats, 1))])
    variance = float(apart.mean(axis=0).var()) / (n + 2)
    if len(first.halves):
        variance = max(variance, _variance_of_whole(first.halves - second.halves))
    error, middle = sqrt(variance), float(apart.mean())
    half = float(stdtrit(n + 1, (1 + _LEVEL) / 2)) * error
    low, high = max(-1.0, middle - half), min(1.0, middle + half)
    p = float(2 * stdtr(n + 1, -abs(middle) / error))
    return Paired(Estimate(value, min(low, value), max(high, value)), p)


def holm(p_values: Sequence[float]) -> list[float]:
    """The probabilities of several comparisons, corrected for their number."""
    adjusted = [1.0] * len(p_values)
    reached = 0.0
    for place, number in enumerate(sorted(range(len(p_values)), key=lambda each: p_values[each])):
        reached = max(reached, min(1.0, (len(p_values) - place) * p_values[number]))
        adjusted[number] = reached
    return adjusted


def _variance_of_whole(halves: Doubles) -> float:
    """Of a figure of all images, by the same figure of halves of them.

    The difference of two independent halves has twice the variance of one, and one has twice that
    of the whole.
    """
    return float(((halves[:, 0] - halves[:, 1]) ** 2).mean()) / 4


def _shared(judged: Judged) -> float:
    """By how much the share varies more than that of independent images: the design effect."""
    if not len(judged.halves):
        return 1.0
    value = float(judged.halves.mean())
    independent = value * (1 - value) / judged.right.shape[1]
    return max(1.0, _variance_of_whole(judged.halves) / independent) if independent else 1.0
