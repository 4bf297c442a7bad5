"""What is worth looking at in a space, from stored columns alone."""

from collections.abc import Callable
from functools import lru_cache

from explorer.filters import Filter, OneOf, shown_mask
from explorer.insight import finding_labels, finding_pictures
from explorer.insight.clarity import clusters_are_clear
from explorer.insight.clustering import cluster_summaries
from explorer.insight.finding import PHOTOS, Finding, Look, weight
from explorer.insight.wording import counted
from explorer.store import Dataset, Space

MOST = 10

FINDERS: tuple[Callable[[Look], Finding | None], ...] = (
    finding_labels.leaks,
    finding_labels.uncovered,
    finding_labels.mislabeled,
    finding_labels.confused,
    finding_labels.rarest_label,
    finding_labels.unlabeled,
    finding_pictures.unlike_labels,
    finding_pictures.surplus,
    finding_pictures.largest_group,
    finding_pictures.picture_faults,
    finding_pictures.oddest,
    finding_pictures.alone,
)


def findings(seen: Dataset | Space, conditions: Filter = ()) -> list[Finding]:
    """At most ten things worth looking at among the images that pass the filter, worst first.

    seen: a space, or a dataset, of which it is the first.
    """
    space = seen.space() if isinstance(seen, Dataset) else seen
    found = [*_stored(space, conditions), *_smallest_cluster(space, conditions)]
    return sorted(found, key=lambda each: -each.weight)[:MOST]


@lru_cache(maxsize=16)
def _stored(space: Space, conditions: Filter) -> tuple[Finding, ...]:
    look = Look(space, shown_mask(space, conditions), conditions)
    return tuple(found for find in FINDERS if (found := find(look)) is not None)


def _smallest_cluster(space: Space, conditions: Filter) -> list[Finding]:
    """Not kept with the others: people rename clusters."""
    found = cluster_summaries(space, conditions=conditions) if clusters_are_clear(space) else []
    if len(found) < 2 or found[0].size < 2 * found[-1].size:
        return []
    largest, smallest = found[0], found[-1]
    return [
        Finding(
            "smallest_cluster",
            "The smallest cluster",
            f"“{smallest.name}”: {counted(smallest.size, 'image')}; “{largest.name}”, the largest, "
            f"has {largest.size:,}.",
            smallest.representatives[:PHOTOS],
            weight(0.25, 0.0),
            "clusters",
            filter=(OneOf("cluster", (smallest.number,)),),
        )
    ]
