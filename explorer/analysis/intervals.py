"""How sure a figure is: intervals of 95 %, and paired comparisons of two figures.

Shares of single images: Wilson, "Probable inference, the law of succession, and statistical
inference", 1927 (recommended by Brown, Cai, DasGupta, "Interval estimation for a binomial
proportion", 2001); differences of paired shares: Bonett, Price, "Adjusted Wald confidence interval
for a difference of binomial proportions based on paired data", 2012; their test: McNemar, 1947, as
mid-p (Fagerland, Lydersen, Laake, "The McNemar test for binary matched-pairs data", 2013).

Means over resampled splits: Nadeau, Bengio, "Inference for the generalization error", 2003. The
training parts of such splits overlap, so their scores agree more than independent ones would; the
variance is corrected for it. For repeated cross-validation: Bouckaert, Frank, "Evaluating the
replicability of significance tests for comparing learning algorithms", 2004.

Several comparisons at once: Holm, "A simple sequentially rejective multiple test procedure", 1979.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
import numpy.typing as npt

Bools = npt.NDArray[np.bool_]
Scores = npt.NDArray[np.float64]

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


def wilson(right: int, of: int) -> Estimate:
    """The share of `of` cases that are `right`, with Wilson's interval. NaN for no case at all."""
    if of == 0:
        return Estimate(float("nan"), 0.0, 1.0)
    value = right / of
    middle = (value + _Z**2 / (2 * of)) / (1 + _Z**2 / of)
    half = _Z / (1 + _Z**2 / of) * sqrt(value * (1 - value) / of + _Z**2 / (4 * of**2))
    # Rounding must not leave the figure itself outside.
    return Estimate(value, max(0.0, min(value, middle - half)), min(1.0, max(value, middle + half)))


def paired_shares(first: Bools, second: Bools) -> Paired:
    """Two shares of right answers to the same (n,) cases, compared by what only one got right."""
    from scipy.special import bdtr

    n = len(first)
    only_first = int((first & ~second).sum())
    only_second = int((second & ~first).sum())
    least, differing = min(only_first, only_second), only_first + only_second
    # The point probability of what was seen counts half: mid-p.
    below = bdtr(least - 1, differing, 0.5) if least else 0.0
    p = float(below + bdtr(least, differing, 0.5)) if differing else 1.0
    a, b = (only_first + 1) / (n + 2), (only_second + 1) / (n + 2)
    half = _Z * sqrt(max(a + b - (a - b) ** 2, 0.0) / (n + 2))
    value = (only_first - only_second) / max(n, 1)
    low, high = max(-1.0, a - b - half), min(1.0, a - b + half)
    return Paired(Estimate(value, min(low, value), max(high, value)), min(p, 1.0))


def mean_of_splits(scores: Scores, *, test_share: float, images: int) -> Estimate:
    """The mean of the accuracies (m,) of splits that resample the same images.

    test_share: images that are tested by those that are trained on, 0.25 for five folds. The
    interval is never narrower than that of a share of as many `images`: where every split gets
    everything right, their agreement is no proof that the next image would be, too.
    """
    value = float(scores.mean())
    half = _half_width(scores, test_share)
    least = wilson(round(value * images), images)
    low, high = min(value - half, least.low), max(value + half, least.high)
    return Estimate(value, max(0.0, min(low, value)), min(1.0, max(high, value)))


def paired_splits(first: Scores, second: Scores, *, test_share: float) -> Paired:
    """Two series of accuracies (m,) on the same splits, compared split by split."""
    from scipy.special import stdtr

    apart = first - second
    value = float(apart.mean())
    half = _half_width(apart, test_share)
    error = _standard_error(apart, test_share)
    if error > 0:
        p = float(2 * stdtr(len(apart) - 1, -abs(value) / error))
    else:
        p = 1.0 if value == 0 else 0.0
    return Paired(Estimate(value, value - half, value + half), p)


def holm(p_values: Sequence[float]) -> list[float]:
    """The probabilities of several comparisons, corrected for their number."""
    adjusted = [1.0] * len(p_values)
    reached = 0.0
    for place, number in enumerate(sorted(range(len(p_values)), key=lambda each: p_values[each])):
        reached = max(reached, min(1.0, (len(p_values) - place) * p_values[number]))
        adjusted[number] = reached
    return adjusted


def _standard_error(scores: Scores, test_share: float) -> float:
    if len(scores) < 2 or np.ptp(scores) == 0:
        return 0.0
    return sqrt((1 / len(scores) + test_share) * float(scores.var(ddof=1)))


def _half_width(scores: Scores, test_share: float) -> float:
    from scipy.special import stdtrit

    error = _standard_error(scores, test_share)
    return float(stdtrit(len(scores) - 1, (1 + _LEVEL) / 2)) * error if error else 0.0
