"""Running a SQL expression over columns, with DuckDB: in whichever process this is called."""

from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from explorer.store import BETWEEN, MY_TAGS, TAGGED, as_numpy

Cause = Literal["expression", "column", "memory"]


class Refused(Exception):
    """DuckDB's reason not to run an expression, in one line.

    `cause` is "column" where the expression may name one that was not handed over, and "memory"
    where it needs more of that than it may have.
    """

    def __init__(self, reason: str, cause: Cause = "expression") -> None:
        super().__init__(reason)
        self.cause: Cause = cause


def ids_where(
    columns: pa.Table, expression: str, *, threads: int | None = None
) -> npt.NDArray[np.int64]:
    """The values of `image_id`, ascending, in the rows for which an expression is true.

    DuckDB sees these columns alone: it can read no file and reach no network. Raises `Refused`.
    """
    import duckdb  # not before it is needed: it takes a while

    connection = duckdb.connect(":memory:", config={"threads": threads} if threads else {})
    try:
        connection.execute("SET memory_limit = '1GB'; SET temp_directory = ''")
        connection.execute("SET enable_progress_bar = false")  # it would print one after 2 s
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        connection.register("stored", columns)
        connection.execute(f"CREATE VIEW images AS SELECT *{_tagged(columns)} FROM stored")
        relation = connection.view("images").filter(expression)
        ids: pa.ChunkedArray = relation.project("image_id").to_arrow_table()["image_id"]
        return np.unique(as_numpy(ids))
    except duckdb.Error as error:
        cause: Cause = "expression"
        if isinstance(error, duckdb.BinderException):
            cause = "column"
        if isinstance(error, duckdb.OutOfMemoryException):
            cause = "memory"
        raise Refused(str(error).split("\n", 1)[0].rstrip(".!"), cause) from error
    finally:
        connection.close()


def _tagged(columns: pa.Table) -> str:
    """The tags as a list that is never null, so that NOT says what it means."""
    if MY_TAGS not in columns.column_names or TAGGED in columns.column_names:
        return ""
    return f", string_split(coalesce({MY_TAGS}, ''), '{BETWEEN}') AS {TAGGED}"
