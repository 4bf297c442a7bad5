"""What the Overview tells in figures: counts, sizes, the quality of the space, rejected files."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from explorer.analysis import LabelAccuracy, read_label_accuracy
from explorer.filters import Filter, OneOf, ShorterSide, shown_mask, without
from explorer.insight.clarity import clearer_than_chance, modularities
from explorer.insight.columns import categories, numbers
from explorer.insight.labeling import confusion, label_codes
from explorer.store import Dataset, Space, cached_per_snapshot

MOST_BARS = 12
FEWEST_JUDGED = 5  # images of a label of which it is said how often it is told right
SMALLEST_SIDE = 32  # pixels; each further group of sizes begins at twice the one before
LARGEST_SIDE = 8192


@dataclass(frozen=True)
class Counts:
    """How often each value occurs, what a click on it asks for, and what the filter asks for.

    `more` values are not listed.
    """

    names: Sequence[str]
    counts: Sequence[int]
    conditions: Sequence[OneOf | ShorterSide]
    asked: Sequence[bool]
    more: int = 0


@dataclass(frozen=True)
class Quality:
    """One figure about how well a space sees, and what it means."""

    title: str
    figure: str
    says: str

    @property
    def sentence(self) -> str:
        """The figure, then what it is of or means."""
        return f"{self.figure}{' ' if self.says[0].islower() else '. '}{self.says}"


def is_analyzed(space: Space) -> bool:
    """Whether the space's own columns have been computed, if not for all of its images."""
    return "outlier_score" in space.column_names


def facts(space: Space, conditions: Filter) -> list[tuple[str, str]]:
    """What there is, as pairs of name and value, of the images that pass the filter."""
    shown = shown_mask(space, conditions)
    width, height = (numbers(space, name)[shown] for name in ("width", "height"))
    found = [("Images", f"{int(shown.sum()):,}")]
    for name, title in (("label", "Labels"), ("split", "Splits"), ("format", "Formats")):
        there = np.unique(categories(space, name).codes[shown])
        count = int((there < len(categories(space, name).names)).sum())
        found.append((title, f"{count:,}" if count else "none"))
    found.append(("Typical size", f"{_typical(width)} × {_typical(height)}"))
    total = np.nansum(numbers(space, "bytes")[shown], dtype=np.float64)
    return [*found, ("On disk", _in_bytes(float(total)))]


def _typical(values: np.ndarray) -> str:
    known = values[np.isfinite(values)]
    return f"{np.median(known):.0f}" if len(known) else "?"


