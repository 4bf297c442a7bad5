"""What the dataset says of its own labels: the reasons for each doubt, class by class."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from explorer.analysis import Graph
from explorer.curate import NOBODY, row_graph
from explorer.filters import Filter, shown_mask
from explorer.insight.columns import categories, numbers
from explorer.store import Rows, Space, cached_per_snapshot

VOTERS = 15
IN_DOUBT, IN_TWO, UNCOVERED = "Labels in doubt", "In two splits", "Not covered by training"
MOST_CLASSES = 24  # in the chart of what is taken for what


@dataclass(frozen=True)
class Labels:
    """Labels by falling frequency, and the given and the suggested one of every image, -1: none."""

    names: list[str]
    given: Rows
    suggested: Rows


def label_sections(space: Space) -> list[str]:
    """What there is to judge: the labels themselves, and how the images were split."""
    found = [IN_DOUBT] if "label_trouble" in space.column_names else []
    return found + ([IN_TWO, UNCOVERED] if "split_similarity" in space.column_names else [])


@cached_per_snapshot(4)
def label_codes(space: Space) -> Labels:
    """The given and the suggested labels as codes of the same names."""
    labels = categories(space, "label")
    code = {name: number for number, name in enumerate(labels.names)}
    suggested = [code.get(name, -1) for name in space.column("label_suggested").tolist()]
    return Labels(labels.names, labels.signed, np.array(suggested, np.int64))


def doubts(space: Space, rows: Sequence[int]) -> list[str]:
    """Why the label of each of some rows is in doubt, in a few words."""
    labels = label_codes(space)
    chosen = np.asarray(rows, np.int64)
    if not len(chosen):
        return []
    winners, counts, voters = nearest_votes(row_graph(space), chosen, labels.given, voters=VOTERS)
    return [
        doubt(
            given=_name(labels, labels.given[row]),
            suggested=_name(labels, labels.suggested[row]),
            neighbors=(_name(labels, winner), int(count), int(asked)),
        )
        for row, winner, count, asked in zip(chosen, winners, counts, voters, strict=True)
    ]


def nearest_votes(
    graph: Graph, rows: npt.NDArray[np.int64], codes: npt.NDArray[np.int64], *, voters: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """What the nearest neighbours with a code (0 or more) say of each of some rows (m,).

    Returns the commonest code (m,), -1 if nobody has one; how many of the voters have it (m,); and
    how many voters there are (m,), at most `voters`.
    """
    theirs = np.where(graph.similarities[rows] > NOBODY, codes[graph.neighbors[rows]], -1)
    heard = (theirs >= 0) & (np.cumsum(theirs >= 0, axis=1) <= voters)
    votes = np.zeros((len(rows), int(codes.max(initial=-1)) + 2), np.int64)
    row, place = np.nonzero(heard)
    np.add.at(votes, (row, theirs[row, place]), 1)
    winners = votes.argmax(axis=1)
    counts = votes.max(axis=1)
    return np.where(counts > 0, winners, -1), counts, heard.sum(axis=1)


def doubt(*, given: str, suggested: str, neighbors: tuple[str, int, int]) -> str:
    """The reason for one doubt; `neighbours` are their label, how many have it, of how many.

    >>> doubt(given="cat", suggested="dog", neighbors=("dog", 14, 15))
    '14 of 15 neighbours say dog'
    >>> doubt(given="cat", suggested="dog", neighbors=("cat", 8, 15))
    '8 of 15 neighbours say cat, but its features dog'
    >>> doubt(given="cat", suggested="dog", neighbors=("ship", 6, 15))
    'its features say dog, only 6 of 15 neighbours ship'
    """
    label, count, asked = neighbors
    if not asked:
        return f"its features say {suggested}" if suggested != given else ""
    if 2 * count <= asked:
        if suggested not in (label, given):
            return f"its features say {suggested}, only {count} of {asked} neighbours {label}"
        return f"only {count} of {asked} neighbours say {label}"
    said = f"{count} of {asked} neighbours say {label}"
    return said if suggested in (label, given) else f"{said}, but its features {suggested}"


def _name(labels: Labels, code: int) -> str:
    return labels.names[code] if code >= 0 else ""


def confusion(space: Space, conditions: Filter = ()) -> npt.NDArray[np.int64]:
    """How many images with label i are suggested label j: (labels, labels), names as in Labels.

    Counts the images that pass the filter and could be judged: another image has their label, too.
    """
    labels = label_codes(space)
    count = len(labels.names)
    known = np.isfinite(numbers(space, "label_trouble")) & shown_mask(space, conditions)
    pairs = labels.given[known] * count + labels.suggested[known]
    return np.bincount(pairs, minlength=count * count).reshape(count, count)


def most_confused(counts: npt.NDArray[np.int64], most: int = MOST_CLASSES) -> Rows:
    """The labels that take part in most confusions, in their own order."""
    apart = counts * ~np.eye(len(counts), dtype=bool)
    order = np.argsort(-(apart.sum(axis=0) + apart.sum(axis=1)), kind="stable")
    return np.sort(order[:most])


def class_table(space: Space, conditions: Filter = ()) -> pd.DataFrame:
    """One row per label, the least often told first: images, doubts, what it is taken for.

    Of the images that pass the filter, and only labels that one of them has. told_right: the label
    accuracy of its images alone, NaN where none could be judged.
    """
    labels, counts = label_codes(space), confusion(space, conditions)
    agreed = np.diag(counts)
    asked = counts.sum(axis=1)
    apart = counts * ~np.eye(len(counts), dtype=bool)
    shown = shown_mask(space, conditions) & (labels.given >= 0)
    issues = shown & (space.column("label_issue") == 1)
    images, doubted = (
        np.bincount(labels.given[each], minlength=len(counts)) for each in (shown, issues)
    )
    taken = [
        f"{labels.names[int(line.argmax())]} ({line.max():,})" if line.any() else ""
        for line in apart
    ]
    table = pd.DataFrame(
        {
            "label": labels.names,
            "images": images,
            "told_right": np.where(asked > 0, agreed / np.maximum(asked, 1), np.nan),
            "issues": doubted,
            "taken_for": taken,
        }
    )
    order = {"by": ["told_right", "images"], "ascending": [True, False], "kind": "stable"}
    return table[images > 0].sort_values(**order)


@dataclass(frozen=True)
class LabelRanking:
    """A column that labels in doubt are ranked by, and the slider that cuts it off."""

    column: str
    at_least: str
    start: float
    low: float


RANKINGS = {
    "Label trouble": LabelRanking("label_trouble", "Trouble, at least", 0.5, 0.0),
    "Lead of another label": LabelRanking("label_margin", "Lead, at least", 0.0, -1.0),
}


def most_doubtful(
    space: Space,
    ranking: LabelRanking,
    threshold: float,
    *,
    pair: tuple[int, int] | None,
    label: int | None,
) -> Rows:
    """The rows in doubt, worst first; of one cell of the chart, all that it counts."""
    values, labels = numbers(space, ranking.column), label_codes(space)
    if pair:
        wanted = (labels.given == pair[0]) & (labels.suggested == pair[1]) & np.isfinite(values)
    else:
        wanted = values >= threshold
        if label is not None:
            wanted &= labels.given == label
    rows = np.flatnonzero(wanted)
    return rows[np.argsort(-values[rows], kind="stable")]
