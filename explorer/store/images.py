"""The table of images: what is known of each before any model has seen it."""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from explorer.errors import DamagedError, StoreError
from explorer.store.arrays import as_arrow, as_numpy
from explorer.store.parts import part_paths, read_parquet, write_parquet

TIMESTAMP = pa.timestamp("ns", tz="UTC")

SCHEMA = pa.schema(
    [
        pa.field("image_id", pa.int64(), nullable=False),
        pa.field("path", pa.string(), nullable=False),
        pa.field("path_bytes", pa.binary()),
        pa.field("content_hash", pa.string(), nullable=False),
        pa.field("bytes", pa.int64()),
        pa.field("width", pa.int32()),
        pa.field("height", pa.int32()),
        pa.field("format", pa.string()),
        pa.field("alpha_means", pa.string()),
        pa.field("label", pa.string()),
        pa.field("split", pa.string()),
        pa.field("mtime", TIMESTAMP),
        pa.field("etag", pa.string()),
        pa.field("present", pa.bool_(), nullable=False),
    ]
)

REJECTED_SCHEMA = pa.schema(
    [
        pa.field("path", pa.string(), nullable=False),
        pa.field("path_bytes", pa.binary()),
        pa.field("reason", pa.string(), nullable=False),
        pa.field("when", TIMESTAMP),
        pa.field("bytes", pa.int64()),
        pa.field("mtime", TIMESTAMP),
        pa.field("etag", pa.string()),
        # The images part it was decided with: rows of a part that was never committed do not count.
        pa.field("part", pa.int32(), nullable=False),
    ]
)


_LATER = ("etag", "alpha_means")


def last_rows(ids: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """For rows in the order of writing: the row of each id that was written last, by rising id.

    >>> last_rows(np.array([7, 3, 7]))
    array([1, 2])
    """
    if (ids[1:] > ids[:-1]).all():  # nothing was written twice: by far the most frequent
        return np.arange(len(ids))
    _, first_from_the_end = np.unique(ids[::-1], return_index=True)
    rows: npt.NDArray[np.int64] = len(ids) - 1 - first_from_the_end
    return rows


def read_part(path: Path) -> pa.Table:
    """One part of the table, as it was written."""
    table = _with_later(read_parquet(path), SCHEMA)
    _check(table, SCHEMA, path)
    return table


def _check(table: pa.Table, schema: pa.Schema, path: Path) -> None:
    types = dict(zip(table.schema.names, table.schema.types, strict=True))
    for field in schema:
        if types.get(field.name) != field.type:
            raise DamagedError(f"{path} is damaged: it has no proper column {field.name!r}.")


def _with_later(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """With the columns of a schema that came later than the first datasets: null in those."""
    for name in _LATER:
        if name in schema.names and name not in table.column_names:
            field = schema.field(name)
            table = table.append_column(field, pa.nulls(len(table), field.type))
    return table


def read_images(folder: Path) -> pa.Table:
    """Every image ever seen, gone ones too, one row each, by rising image_id."""
    paths = part_paths(folder)
    if not paths:
        return SCHEMA.empty_table()
    table = _together([read_part(path) for path in paths])
    rows = last_rows(as_numpy(table["image_id"]))
    in_order = len(rows) == len(table) and (rows[1:] > rows[:-1]).all()
    return table if in_order else table.take(as_arrow(rows))


def _together(parts: list[pa.Table]) -> pa.Table:
    """All parts as one table. A column that was numbers in one and text in another is text."""
    kinds: dict[str, set[pa.DataType]] = defaultdict(set)
    for part in parts:
        for field in part.schema:
            kinds[field.name].add(field.type)
    for name in [name for name, types in kinds.items() if len(types) > 1]:
        kind = common_type(kinds[name])
        for number, part in enumerate(parts):
            if name in part.column_names:
                place = part.schema.get_field_index(name)
                parts[number] = part.set_column(place, name, part[name].cast(kind))
    return pa.concat_tables(parts, promote_options="default")


def common_type(types: Iterable[pa.DataType]) -> pa.DataType:
    """What values of several types can all be: number, if they are numbers, else text.

    >>> common_type([pa.null(), pa.int64(), pa.float64()])
    DataType(double)
    >>> common_type([pa.int64(), pa.string()])
    DataType(string)
    """
    distinct = set(types) - {pa.null()}
    if len(distinct) < 2:
        return distinct.pop() if distinct else pa.null()
    if all(pa.types.is_integer(each) for each in distinct):
        return pa.int64()
    if all(pa.types.is_integer(each) or pa.types.is_floating(each) for each in distinct):
        return pa.float64()
    return pa.string()


def read_rejected(path: Path) -> pa.Table:
    """The files that could not be read, with the reason for each."""
    if not path.exists():
        return pa.Table.from_batches([], REJECTED_SCHEMA)
    try:
        table = _with_later(read_parquet(path), REJECTED_SCHEMA)
        _check(table, REJECTED_SCHEMA, path)
    except DamagedError as error:
        raise StoreError(f"{error} Remove it: what it lists is then tried again.") from error
    return table.select(REJECTED_SCHEMA.names)


def write_rejected(path: Path, table: pa.Table) -> None:
    """Replace the list of rejected files."""
    write_parquet(path, table)
