"""Tables: CSV, JSON lines, Parquet."""

import codecs
import contextlib
import csv
import json
import math
from datetime import date, datetime

import pyarrow as pa

from explorer.curate.exports.job import Job
from explorer.curate.exports.names import FORMULA
from explorer.errors import StoreError
from explorer.store import CURATED, SCHEMA, Space


def write_csv_table(job: Job) -> None:
    """images.csv: a row per image, every column."""
    list_images(job)
    _all_done(job)


def write_jsonl(job: Job) -> None:
    """images.jsonl: a JSON object per line; null where a value is missing or not finite."""
    with job.open("images.jsonl") as file:
        for row in job.rows():
            plain = {name: json_value(value) for name, value in row.items()}
            file.write(json.dumps(plain, allow_nan=False).encode() + b"\n")
    _all_done(job)


def write_parquet(job: Job) -> None:
    """images.parquet, with the types that the columns have."""
    job.write_table("images.parquet", job.table)
    _all_done(job)


def _all_done(job: Job) -> None:
    job.on_file("Writing", len(job.table), len(job.table))


def list_images(job: Job, files: list[str] | None = None) -> None:
    """images.csv, beside whatever else is written; `files` are where the copies are.

    For spreadsheets: UTF-8, and no cell that would run as a formula.
    """
    table = job.table
    if files is not None:  # early datasets may have a column of that name
        names = ["source_file" if name == "file" else name for name in table.column_names]
        table = table.rename_columns(names).append_column("file", pa.array(files))
    with job.open("images.csv") as file:
        writer = csv.writer(codecs.getwriter("utf-8")(file))
        writer.writerow([guarded(name) for name in table.column_names])
        for row in job.rows(table):
            writer.writerow([guarded(value) for value in row.values()])


def list_copies(job: Job, files: list[str]) -> None:
    """images.csv, and metadata.parquet by which the copies know again what was said of them.

    That is what the source and people said: labels, splits, tags, groups, columns of a list. What
    is measured and computed is not in it: who embeds the copies measures and computes it anew.
    """
    list_images(job, files)
    kept = [name for name in job.table.column_names if _is_said(job, name)]
    table = job.table.select(kept).add_column(0, "file_name", pa.array(files))
    job.write_table("metadata.parquet", table)


def exported_columns(space: Space) -> pa.Table:
    """Every column of a space; beside clusters that people have named, these names."""
    table = space.table()
    for column, names in _given_names(space).items():
        numbers = table[column].to_pylist()
        values = pa.array([names.get(number) for number in numbers], pa.string())
        place = table.schema.get_field_index(column) + 1
        table = table.add_column(place, _name_column(space, column), values)
    return table


def _given_names(space: Space) -> dict[str, dict[int, str]]:
    """By column of clusters, the names that people have given, by number."""
    found: dict[str, dict[int, str]] = {}
    for column in space.column_names:
        if column.startswith("cluster"):
            with contextlib.suppress(StoreError):  # not a column of clusters
                named = {each.number: each.name for each in space.clusters(column) if each.is_given}
                found |= {column: named} if named else {}
    return found


def _name_column(space: Space, column: str) -> str:
    """An export that was embedded again has brought such a column along."""
    name = f"{column}_name"
    return f"given_{name}" if name in space.column_names else name


def _is_said(job: Job, name: str) -> bool:
    named = (_name_column(job.space, column) for column in _given_names(job.space))
    if name in ("label", "split", *CURATED, *named):
        return True
    superseded = {"file_name", *(f"source_{each}" for each in CURATED)}
    return name in job.space.dataset.column_names and name not in {*SCHEMA.names, *superseded}


def guarded(value: object) -> object:
    """A table cell that a spreadsheet will not run as a formula: with an apostrophe before it.

    What looks like such a cell already gets one more, so that taking one away gives the value back.
    """
    if isinstance(value, str) and value.lstrip("'").startswith(FORMULA):
        return "'" + value
    return value


def to_microseconds(table: pa.Table) -> pa.Table:
    """The table with its times in microseconds, which is as fine as Python's are."""
    for place, field in enumerate(table.schema):
        if pa.types.is_timestamp(field.type):
            times = table[field.name].cast(pa.timestamp("us", field.type.tz), safe=False)
            table = table.set_column(place, field.name, times)
    return table


def json_value(value: object) -> object:
    """A value as JSON can hold it."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value
