"""Columns that people bring later: a table joined to the images of a dataset."""

import os
import sys
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from explorer.batch.analyze import analyze
from explorer.batch.matching import Paths, advice
from explorer.batch.progress import Progress, Report, silent
from explorer.batch.values import differ, own_names, values_at
from explorer.errors import BadValueError, NotPossibleError, UnknownNameError
from explorer.images import (
    Rows,
    from_python,
    label_values,
    named_columns,
    path_column,
    put,
    read_table,
)
from explorer.store import Dataset, DatasetWriter, Part, common_type, write_dataset

if TYPE_CHECKING:
    import pandas as pd

KEYS = ("path", "image_id", "content_hash")


@dataclass
class AnnotateReport:
    """What became of the rows of the table, and of the images.

    `matched` images have a row, `changed` is how many of them have other values now. Of the rows,
    `unmatched` fit no image (`first_unmatched` is one), `repeated` say again of an image what an
    earlier row has said, and `refused` could not be read. `first_unmatched_row` counts as
    people do: a CSV's heading is row 1.
    """

    dataset: str
    columns: list[str] = field(default_factory=list)
    matched: int = 0
    changed: int = 0
    unmatched: int = 0
    first_unmatched: str | None = None
    first_unmatched_row: int | None = None
    repeated: int = 0
    refused: int = 0


def annotate(
    dataset: Dataset,
    table: "str | Path | pa.Table | pd.DataFrame",
    *,
    on: str = "path",
    on_progress: Report = silent,
) -> AnnotateReport:
    """Join the columns of a table to the images: a pandas DataFrame, an Arrow table, or a file.

    Of a file (CSV, Parquet, JSON lines) it is a path or a URL. `on` names the column that tells the
    image: `path`, `image_id` or `content_hash`; in a DataFrame it may be the index. `label` and
    `split` can be set so, too; what depends on them is then analysed again. From now on the
    columns belong to whoever annotates: embedding again leaves them as they are for images that
    are known. Raises `SourceError` for a table that cannot be read, `UsageError` if it has no such
    column or nothing matches, `LockedError` when another job is writing.
    """
    on_progress(Progress("Reading the table", 0, 0))
    rows, place = _read(table)
    key = _key_column(rows.table, on, place)
    values = own_names(rows.table.drop_columns([key]))
    for name in {"label", "split"} & {*values.column_names}:
        values = put(values, name, label_values(values[name].combine_chunks()))
    if not values.num_columns:
        raise NotPossibleError(f"{place} has no column besides {key!r}; there is nothing to join.")
    report = AnnotateReport(dataset.name, values.column_names, refused=len(rows.refused))
    with write_dataset(dataset.root, source=dataset.source, labels=dataset.info.labels) as writer:
        keys = rows.table[key].to_pylist()
        if on == "path":
            keys = _spelled(keys, writer.images, dataset.source)
        images, table_rows = _match(keys, writer.images, numbers=rows.numbers, on=on, report=report)
        if not len(images):
            raise NotPossibleError(_nothing_matches(report, writer.images, on, dataset.source))
        changed = _join(writer, values, images=images, table_rows=table_rows, report=report)
    if changed & {"label", "split"}:
        for space in map(Dataset(dataset.root).space, dataset.space_ids):
            if space.graph_path.exists():
                analyze(dataset, space=space.id, on_progress=on_progress)
    return report


def _key_column(table: pa.Table, on: str, place: str) -> str:
    if on not in KEYS:
        raise UnknownNameError(f"{on!r} does not name images. There are: {', '.join(KEYS)}.")
    if on in table.column_names:
        return on
    if on == "path":
        return path_column(table, place)
    raise UnknownNameError(
        f"{place} has no column {on!r}. Its columns are: {', '.join(table.column_names)}."
    )


