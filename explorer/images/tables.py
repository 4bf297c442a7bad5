"""Tables that people keep of their images: CSV, Parquet, JSON lines, or one path per line."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from explorer.errors import ImageError, SourceError
from explorer.images.files import read_file, stat_file
from explorer.images.reasons import why
from explorer.images.remote import name_of
from explorer.images.values import from_python, from_text, plain, put, sound

MOST_COLUMNS = 500

_BYTE_ORDER_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"\xef\xbb\xbf": "utf-8-sig"}


@dataclass(frozen=True)
class Rows:
    """A table as it was read: its columns hold text, numbers, truth values and times.

    `numbers` are the rows' numbers in the file, (n,) int64, counted as people do: a CSV's heading
    is row 1, other tables begin with row 1. `refused` holds (row number, reason) of the rows that
    could not be read.
    """

    table: pa.Table
    numbers: npt.NDArray[np.int64]
    refused: list[tuple[int, str]]


def read_table(place: str) -> Rows:
    """Read a table by the ending of its name (a path or a URL).

    Text in a CSV that is all numbers, truth values or ISO times becomes that; names of columns
    are made distinct (also for SQL, which does not tell capitals apart). Nested values become
    JSON text, binary columns are left out. Raises SourceError.
    """
    if suffix(place) not in READERS:
        raise SourceError(f"{place} is no table; it should end in one of: {', '.join(READERS)}.")
    try:
        stat_file(place)
        data = read_file(place)
    except (ImageError, OSError, ValueError) as error:
        raise SourceError(f"{place} cannot be read: {why(error)}.") from error
    return parse_table(data, place)


def parse_table(data: bytes, place: str) -> Rows:
    """The same of the bytes of a table that lies at `place`."""
    try:
        rows = READERS[suffix(place)](data)
    except (pa.ArrowException, csv.Error, OSError, ValueError, KeyError) as error:
        raise SourceError(f"{place} cannot be read: {why(error)}.") from error
    if rows.table.num_columns > MOST_COLUMNS:
        raise SourceError(
            f"{place} has {rows.table.num_columns:,} columns; the limit is {MOST_COLUMNS}."
        )
    return rows


def suffix(place: str) -> str:
    """The ending of a file's name, in small letters: ".csv"."""
    return PurePosixPath(name_of(place)).suffix.lower()


def table_of(records: Sequence[Mapping[str, object]]) -> pa.Table:
    """A table with a row for each record; a key that a record lacks is missing there."""
    names = list(dict.fromkeys(name for record in records for name in record))
    if len(names) > MOST_COLUMNS:
        raise SourceError(
            f"There are values under {len(names):,} different names; the limit is {MOST_COLUMNS}."
        )
    columns = [from_python([record.get(name) for record in records]) for name in names]
    return _named(columns, map(sound, names))


def _named(columns: Sequence[pa.Array | None], names: Iterable[str]) -> pa.Table:
    """A table of columns under distinct names, but for None and what has no name (row numbers)."""
    taken: dict[str, pa.Array] = {}
    seen: set[str] = set()
    for column, name in zip(columns, names, strict=True):
        base = name.strip()
        base = unique = base.lower() if base.lower() in ("label", "split") else base
        number = 1
        while unique.casefold() in seen:
            number += 1
            unique = f"{base}_{number}"
        if column is not None and base and not base.startswith("__index_level_"):
            seen.add(unique.casefold())
            taken[unique] = column
    return pa.table(taken)


def _text(data: bytes) -> str:
    encoding = next((e for mark, e in _BYTE_ORDER_MARKS.items() if data.startswith(mark)), "utf-8")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ValueError(f"line {line} is not {encoding} text; save the file as UTF-8") from error


def _read_csv(data: bytes) -> Rows:
    text = _text(data)
    heading = text.lstrip("\r\n").partition("\n")[0]
    return _read_delimited(text, max(",;\t|", key=heading.count))


def _read_tsv(data: bytes) -> Rows:
    return _read_delimited(_text(data), "\t")


