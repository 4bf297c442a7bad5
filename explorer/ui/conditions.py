"""The conditions that a filter is made of: SQL, and for those made by clicking, words.

A filter is a tuple of SQL conditions that all have to be true. That is all that is kept, in the URL
too; what a click made is recognised by its form, so that it can be said in words and changed.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from explorer.curate import literal
from explorer.store import MY_GROUP
from explorer.ui.condition_forms import NAME, TEXT, VALUE, read
from explorer.ui.condition_kinds import (
    Between,
    Condition,
    Contains,
    Days,
    Known,
    OneOf,
    ShorterSide,
    Tagged,
)

__all__ = [
    "LOOKS_OTHERWISE",
    "NAMED",
    "UNLIKE_LABELS",
    "Between",
    "Condition",
    "Contains",
    "Days",
    "Known",
    "OneOf",
    "ShorterSide",
    "Tagged",
    "Where",
    "added",
    "as_one",
    "column_of",
    "in_words",
    "is_free",
    "read",
    "renamed",
    "toggled",
    "without",
]

Where = tuple[str, ...]

# What some conditions are called that no form of the above says.
NAMED = {
    "duplicate_group IN (SELECT duplicate_group FROM images WHERE duplicate_group >= 0 "
    "GROUP BY duplicate_group HAVING count(DISTINCT label) > 1)": "Duplicates with unlike labels",
    "label_suggested <> label": "Looks like another label",
}
UNLIKE_LABELS, LOOKS_OTHERWISE = NAMED


def is_free(sql: str) -> bool:
    """Has it any form, so that it may do anything? What a click makes only compares columns."""
    return sql not in NAMED and read(sql) is None


def column_of(sql: str) -> str | None:
    """The column that a condition is about, if it is of a known form."""
    condition = read(sql)
    return condition.column if condition else None


def in_words(sql: str, title_of: Callable[[str], str], name_of: Callable[[str, Any], str]) -> str:
    """A condition for people to read; SQL in any other form stays SQL.

    `title_of` a column is what people call it, `name_of` a column and one of its values likewise.
    """
    condition = read(sql)
    if condition is None:
        return NAMED.get(sql, sql)
    if isinstance(condition, OneOf):
        named = tuple(name_of(condition.column, value) for value in condition.values)
        condition = OneOf(condition.column, named)
    return condition.words(title_of(condition.column))


def as_one(where: Where) -> str:
    """A filter as the one expression that the command line takes.

    >>> as_one(("width > 1", "label = 'a' OR label = 'b'"))
    "width > 1 AND (label = 'a' OR label = 'b')"
    """
    if len(where) == 1:
        return where[0]
    # A comment ends with its line.
    parts = [
        f"({sql}\n)" if "--" in sql else f"({sql})" if _is_loose(sql) else sql for sql in where
    ]
    return " AND ".join(parts)


def _is_loose(sql: str) -> bool:
    """May AND tear it apart? Nothing that a click made, nor a single comparison."""
    return read(sql) is None and re.fullmatch(rf"{NAME} [<>=]+ {VALUE}", sql) is None


def added(where: Where, condition: Condition | str) -> Where:
    """A filter with one more condition, which takes the place of one of its kind on its column."""
    if isinstance(condition, str):
        return where if condition in where else (*where, condition)
    kept = [sql for sql in where if not _is_alike(read(sql), condition)]
    return (*kept, condition.sql)


def _is_alike(one: Condition | None, other: Condition) -> bool:
    if isinstance(one, Tagged) and isinstance(other, Tagged):
        return one.holds == other.holds
    return type(one) is type(other) and one is not None and one.column == other.column


def without(where: Where, column: str) -> Where:
    """A filter without what it asks of a column by clicking."""
    return tuple(sql for sql in where if column_of(sql) != column)


def toggled(where: Where, column: str, value: str | int) -> Where:
    """A filter with one value of a column asked for, too; or no longer, if it was."""
    asked = next((each for each in map(read, where) if _is_alike(each, OneOf(column, ()))), None)
    values = asked.values if isinstance(asked, OneOf) else ()
    now = tuple(each for each in values if each != value)
    if value not in values:
        now = (*values, value)
    rest = tuple(sql for sql in where if asked is None or sql != asked.sql)
    return added(rest, OneOf(column, now)) if now else rest


def renamed(sql: str, *, group: Callable[[str], str], tag: Callable[[str], str]) -> str:
    """A condition with the names that its groups and tags have now, as two functions tell them."""
    condition = read(sql)
    if isinstance(condition, OneOf) and condition.column == MY_GROUP:
        values = (group(each) if isinstance(each, str) else each for each in condition.values)
        return replace(condition, values=tuple(dict.fromkeys(values))).sql
    if isinstance(condition, Tagged):
        return replace(condition, names=tuple(dict.fromkeys(map(tag, condition.names)))).sql
    one = rf"({TEXT})(?= (?:NOT )?IN tagged\b)"  # in what people have written, too
    return re.sub(one, lambda match: literal(tag(match[1][1:-1].replace("''", "'"))), sql)
