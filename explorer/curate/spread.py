"""How a split spreads labels over its parts: the table of it, and which part lacks which."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from explorer.errors import StoreError
from explorer.store import Rows, Space

MISSING = ("", "-1")  # no label, no cluster
NOUNS = {"label": "labels", "cluster": "clusters"}
MOST_NAMED = 10


@dataclass(frozen=True)
class Spread:
    """How many images of each value of a column are in each part of a split.

    values: (v,) the values, by name. parts: (p,) the names of the parts. counts: (v, p) images.
    unnamed: (p,) images without a value. groups: (v,) how many groups of near-duplicates, or
    single images, there are of each value: it can be in no more parts than that.
    """

    column: str
    values: tuple[str, ...]
    parts: tuple[str, ...]
    counts: Rows
    unnamed: Rows
    groups: Rows

    def lacking(self, part: str) -> list[str]:
        """The values that a part has no image of."""
        empty = self.counts[:, self.parts.index(part)] == 0
        return [value for value, lacks in zip(self.values, empty, strict=True) if lacks]

    def as_dict(self) -> dict[str, object]:
        """The table as what JSON can hold: images by value and part."""
        rows = {
            value: dict(zip(self.parts, row.tolist(), strict=True))
            for value, row in zip(self.values, self.counts, strict=True)
        }
        without = dict(zip(self.parts, self.unnamed.tolist(), strict=True))
        return {
            "column": self.column,
            "counts": rows,
            "without": without if any(without.values()) else None,
            "lacking": {part: self.lacking(part) for part in self.parts},
        }

    def warnings(self) -> tuple[str, ...]:
        """A sentence for each part that lacks a value: which, and what helps."""
        found = []
        noun = NOUNS.get(self.column, f"values of “{self.column}”")
        for number, part in enumerate(self.parts):
            lacking = self.lacking(part)
            if not lacking or not self.counts[:, number].sum():
                continue
            few = sum(
                int(self.groups[self.values.index(value)] < len(self.parts)) for value in lacking
            )
            found.append(
                f"“{part}” has no image of {len(lacking):,} of the {len(self.values):,} {noun}: "
                f"{_listed(lacking)}. {_advice(part, few, len(lacking))}"
            )
        return tuple(found)


def _advice(part: str, few: int, lacking: int) -> str:
    if few == lacking:
        return "They have fewer images, or groups of near-duplicates, than the split has parts."
    return f"Choose more images of each, or give “{part}” a larger share."


def _listed(values: Sequence[str]) -> str:
    more = f" and {len(values) - MOST_NAMED:,} more" if len(values) > MOST_NAMED else ""
    return ", ".join(values[:MOST_NAMED]) + more


def spread_over(
    space: Space,
    column: str,
    texts: Sequence[str],
    *,
    groups: Rows,
    part: Rows,
    parts: Sequence[str],
) -> Spread:
    """How a split spreads a column. texts: (m,) what it says of each image, as text; groups: (m,)
    what stays together; part: (m,) numbers of `parts`.
    """
    values, codes = np.unique(np.asarray(texts, str), return_inverse=True)
    counts = np.zeros((len(values), len(parts)), np.int64)
    np.add.at(counts, (codes, part), 1)
    pairs = np.unique(np.stack([codes, groups]), axis=1)
    of_value = np.bincount(pairs[0], minlength=len(values))
    named = np.array([value not in MISSING for value in values.tolist()], bool)
    return Spread(
        column,
        tuple(_names(space, column, values[named].tolist())),
        tuple(parts),
        counts[named],
        counts[~named].sum(axis=0),
        of_value[named],
    )


def _names(space: Space, column: str, values: list[str]) -> list[str]:
    """Clusters by name."""
    if not column.startswith("cluster"):
        return values
    with contextlib.suppress(StoreError):  # not a column of clusters
        names = space.cluster_names(column)
        return [names[int(value)] for value in values]
    return values
