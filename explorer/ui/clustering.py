"""What there is to say about each cluster."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from explorer.store import Space
from explorer.ui.columns import categories, numbers

# From few large clusters to many small ones: the column, and what people call the grain.
GRAINS = {
    "cluster_fewest": "fewest",
    "cluster_few": "few",
    "cluster": "usual",
    "cluster_many": "many",
    "cluster_most": "most",
}
DEFAULT_GRAIN = "cluster"
REPRESENTATIVES = 9
MOST_LABELS = 6


@dataclass(frozen=True)
class Cluster:
    """One cluster: its rows, those that stand for it, and the labels in it by falling count."""

    number: int
    name: str
    rows: npt.NDArray[np.int64]
    representatives: npt.NDArray[np.int64]
    labels: Sequence[tuple[str, int]]

    @property
    def size(self) -> int:
        """How many images it holds."""
        return len(self.rows)

    @property
    def medoid(self) -> int:
        """The row of its most typical image."""
        return int(self.representatives[0])


@lru_cache(maxsize=32)
def cluster_summaries(space: Space, column: str = DEFAULT_GRAIN) -> list[Cluster]:
    """The clusters in a column by falling size; none when they have not been computed."""
    if column not in space.column_names:
        return []
    codes = space.column(column)
    labels = categories(space, "label")
    oddness = numbers(space, "isolation")
    found = []
    for number in range(int(np.nanmax(codes, initial=-1)) + 1):
        rows = np.flatnonzero(codes == number)
        if not len(rows):
            continue
        counts = np.bincount(labels.codes[rows], minlength=len(labels.names))[: len(labels.names)]
        order = np.argsort(-counts, kind="stable")
        mix = [(labels.names[code], int(counts[code])) for code in order if counts[code]]
        typical = rows[np.argsort(oddness[rows], kind="stable")]
        name = name_cluster(number, mix, len(rows))
        found.append(Cluster(number, name, rows, typical[:REPRESENTATIVES], mix[:MOST_LABELS]))
    return found


def name_cluster(number: int, mix: Sequence[tuple[str, int]], size: int) -> str:
    """A cluster's name: the labels that make up most of it, else its number.

    >>> name_cluster(0, [("fish", 9), ("cat", 1)], 10)
    'fish'
    >>> name_cluster(1, [("pliers", 4), ("hammer", 4), ("cat", 2)], 10)
    'pliers, hammer'
    >>> name_cluster(2, [], 10)
    'Cluster 2'
    """
    if mix and mix[0][1] >= 0.6 * size:
        return mix[0][0]
    if len(mix) > 1 and mix[0][1] + mix[1][1] >= 0.5 * size:
        return f"{mix[0][0]}, {mix[1][0]}"
    return f"{mix[0][0]} and others" if mix else f"Cluster {number}"
