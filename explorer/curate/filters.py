"""Choosing images by a SQL expression over the columns."""

import re
from collections.abc import Callable
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from explorer.curate.expressions import Refused, ids_where
from explorer.curate.sandbox import Sandbox
from explorer.errors import UsageError
from explorer.store import MY_TAGS, TAGGED, Space

# How an expression reaches columns without naming them: a star, a pattern, a number, the whole row.
_UNNAMED = re.compile(r"columns|images|#|(?:^|[(,.])\s*\*", re.IGNORECASE)
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

_SANDBOX = Sandbox()


def where(space: Space, expression: str) -> npt.NDArray[np.int64]:
    """The ids, ascending, of the images for which a SQL expression over the columns is true.

    DuckDB runs it, in a process of its own, on the columns alone: it can read no file and reach no
    network, and is stopped after 10 s or at 1 GB of memory. `tagged` is the list of an image's
    tags. Raises `UsageError` for an expression that is wrong or tries to, `LimitError` for one that
    takes too much.

    Example: `label = 'fish' AND outlier_score < 2 AND 'blurred' NOT IN tagged`.
    """
    return _found(space, expression, _SANDBOX.ids_where)


def where_in_process(space: Space, expression: str) -> npt.NDArray[np.int64]:
    """The same in this process, without limits: for what no person and no link wrote."""
    return _found(space, expression, ids_where)


def _found(
    space: Space, expression: str, run: Callable[[pa.Table, str], npt.NDArray[np.int64]]
) -> npt.NDArray[np.int64]:
    try:
        try:
            return run(space.table(_columns_named(space, expression)), expression)
        except Refused as error:
            if error.cause != "column":
                raise
            # What it lacks may be a column; with all of them there, the error names the nearest.
            return run(space.table(), expression)
    except Refused as error:
        raise UsageError(
            f"The expression {expression!r} does not work: {error}. "
            f"It may use these columns: {', '.join(space.column_names)}."
        ) from error


def _columns_named(space: Space, expression: str) -> list[str]:
    """The columns that an expression may need: reading all of a large space takes a while."""
    if _UNNAMED.search(expression):
        return space.column_names
    said = expression.casefold()
    if TAGGED in said:
        said += MY_TAGS
    named = [name for name in space.column_names if name.replace('"', '""').casefold() in said]
    return ["image_id", *(name for name in named if name != "image_id")]


def identifier(name: str) -> str:
    """A column's name as an expression takes it.

    >>> identifier("label"), identifier("my column"), identifier("order")
    ('label', '"my column"', '"order"')
    """
    if _PLAIN.fullmatch(name) and name.lower() not in _reserved():
        return name
    return '"' + name.replace('"', '""') + '"'


def literal(value: str | int | float) -> str:
    """A value as an expression takes it.

    >>> literal("it's"), literal(3), literal(0.25), literal(2.0)
    ("'it''s'", '3', '0.25', '2')
    """
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return repr(int(value) if value == int(value) else float(value))


@lru_cache(maxsize=1)
def _reserved() -> frozenset[str]:
    """The words that SQL keeps for itself."""
    import duckdb  # not before it is needed: it takes a while

    found = duckdb.execute(
        "SELECT keyword_name FROM duckdb_keywords() WHERE keyword_category <> 'unreserved'"
    )
    return frozenset(word for (word,) in found.fetchall())
