"""Values from tables -> columns of eight plain kinds.

Text, int64, float64, truth values, dates, times without and with zone (microseconds; UTC), and
null where a column holds nothing at all. No NaN: a missing number is null.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

_MOMENT = r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?"

# A number that is none of the reals is a number; JSON has no way to say it but as text.
_INFINITE = r"(?i:inf|infinity)"
_NOT_FINITE = re.compile(rf"[+-]?(?:{_INFINITE}|(?i:nan))")

# The first that fits all the text of a column; a leading zero makes it a name, not a number.
_KINDS = (
    (r"-?(0|[1-9][0-9]*)", pa.int64()),
    (
        r"[+-]?(((0|[1-9][0-9]*)(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?|" + _INFINITE + ")",
        pa.float64(),
    ),
    (r"true|false|True|False|TRUE|FALSE", pa.bool_()),
    (r"[0-9]{4}-[0-9]{2}-[0-9]{2}", pa.date32()),
    (_MOMENT, pa.timestamp("us")),
    (_MOMENT + r"(Z|[+-][0-9]{2}:?[0-9]{2})", pa.timestamp("us", "UTC")),
)

# What programs write for a missing number; as text it may as well be a name.
_MISSING = ("NA", "N/A", "NaN", "nan", "null", "NULL", "None")


def put(table: pa.Table, name: str, values: pa.Array) -> pa.Table:
    """The table with a column in place of its own of that name, or behind the others."""
    if name in table.column_names:
        return table.set_column(table.schema.get_field_index(name), name, values)
    return table.append_column(name, values) if table.num_columns else pa.table({name: values})


def from_text(column: pa.Array) -> pa.Array:
    """A column of text as what all of it reads like; text where it is mixed."""
    if column.null_count == len(column):
        return pa.nulls(len(column))
    values = pc.if_else(pc.is_in(column, pa.array(_MISSING)), None, column)
    for pattern, kind in _KINDS if values.null_count < len(values) else ():
        if pc.all(pc.match_substring_regex(values, f"^({pattern})$")).as_py():
            try:
                return values.cast(kind)
            except pa.ArrowInvalid:  # the 30th of February; an id of 20 digits
                return column
    return column


def from_python(values: Sequence[object]) -> pa.Array:
    """A column of what JSON holds; text where it is mixed."""
    values = [_as_json(v) if isinstance(v, dict | list | tuple) else v for v in values]
    if any(type(value) in (int, float) for value in values):
        # A number that JSON cannot say had to be written as text.
        values = [
            float(each) if isinstance(each, str) and _NOT_FINITE.fullmatch(each) else each
            for each in values
        ]
    try:
        column = plain(pa.array(values))
    except (pa.ArrowException, OverflowError, ValueError):
        column = None
    if column is None:
        column = pa.array([_as_text(value) for value in values], pa.string())
    return from_text(column) if _are_times(column) else column


def plain(column: pa.Array | pa.ChunkedArray) -> pa.Array | None:
    """A column as one of the plain kinds; None for bytes, and for what holds bytes."""
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
        if isinstance(column, pa.ChunkedArray):  # nothing in it
            return pa.nulls(0)
    if isinstance(column, pa.ExtensionArray):
        column = column.storage
    kind, types = column.type, pa.types
    if types.is_dictionary(kind):
        return plain(column.dictionary_decode())
    if column.null_count == len(column):
        return pa.nulls(len(column))
    if types.is_boolean(kind) or types.is_date(kind):
        return column.cast(pa.date32()) if types.is_date(kind) else column
    if types.is_timestamp(kind):
        return column.cast(pa.timestamp("us", "UTC" if kind.tz else None), safe=False)
    if types.is_integer(kind) and kind != pa.uint64():
        return column.cast(pa.int64())
    if types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind):
        numbers = column.cast(pa.float64(), safe=False)
        return pc.if_else(pc.is_nan(numbers), None, numbers)
    if types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind):
        return column.cast(pa.string())
    if "binary" in str(kind):
        return None
    return pa.array([_as_text(value) for value in column.to_pylist()], pa.string())


def _are_times(column: pa.Array) -> bool:
    """Does text begin with a date? Numbers in JSON need no guessing, but it has no times."""
    return pa.types.is_string(column.type) and bool(
        pc.all(pc.match_substring_regex(column, r"^[0-9]{4}-[0-9]{2}-[0-9]{2}")).as_py()
    )


def _as_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _as_text(value: object) -> str | None:
    if value is None:
        return None
    nested = isinstance(value, dict | list | tuple | bool)
    return sound(_as_json(value) if nested else str(value))


def sound(text: str) -> str:
    """Text that UTF-8 can say: a lone surrogate, which JSON allows, becomes a question mark."""
    return text.encode("utf-8", "replace").decode()