def _in_bytes(count: float) -> str:
    """
    >>> _in_bytes(900), _in_bytes(3_456_789)
    ('900 B', '3.5 MB')
    """
    if count < 1000:
        return f"{count:.0f} B"
    power = min(int(np.log10(count) // 3), 4)
    return f"{count / 1000**power:.1f} {' kMGT'[power]}B"


def value_counts(space: Space, column: str, conditions: Filter) -> Counts:
    """The commonest values of a column among the images that the filter on others lets through."""
    found = categories(space, column)
    shown = shown_mask(space, without(conditions, column))
    counts = np.bincount(found.codes[shown], minlength=len(found.names))[: len(found.names)]
    asked = {
        value
        for each in conditions
        if isinstance(each, OneOf) and each.column == column
        for value in each.values
    }
    there = [code for code in np.argsort(-counts, kind="stable") if counts[code]]
    listed = there[:MOST_BARS]
    names = [found.names[code] for code in listed]
    return Counts(
        names,
        [int(counts[code]) for code in listed],
        [OneOf(column, (name,)) for name in names],
        [name in asked for name in names],
        len(there) - len(listed),
    )


def size_counts(space: Space, conditions: Filter) -> Counts:
    """The images by their shorter side in groups, each up to twice the one before."""
    groups = _size_groups()
    shown = shown_mask(space, without(conditions, *ShorterSide.columns))
    sides = np.minimum(numbers(space, "width"), numbers(space, "height"))[shown]
    counts = [int(((sides >= each.low) & (sides <= each.high)).sum()) for each in groups]
    there = [place for place, count in enumerate(counts) if count]
    if not there:
        return Counts([], [], [], [])
    listed = range(there[0], there[-1] + 1)  # gaps between sizes are to be seen
    return Counts(
        [groups[place].range for place in listed],
        [counts[place] for place in listed],
        [groups[place] for place in listed],
        [groups[place] in conditions for place in listed],
    )


def _size_groups() -> list[ShorterSide]:
    edges = [SMALLEST_SIDE]
    while edges[-1] < LARGEST_SIDE:
        edges.append(2 * edges[-1])
    lows, highs = [0, *edges], [*(edge - 1 for edge in edges), 1_000_000]
    return [ShorterSide(low, high) for low, high in zip(lows, highs, strict=True)]


def quality(space: Space) -> list[Quality]:
    """How well the space sees, in figures and words; only what has been measured."""
    figure = space.figures.of
    found = []
    if accuracy := read_label_accuracy(figure):
        found.append(_separability(space, accuracy))
    if np.isfinite(same := figure("knn_accuracy")):
        guessed = f"; the commonest label is {accuracy.majority:.0%}" if accuracy else ""
        says = f"of the images have the label of the one that is most like them{guessed}."
        found.append(Quality("The nearest image's label", f"{same:.0%}", says))
    if how := clearer_than_chance(space):
        says = (
            f"They are {how} those found in data of the same size and spread without any: "
            f"{modularities(space)}."
        )
        clarity = max(figure("cluster_clarity"), 0.0)
        title = how.removesuffix(" than")
        found.append(Quality(f"Clusters {title} than chance", f"{clarity:.2f}", says))
    if np.isfinite(trust := figure("map_trustworthiness")):
        kept = figure("map_neighbor_preservation")
        says = (
            "How seldom the map puts strangers side by side; 1 is never. It keeps "
            f"{kept:.0%} of each image's nearest neighbours."
        )
        found.append(Quality(f"The map {map_verdict(trust)}", f"{trust:.2f}", says))
    if np.isfinite(recall := figure("recall")):
        says = "So many of the 15 truly nearest are in the neighbour graph, measured on a sample."
        found.append(Quality("Neighbours that were found", f"{100 * recall:.3g}%", says))
    return found


def map_verdict(trust: float) -> str:
    """What a map of this trustworthiness is; of structureless vectors it has 0.6 to 0.75."""
    return "is a good guide" if trust >= 0.9 else "is a rough guide" if trust >= 0.8 else "misleads"


@cached_per_snapshot(16)
def _separability(space: Space, accuracy: LabelAccuracy) -> Quality:
    """Judged by how far it goes from guessing (0) to knowing (1)."""
    says = (
        f"of the labels ({accuracy.low:.0%} to {accuracy.high:.0%}) are told right by a linear "
        f"classifier that has not seen the image; the commonest label is {accuracy.majority:.0%}."
    )
    figure = f"{accuracy.value:.0%}"
    if accuracy.too_few:
        title = f"{accuracy.images:,} labels are too few to say whether they can be told"
        return Quality(title, figure, says)
    if not accuracy.told:
        return Quality("The labels cannot be told from the images", figure, says)
    beyond = (accuracy.value - accuracy.majority) / max(1 - accuracy.majority, 1e-9)
    how = "well" if beyond >= 0.85 else "mostly" if beyond >= 0.65 else "partly"
    how = how if beyond >= 0.35 else "hardly"
    if worst := _worst_told(space):
        says += f" Hardest: {worst}."
    return Quality(f"The labels are {how} separable", figure, says)


def _worst_told(space: Space, count: int = 3) -> str:
    """The labels that are told right least often, of those with enough images to say so."""
    counts = confusion(space)
    images = counts.sum(axis=1)
    shares = np.diag(counts) / np.maximum(images, 1)
    order = np.argsort(shares, kind="stable")
    worst = order[(images >= FEWEST_JUDGED)[order] & (shares < 1)[order]][:count]
    names = label_codes(space).names
    return ", ".join(f"{names[code]} {shares[code]:.0%}" for code in worst)


def rejections(dataset: Dataset) -> list[tuple[str, list[str]]]:
    """The files that could not be read by reason, the commonest first; numbers make no reason."""
    table = dataset.rejected
    by_reason: dict[str, list[str]] = defaultdict(list)
    shown: dict[str, str] = {}
    for path, reason in zip(*(table[name].to_pylist() for name in ("path", "reason")), strict=True):
        kind = re.sub(r"\d[\d,.]*", "…", reason)
        by_reason[kind].append(path)
        shown[kind] = reason if len(by_reason[kind]) == 1 or shown[kind] == reason else kind
    order = sorted(by_reason, key=lambda kind: (-len(by_reason[kind]), kind))
    return [(shown[kind], sorted(by_reason[kind])) for kind in order]
