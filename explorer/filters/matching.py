"""Which images a filter lets through."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from explorer.errors import BadValueError, StoreError
from explorer.filters.combining import Filter
from explorer.filters.conditions import Condition, Sql
from explorer.filters.duck import Refused, ids_where
from explorer.filters.sandbox import SANDBOX
from explorer.store import Ids, Rows, Space, cached_per_snapshot


def where(space: Space, expression: str) -> Ids:
    """The ids, ascending, of the images for which a SQL expression over the columns is true.

    DuckDB runs it, in a process of its own, on the columns alone: it can read no file and reach no
    network, and is stopped after 10 s or at 1 GB of memory. `tagged` is the list of an image's
    tags. Raises `UsageError` for an expression that is wrong or tries to, `LimitError` for one that
    takes too much.

    Example: `label = 'fish' AND outlier_score < 2 AND 'blurred' NOT IN tagged`.
    """
    return _found(space, Sql(expression))


@cached_per_snapshot(32)
def shown_rows(space: Space, conditions: Filter) -> Rows | None:
    """The rows for which every condition is true, ascending; None, all of them, without any.

    Raises `UsageError` for a condition that does not work on this space, `LimitError` for one that
    takes too much.
    """
    if not conditions:
        return None
    return np.flatnonzero(shown_mask(space, conditions))


@cached_per_snapshot(32)
def shown_mask(space: Space, conditions: Filter) -> npt.NDArray[np.bool_]:
    """The same as (n,) bool, True everywhere without a condition. Do not write into it."""
    mask = np.ones(len(space), bool)
    for condition in conditions:
        mask &= _passes(space, condition)
    return mask


@cached_per_snapshot(128)
def _passes(space: Space, condition: Condition) -> npt.NDArray[np.bool_]:
    return np.isin(space.image_ids, _found(space, condition))


def _found(space: Space, condition: Condition) -> Ids:
    """What a condition of no fixed form asks for is found in a process that may be killed."""
    is_free = isinstance(condition, Sql)
    expression = condition.text if isinstance(condition, Sql) else condition.sql()
    run: Callable[[pa.Table, str], Ids] = SANDBOX.ids_where if is_free else ids_where
    try:
        try:
            return run(space.table(_needed(space, condition)), expression)
        except Refused as error:
            if error.cause != "column":
                raise
            # What it lacks may be a column; with all of them there, the error names the nearest.
            return run(space.table(), expression)
    except Refused as error:
        raise BadValueError(
            f"The expression {expression!r} does not work: {error}. "
            f"It may use these columns: {', '.join(space.column_names)}."
        ) from error


def _needed(space: Space, condition: Condition) -> list[str]:
    """The columns to read: all of a large space take a while."""
    columns = condition.columns
    if columns is None:
        return space.column_names
    wanted = {name.casefold() for name in columns}
    named = [name for name in space.column_names if name.casefold() in wanted]
    return ["image_id", *(name for name in named if name != "image_id")]


class SpaceNames:
    """What people call the columns of a space, and their values."""

    def __init__(self, space: Space) -> None:
        self._space = space

    def title(self, column: str) -> str:
        """What is no column of this space keeps its name."""
        space = self._space
        return space.column_meta(column).title if column in space.column_names else column

    def value(self, column: str, value: str | int) -> str:
        return value_names(self._space, column).get(value, str(value))


def in_words(space: Space, condition: Condition) -> str:
    """A condition in words, with the columns' titles and the clusters' names."""
    return condition.words(SpaceNames(space))


def value_names(space: Space, column: str) -> dict[str | int, str]:
    """What people call the values of a column of clusters; nothing for any other column."""
    if not column.startswith("cluster"):
        return {}
    try:
        return {cluster.number: cluster.name for cluster in space.clusters(column)}
    except StoreError:  # not a column of clusters, or nobody can read it now
        return {}