def _read(table: "str | Path | pa.Table | pd.DataFrame") -> tuple[Rows, str]:
    """The rows of a table, and what to call it in a sentence."""
    if isinstance(table, str | Path):
        is_file = "://" not in str(table)
        place = os.path.abspath(os.path.expanduser(table)) if is_file else str(table)
        return read_table(place), place
    if not isinstance(table, pa.Table):
        table = _of_frame(table)
    return Rows(named_columns(table), np.arange(1, len(table) + 1), []), "The table"


def _of_frame(frame: "pd.DataFrame") -> pa.Table:
    """A DataFrame as an Arrow table; an index that has a name is a column as well."""
    pandas = sys.modules.get("pandas")
    if pandas is None or not isinstance(frame, pandas.DataFrame):
        raise BadValueError(
            f"A {type(frame).__name__} is no table: give a file, a DataFrame or an Arrow table."
        )
    named = [name for name in frame.index.names if name is not None]
    columns = (frame.reset_index(level=named) if named else frame).items()
    return pa.table({str(name): _of_series(values) for name, values in columns})


def _of_series(values: "pd.Series") -> pa.Array:
    """A column; one whose values are of several kinds is text."""
    try:
        return pa.Array.from_pandas(values)
    except (pa.ArrowException, ValueError, OverflowError):
        return from_python([None if value != value else value for value in values])


def _spelled(keys: Sequence[object], images: pa.Table, source: str) -> list[Hashable]:
    """Paths as the dataset spells them; those that it does not have stay as they are."""
    paths = Paths(images.filter(images["present"])["path"].to_pylist(), source)
    return [paths.find(path) or path for path in (str(key or "") for key in keys)]


def _match(
    keys: Sequence[Hashable],
    images: pa.Table,
    *,
    numbers: npt.NDArray[np.int64],
    on: str,
    report: AnnotateReport,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The rows of images that are present, and for each the row of the table that names it."""
    first: dict[Hashable, int] = {}
    for row, key in enumerate(keys):
        first.setdefault(key, row)
    present = np.flatnonzero(images["present"].to_numpy())
    names = images[on].to_pylist()
    matched = [(row, first[names[row]]) for row in present.tolist() if names[row] in first]
    known = {names[row] for row, _ in matched}
    strange = [key for key in first if key not in known]
    report.matched, report.unmatched = len(matched), len(strange)
    report.repeated = len(keys) - len(first)
    if strange:
        report.first_unmatched = str(strange[0])
        report.first_unmatched_row = int(numbers[first[strange[0]]])
    pairs = np.array(matched, np.int64).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]


def _nothing_matches(report: AnnotateReport, images: pa.Table, on: str, source: str) -> str:
    """What to say when the table is about other images: what it has, and what would do."""
    there = images.filter(images["present"])[on]
    if report.first_unmatched is None:
        return f"No row matches an image by {on}: the table has no rows."
    example = f"; the dataset has {there[0].as_py()!r}" if len(there) else ""
    more = advice(report.first_unmatched, source) if on == "path" else ""
    return (
        f"No row matches an image by {on}: row {report.first_unmatched_row} of the table has "
        f"{report.first_unmatched!r}{example}.{more}"
    )


def _join(
    writer: DatasetWriter,
    values: pa.Table,
    *,
    images: npt.NDArray[np.int64],
    table_rows: npt.NDArray[np.int64],
    report: AnnotateReport,
) -> set[str]:
    """Write the images that have other values now; the names of the columns that changed."""
    joined = writer.images.take(pa.array(images))
    changed = np.zeros(len(images), bool)
    columns = set()
    for name in values.column_names:
        before = values_at(writer.images, name, images)
        now = values_at(values, name, table_rows)
        here = differ(before, now)
        if here.any():
            columns.add(name)
            changed |= here
        joined = put(joined, name, now.cast(common_type([before.type, now.type])))
    report.changed = int(changed.sum())
    writer.commit(Part(images=joined.filter(pa.array(changed))))
    writer.note_annotated(values.column_names)
    writer.finish()
    return columns
