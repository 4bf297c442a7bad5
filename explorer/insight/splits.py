"""Splits: which images stand in two of them."""

from dataclasses import dataclass

import numpy as np

from explorer.analysis import unit_rows
from explorer.curate import leaks_of
from explorer.filters import Filter, shown_mask
from explorer.insight.columns import categories
from explorer.store import Rows, Space


@dataclass(frozen=True)
class LeakingPair:
    """Two rows of different splits, the one of the smaller split first."""

    row: int
    other: int
    similarity: float


def split_codes(space: Space) -> tuple[list[str], Rows]:
    """The splits by falling size, and the split of every image, -1: none."""
    found = categories(space, "split")
    return found.names, found.signed


def leaking_pairs(space: Space, threshold: float, conditions: Filter = ()) -> list[LeakingPair]:
    """Pairs across splits that are at least so much alike, or the same by their pixels or content.

    The most alike first, each pair once. At least one of the two passes the filter.
    """
    _, codes = split_codes(space)
    partners = leaks_of(space, codes, threshold)
    shown = shown_mask(space, conditions)
    rows = np.flatnonzero((partners >= 0) & (shown | shown[partners]))
    others = partners[rows]
    ours, theirs = (unit_rows(space.vectors(each)) for each in (rows, others))
    similarity = np.round(np.einsum("nd,nd->n", ours, theirs), 6)
    seen: dict[tuple[int, int], LeakingPair] = {}
    for row, other, alike in zip(rows.tolist(), others.tolist(), similarity.tolist(), strict=True):
        # Splits are numbered by falling size.
        small, large = sorted((row, other), key=lambda each: -codes[each])
        seen[small, large] = LeakingPair(small, large, alike)
    return sorted(seen.values(), key=lambda pair: -pair.similarity)
