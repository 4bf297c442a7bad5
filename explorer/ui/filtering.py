"""Which rows a filter lets through, worked out once per server and version of a space."""

import numpy as np
import numpy.typing as npt

from explorer.curate import where as ids_where
from explorer.curate import where_in_process
from explorer.errors import StoreError
from explorer.store import Space, kept
from explorer.ui.bits import Rows
from explorer.ui.conditions import Where, in_words, is_free, renamed


@kept(32)
def shown_rows(space: Space, where: Where) -> Rows | None:
    """The rows for which every condition is true, ascending; None, all of them, without any.

    Raises `UsageError` for a condition that does not work on this space, `LimitError` for one that
    takes too much.
    """
    if not where:
        return None
    return np.flatnonzero(shown_mask(space, where))


@kept(32)
def shown_mask(space: Space, where: Where) -> npt.NDArray[np.bool_]:
    """The same as (n,) bool, True everywhere without a condition. Do not write into it."""
    mask = np.ones(len(space), bool)
    for condition in where:
        mask &= _passes(space, condition)
    return mask


@kept(128)
def _passes(space: Space, condition: str) -> npt.NDArray[np.bool_]:
    run = ids_where if is_free(condition) else where_in_process
    return np.isin(space.image_ids, run(space, condition))


def say(space: Space, condition: str) -> str:
    """A condition in words, with the columns' titles and the clusters' names."""
    return in_words(
        condition,
        lambda column: _title(space, column),
        lambda column, value: value_names(space, column).get(value, str(value)),
    )


def renamed_since(space: Space, condition: str) -> str:
    """A condition that follows the groups and tags that it names, whatever they are called now."""
    dataset = space.dataset
    tags = {tag.name for tag in dataset.tagging.sets}

    def group(name: str) -> str:
        known = name in dataset.grouping.groups
        return name if known else dataset.my_groups.name_now(name) or name

    def tag(name: str) -> str:
        return name if name in tags else dataset.tags.name_now(name) or name

    return renamed(condition, group=group, tag=tag)


def _title(space: Space, column: str) -> str:
    """What people call a column; what is no column of this space keeps its name."""
    return str(space.column_meta(column)["title"]) if column in space.column_names else column


def value_names(space: Space, column: str) -> dict[str | int, str]:
    """What people call the values of a column of clusters; nothing for any other column."""
    if not column.startswith("cluster"):
        return {}
    try:
        return {cluster.number: cluster.name for cluster in space.clusters(column)}
    except StoreError:  # not a column of clusters
        return {}
