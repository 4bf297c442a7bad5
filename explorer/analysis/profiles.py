"""What each cluster is: its size, its label, the images that stand for it, what is next to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from explorer.analysis.vectors import Bools, Floats, Ints, Values

_LEVEL = 0.001  # in how many groups that differ in nothing any difference is told


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that sets a group of images apart from the rest.

    Of a column of numbers: value is None, here and elsewhere are the medians. Of a column of
    categories: value is one of them, here and elsewhere are its shares. effect: Cliff's delta, -1
    to 1; for a share it is the difference of the two.
    """

    column: str
    value: str | None
    here: float
    elsewhere: float
    effect: float


def cluster_rows(codes: npt.NDArray[np.integer]) -> dict[int, Ints]:
    """The rows of each cluster of (n,) codes, by rising code; -1 is in none."""
    order = np.argsort(codes, kind="stable")
    found, counts = np.unique(codes, return_counts=True)
    ends = np.cumsum(counts)
    return {
        int(code): order[end - count : end]
        for code, count, end in zip(found, counts, ends, strict=True)
        if code >= 0
    }


def medoid_scores(unit: Floats) -> Floats:
    """How similar each of (m, d) rows of length one is to their mean: (m,) float32."""
    return np.asarray(unit @ unit.mean(axis=0), dtype=np.float32)


def main_label(rows: Ints, labels: Ints | None) -> tuple[int, float]:
    """The most frequent label code of some rows and its share of the labelled; -1 and NaN: none."""
    known = labels[rows][labels[rows] >= 0] if labels is not None else np.empty(0, dtype=np.int64)
    if len(known) == 0:
        return -1, float("nan")
    counts = np.bincount(known)
    return int(counts.argmax()), float(counts.max() / len(known))


def sets_apart(columns: Mapping[str, Values], inside: Bools, *, most: int = 3) -> list[Difference]:
    """In which columns a group of images differs most from all others, the strongest first.

    columns: (n,) each, numbers (NaN where not known) or names as objects (str, or None where not
    known; categories that are numbers must come as names, too); inside: (n,) bool.
    One difference for each column, and only what could hardly be chance: of groups that differ in
    nothing, at most one in a thousand has any, however many columns and names there are (the level
    is divided by their number: Bonferroni). Measured by Cliff's
    delta, the same for numbers and for categories: how much likelier it is that an image from
    inside has the higher value than that one from elsewhere has (Cliff, "Dominance statistics",
    1993).

    >>> columns = {"label": np.array(["fish"] * 20 + ["boat"] * 80, dtype=object)}
    >>> sets_apart(columns, np.arange(100) < 25)
    [Difference(column='label', value='fish', here=0.8, elsewhere=0.0, effect=0.8)]
    """
    compared = [_difference(name, values, inside) for name, values in columns.items()]
    known = [each for each in compared if each is not None]
    looked_at = sum(each.looked_at for each in known)
    beyond = NormalDist().inv_cdf(1 - _LEVEL / (2 * max(looked_at, 1)))
    sure = [each.found for each in known if abs(each.found.effect) > beyond * each.error]
    return sorted(sure, key=lambda each: -abs(each.effect))[:most]


@dataclass(frozen=True, slots=True)
class _Compared:
    """A difference, its error if it is chance, and of how many differences it is the largest."""

    found: Difference
    error: float
    looked_at: int


def _difference(name: str, values: Values, inside: Bools) -> _Compared | None:
    """How one column differs; None if nothing is known on one side."""
    is_number = values.dtype != np.dtype(object)
    if is_number:
        known = ~np.isnan(values)
    else:
        known = np.array([value is not None for value in values], dtype=bool)
    here, elsewhere = values[known & inside], values[known & ~inside]
    if not (len(here) and len(elsewhere)):
        return None
    found = _of_numbers(name, here, elsewhere) if is_number else _of_names(name, here, elsewhere)
    looked_at = 1 if is_number else len(set(here) | set(elsewhere))
    error = np.sqrt((len(here) + len(elsewhere) + 1) / (3 * len(here) * len(elsewhere)))
    return _Compared(found, float(error), looked_at)


def _of_numbers(name: str, here: Values, elsewhere: Values) -> Difference:
    ordered = np.sort(elsewhere)
    below = np.searchsorted(ordered, here, "left").mean()
    above = len(ordered) - np.searchsorted(ordered, here, "right").mean()
    effect = float((below - above) / len(ordered))
    return Difference(name, None, float(np.median(here)), float(np.median(elsewhere)), effect)


def _of_names(name: str, here: Values, elsewhere: Values) -> Difference:
    names, codes = np.unique(np.concatenate([here, elsewhere]).astype(str), return_inverse=True)
    inside = np.bincount(codes[: len(here)], minlength=len(names)) / len(here)
    outside = np.bincount(codes[len(here) :], minlength=len(names)) / len(elsewhere)
    effects = inside - outside
    # Of two equal effects the one of what is here, not of what is missing.
    most = np.lexsort((effects, np.abs(effects).round(9)))[-1]
    shares = float(inside[most]), float(outside[most])
    return Difference(name, str(names[most]), *shares, float(effects[most]))