def _read_delimited(text: str, delimiter: str) -> Rows:
    text = text.lstrip("\r\n")
    first = next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), [])
    if not first:
        raise ValueError("it is empty")
    bad: dict[int, str] = {}

    def skip(row: pyarrow.csv.InvalidRow) -> str:
        broken = " A quotation mark is never closed." if "\n" in row.text else ""
        number, found = row.actual_columns, row.expected_columns
        bad[row.number] = f"The row has {number} cells, and the heading has {found}.{broken}"
        return "skip"

    data = text.encode("utf-8", "surrogatepass")
    # The heading is read as a row, all cells as text: names may repeat, and "007" is no number.
    names = [str(number) for number in range(len(first))]
    table = pyarrow.csv.read_csv(
        io.BytesIO(data),
        read_options=pyarrow.csv.ReadOptions(
            column_names=names, use_threads=False, block_size=len(data) + 1
        ),
        parse_options=pyarrow.csv.ParseOptions(
            delimiter=delimiter, newlines_in_values=True, invalid_row_handler=skip
        ),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()),
            null_values=[""],
            strings_can_be_null=True,
        ),
    )
    table = table.combine_chunks().slice(1)
    _check_quotes(text, table)
    numbers = [n for n in range(2, len(table) + len(bad) + 2) if n not in bad]
    columns = [from_text(column.combine_chunks()) for column in table.columns]
    return Rows(_named(columns, first), np.array(numbers, np.int64), sorted(bad.items()))


def _check_quotes(text: str, table: pa.Table) -> None:
    """A quotation mark that is never closed may take all that follows into one cell."""
    if text.count('"') % 2 and len(table):
        last = table.slice(len(table) - 1).to_pylist()[0]
        if any(value and "\n" in value for value in last.values()):
            raise ValueError("a quotation mark in it is never closed")


def _read_lines(data: bytes) -> Rows:
    lines = [line.rstrip("\r") for line in _text(data).split("\n")]
    numbers = [number for number, line in enumerate(lines, start=1) if line.strip()]
    paths = pa.array([lines[number - 1] for number in numbers], pa.string())
    return Rows(pa.table({"path": paths}), np.array(numbers, np.int64), [])


def _read_json_lines(data: bytes) -> Rows:
    records, numbers, refused = [], [], []
    for number, line in enumerate(io.StringIO(_text(data), newline="\n"), start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            refused.append((number, "The line is not JSON."))
            continue
        if isinstance(record, dict):
            records.append(record)
            numbers.append(number)
        else:
            refused.append((number, "The line is JSON, but not an object with named values."))
    return Rows(table_of(records), np.array(numbers, np.int64), refused)


def _read_parquet(data: bytes) -> Rows:
    table = pq.ParquetFile(io.BytesIO(data), page_checksum_verification=True).read()
    table.validate(full=True)
    return Rows(named_columns(class_names(table)), np.arange(1, len(table) + 1), [])


def named_columns(table: pa.Table) -> pa.Table:
    """The columns of a table in plain kinds under distinct names; bytes are left out."""
    return _named([plain(column) for column in table.columns], table.column_names)


def concatenate(tables: Sequence[pa.Table]) -> pa.Table:
    """Tables one below the other; a column that is numbers in one and text in another is text."""
    for name in {name for table in tables for name in table.column_names}:
        kinds = {table.schema.field(name).type for table in tables if name in table.column_names}
        kinds -= {pa.null()}
        if len(kinds) > 1 and kinds != {pa.int64(), pa.float64()}:
            tables = [
                put(table, name, table[name].cast(pa.string()))
                if name in table.column_names
                else table
                for table in tables
            ]
    return pa.concat_tables(tables, promote_options="permissive")


def features(schema: pa.Schema) -> dict[str, dict[str, object]]:
    """What the `datasets` library wrote into a Parquet file about its columns, by their names."""
    try:
        said = json.loads((schema.metadata or {})[b"huggingface"])["info"]["features"]
        return {name: kind for name, kind in said.items() if isinstance(kind, dict)}
    except (KeyError, TypeError, ValueError, AttributeError):
        return {}


def class_names(table: pa.Table) -> pa.Table:
    """The table with names of classes for their codes, where `features` tells them; -1 is none."""
    for name, kind in features(table.schema).items():
        names = kind.get("names")
        if kind.get("_type") != "ClassLabel" or not isinstance(names, list):
            continue
        if name in table.column_names and pa.types.is_integer(table[name].type):
            codes = table[name].to_pylist()
            known = [
                str(names[c]) if c is not None and 0 <= c < len(names) else None for c in codes
            ]
            table = put(table, name, pa.array(known, pa.string()))
    return table


READERS: Mapping[str, Callable[[bytes], Rows]] = {
    ".csv": _read_csv,
    ".tsv": _read_tsv,
    ".parquet": _read_parquet,
    ".jsonl": _read_json_lines,
    ".ndjson": _read_json_lines,
    ".txt": _read_lines,
}
