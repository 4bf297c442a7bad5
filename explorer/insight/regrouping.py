"""What one's own groups can be made of, and what they can be split into."""

from dataclasses import dataclass

import numpy as np

from explorer.analysis import two_centers
from explorer.errors import NotPossibleError
from explorer.insight.clustering import (
    GRANULARITIES,
    cluster_codes,
    cluster_names,
    cluster_summaries,
)
from explorer.store import MY_GROUP, Rows, Space

LEAST_SHARE = 0.05  # of a group: a smaller part is not worth a group of its own
LEARNT_FROM = 5_000  # images of a large group in which its two halves are looked for
BLOCK = 20_000  # vectors in memory at a time


@dataclass(frozen=True)
class Parts:
    """What a group would be split into: the new groups by name, and how many images stay."""

    new: list[tuple[str, Rows]]
    staying: int


def clusters_as_groups(space: Space, column: str) -> list[tuple[str, Rows]]:
    """The clusters in a column with the ids of their images, whatever is filtered."""
    return [
        (cluster.name, space.image_ids[cluster.rows])
        for cluster in cluster_summaries(space, column)
    ]


def group_rows(space: Space, number: int) -> Rows:
    """The rows of one of the user's own groups, also those that a filter hides."""
    return np.flatnonzero(cluster_codes(space, MY_GROUP) == number)


def finer_parts(space: Space, rows: Rows) -> Parts | None:
    """What the coarsest granularity that takes some rows apart makes of them; None if none does.

    The largest part stays, with all that is in no part worth a group.
    """
    for granularity in GRANULARITIES:
        if granularity not in space.column_names:
            continue
        codes = cluster_codes(space, granularity)[rows]
        counts = np.bincount(codes[codes >= 0])
        numbers = np.flatnonzero(counts >= max(2, LEAST_SHARE * len(rows)))
        if len(numbers) < 2:
            continue
        names = cluster_names(space, granularity)
        _, *leaving = numbers[np.argsort(-counts[numbers], kind="stable")].tolist()
        new = [(names.get(str(each), f"Cluster {each}"), rows[codes == each]) for each in leaving]
        return Parts(new, len(rows) - sum(len(part) for _, part in new))
    return None


def halves(space: Space, rows: Rows, name: str) -> Parts:
    """Some rows in two, by likeness alone; the larger half stays, the other gets the same name.

    Raises `UsageError` when all of them are alike.
    """
    if len(rows) > 1:
        sample = rows[:: -(-len(rows) // LEARNT_FROM)]
        one, other = two_centers(space.vectors(sample))
        blocks = np.array_split(rows, -(-len(rows) // BLOCK))
        leans = np.concatenate([space.vectors(block) @ (other - one) for block in blocks])
        parts = sorted([rows[leans > 0], rows[leans <= 0]], key=len)
        if len(parts[0]):
            return Parts([(name, parts[0])], len(parts[1]))
    raise NotPossibleError(f"The images of {name!r} are all alike: there is nothing to split.")
