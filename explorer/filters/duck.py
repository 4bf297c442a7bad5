"""Running and parsing a SQL expression with DuckDB: in whichever process this is called."""

import json
from collections.abc import Iterator
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from explorer.store import BETWEEN, MY_TAGS, TAGGED, as_numpy

Cause = Literal["expression", "column", "memory"]
Spans = tuple[tuple[int, int], ...]
# What reaches columns without naming them: a star, a number, a table of its own.
UNNAMED = {"STAR", "POSITIONAL_REFERENCE", "SUBQUERY"}
BEFORE = "SELECT 1 WHERE ("


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


def parse(expression: str) -> tuple[list[str] | None, Spans]:
    """The columns that an expression names, None where it may read any, and the tags.

    Of each tag that it asks for by name: (first byte, bytes) of the text in quotes. Raises
    `Refused` for what is no expression.
    """
    import duckdb

    try:
        query = f"{BEFORE}{expression}\n)"
        found = duckdb.connect(":memory:").execute("SELECT json_serialize_sql(?)", [query])
        ((text,),) = found.fetchall()
    except duckdb.Error as error:
        raise Refused(str(error).split("\n", 1)[0]) from error
    tree = json.loads(text)
    if tree["error"]:
        raise Refused(str(tree.get("error_message", "it is no expression")))
    nodes = list(_nodes(tree["statements"]))
    names = [each for node in nodes for each in _names(node)]
    free = any(node["class"] in UNNAMED for node in nodes) or "images" in map(str.casefold, names)
    spans = {span for node in nodes for span in _tags_asked_for(node)}
    return None if free else names, tuple(sorted(spans))


def _nodes(tree: object) -> Iterator[dict[str, Any]]:
    """Every expression in a serialized statement."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict) and "class" in node:
            yield node
        if isinstance(node, dict | list):
            waiting += node.values() if isinstance(node, dict) else node


def _names(node: dict[str, Any]) -> list[str]:
    return node["column_names"] if node["class"] == "COLUMN_REF" else []


def _tags_asked_for(node: dict[str, Any]) -> Iterator[tuple[int, int]]:
    """Where the texts stand that a function compares with the tags."""
    if node["class"] != "FUNCTION":
        return
    inner = list(_nodes([value for value in node.values() if isinstance(value, list)]))
    if not any(name.casefold() == TAGGED for each in inner for name in _names(each)):
        return
    for each in inner:
        if each["class"] == "CONSTANT" and each.get("literal", {}).get("kind") == "STRING":
            yield each["query_location"] - len(BEFORE), each["query_location_length"]
