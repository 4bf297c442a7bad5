"""Choosing images by a SQL expression over the columns."""

import re
import threading
from functools import lru_cache

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from explorer.errors import UsageError
from explorer.store import BETWEEN, MY_TAGS, TAGGED, Space, as_numpy

TIME_LIMIT = 10.0  # seconds: an expression may come from a link
MEMORY_LIMIT = "1GB"

# How an expression reaches columns without naming them: a star, a pattern, a number, the whole row.
_UNNAMED = re.compile(r"columns|images|#|(?:^|[(,.])\s*\*", re.IGNORECASE)
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def where(space: Space, expression: str) -> npt.NDArray[np.int64]:
    """The ids, ascending, of the images for which a SQL expression over the columns is true.

    DuckDB runs it on the columns alone: it can read no file and reach no network. `tagged` is the
    list of an image's tags. Raises `UsageError` for an expression that is wrong, that tries to, or
    that takes too long.

    Example: `label = 'fish' AND outlier_score < 2 AND 'blurred' NOT IN tagged`.
    """
    try:
        named = _columns_named(space, expression)
        try:
            return _run(space.table(named), expression)
        except duckdb.BinderException:
            # What it lacks may be a column; with all of them there, the error names the nearest.
            return _run(space.table(), expression)
    except duckdb.Error as error:
        interrupted = isinstance(error, duckdb.InterruptException)
        reason = (
            f"it takes over {TIME_LIMIT:.0f} s" if interrupted else str(error).split("\n", 1)[0]
        )
        raise UsageError(
            f"The expression {expression!r} does not work: {reason.rstrip('.!')}. "
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


def _run(columns: pa.Table, expression: str) -> npt.NDArray[np.int64]:
    connection = duckdb.connect(":memory:")
    watch = threading.Timer(TIME_LIMIT, connection.interrupt)
    try:
        for setting in (f"memory_limit = '{MEMORY_LIMIT}'", "temp_directory = ''"):
            connection.execute(f"SET {setting}")
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        connection.register("stored", columns)
        connection.execute(f"CREATE VIEW images AS SELECT *{_tagged(columns)} FROM stored")
        watch.start()
        relation = connection.view("images").filter(expression)
        ids: pa.ChunkedArray = relation.project("image_id").to_arrow_table()["image_id"]
        return np.unique(as_numpy(ids))
    finally:
        watch.cancel()
        connection.close()


def _tagged(columns: pa.Table) -> str:
    """The tags as a list that is never null, so that NOT says what it means."""
    if MY_TAGS not in columns.column_names or TAGGED in columns.column_names:
        return ""
    return f", string_split(coalesce({MY_TAGS}, ''), '{BETWEEN}') AS {TAGGED}"


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
    found = duckdb.execute(
        "SELECT keyword_name FROM duckdb_keywords() WHERE keyword_category <> 'unreserved'"
    )
    return frozenset(word for (word,) in found.fetchall())
