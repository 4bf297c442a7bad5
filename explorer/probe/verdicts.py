"""What a comparison means, in a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from explorer.analysis import VARIES, Estimate, LabelAccuracy, Paired, inconclusive
from explorer.probe.comparison import Comparison, SpaceReport

Measure = Literal["label_accuracy", "nearest"]
MEASURES: tuple[Measure, ...] = ("label_accuracy", "nearest")

SURE = 0.05
"""Below this probability, corrected for the number of comparisons, a difference counts."""


def ranked(
    comparison: Comparison, measure: Measure
) -> list[tuple[SpaceReport, Estimate | LabelAccuracy]]:
    """The spaces that have been measured, the best first."""
    found = [(space, value) for space in comparison.spaces if (value := getattr(space, measure))]
    return sorted(found, key=lambda each: -each[1].value)


def apart(comparison: Comparison, first: str, second: str, measure: Measure) -> Paired | None:
    """By how much the first space is ahead of the second."""
    for pair in comparison.pairs:
        found: Paired | None = getattr(pair, measure)
        if found and (pair.first, pair.second) == (first, second):
            return found
        if found and (pair.second, pair.first) == (first, second):
            by = found.by
            return Paired(Estimate(-by.value, -by.high, -by.low), found.p)
    return None


def verdict(comparison: Comparison, measure: Measure) -> str:
    """Which space separates the labels best, or that these labels can't tell; one sentence.

    None is called better where none is better than guessing: there, the mistakes of a classifier
    go together, and differences are larger than the test expects. Of one space alone, how well it
    does. Empty when nothing has been measured, or no two have been compared.
    """
    spaces = ranked(comparison, measure)
    if not spaces:
        return ""
    if len(comparison.spaces) == 1:
        [(space, value)] = spaces
        interval = f"{value.low:.1%} to {value.high:.1%}"
        return (
            f"{_BY[measure]}, {space.id} tells {value.value:.1%} of the labels right ({interval}); "
            f"the commonest label is {comparison.commonest:.1%}."
        )
    if len(spaces) < 2:
        return ""
    best, most = spaces[0][0].id, spaces[0][1]
    if not any(_exceeds_guessing(value, comparison) for _, value in spaces):
        how = "none of these spaces is better than guessing"
        if any(inconclusive(value, comparison.commonest) for _, value in spaces):
            how = f"these {comparison.judged:,} labels are too few to say whether any space is "
            how += "better than guessing"
        return (
            f"{_BY[measure]}, {how}: the best, {best}, "
            f"tells {most.value:.1%} of the labels right ({most.low:.1%} to {most.high:.1%}); the "
            f"commonest label is {comparison.commonest:.1%}{_by_chance(most, comparison)}."
        )
    said = _apart_from_best(comparison, spaces, measure)
    return f"{_BY[measure]}, {'; '.join(said)}." if said else ""


_BY = {"label_accuracy": "By label accuracy", "nearest": "By the nearest neighbour"}


def _exceeds_guessing(value: Estimate | LabelAccuracy, comparison: Comparison) -> bool:
    """Whether a space is better than guessing, whichever of those compared it is (Bonferroni)."""
    from scipy.special import ndtri

    wider = ndtri(1 - SURE / 2 / len(comparison.spaces)) / ndtri(1 - SURE / 2)
    if isinstance(value, LabelAccuracy):
        wider *= VARIES
    beyond = value.value - comparison.commonest
    return bool(value.low > comparison.commonest and beyond > wider * (value.value - value.low))


def _by_chance(most: Estimate | LabelAccuracy, comparison: Comparison) -> str:
    if most.low <= comparison.commonest:
        return ""
    return f", and the best of {len(comparison.spaces)} spaces may come so far beyond it by chance"


def _apart_from_best(
    comparison: Comparison,
    spaces: Sequence[tuple[SpaceReport, Estimate | LabelAccuracy]],
    measure: Measure,
) -> list[str]:
    """What can be said of the best and the others; nothing while they have not been compared."""
    best = spaces[0][0].id
    differences = {
        space.id: found
        for space, _ in spaces[1:]
        if (found := apart(comparison, best, space.id, measure))
    }
    values = {space.id: f"{space.id} ({value.value:.1%})" for space, value in spaces}
    # The pairs may be compared on other images than the ranking, and say the opposite.
    beaten = {name for name, found in differences.items() if found.p < SURE and found.by.value > 0}
    ties = [values[name] for name in differences if name not in beaten]
    behind = [values[name] for name in differences if name in beaten]
    said = []
    if ties:
        apart_from = f"{values[best]} from {_listed(ties)}"
        said.append(f"these {comparison.judged:,} labels can't tell {apart_from}")
    if behind:
        said.append(f"{values[best]} is better than {_listed(behind)}")
    return said


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
