"""Columns that people bring later: a table joined to the images of a dataset."""

import os
import posixpath
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from explorer.batch.analyze import analyze
from explorer.batch.progress import Progress, Report, silent
from explorer.batch.values import differ, own_names, put, values_at
from explorer.errors import UsageError
from explorer.images import label_values, path_column, read_table
from explorer.store import Dataset, DatasetWriter, Part, common_type, write_dataset

KEYS = ("path", "image_id", "content_hash")


@dataclass
class AnnotateReport:
    """What became of the rows of the table, and of the images.

    `matched` images have a row, `changed` is how many of them have other values now. Of the rows,
    `unmatched` fit no image (`first_unmatched` is one), `repeated` say again of an image what an
    earlier row has said, and `refused` could not be read.
    """

    dataset: str
    columns: list[str] = field(default_factory=list)
    matched: int = 0
    changed: int = 0
    unmatched: int = 0
    first_unmatched: str | None = None
    repeated: int = 0
    refused: int = 0


def annotate(
    dataset: Dataset, file: str | Path, *, on: str = "path", on_progress: Report = silent
) -> AnnotateReport:
    """Join the columns of a table (CSV, Parquet, JSON lines; a path or a URL) to the images.

    `on` names the column that tells the image: `path`, `image_id` or `content_hash`. `label` and
    `split` can be set so, too; what depends on them is then analysed again. From now on the
    columns belong to whoever annotates: embedding again leaves them as they are for images that
    are known. Raises `SourceError` for a table that cannot be read, `UsageError` if it has no such
    column or nothing matches, `LockedError` when another job is writing.
    """
    place = str(file) if "://" in str(file) else os.path.abspath(os.path.expanduser(file))
    on_progress(Progress("Reading the table", 0, 0))
    rows = read_table(place)
    key = _key_column(rows.table, on, place)
    values = own_names(rows.table.drop_columns([key]))
    for name in {"label", "split"} & {*values.column_names}:
        values = put(values, name, label_values(values[name].combine_chunks()))
    if not values.num_columns:
        raise UsageError(f"{place} has no column besides {key!r}; there is nothing to join.")
    report = AnnotateReport(dataset.name, values.column_names, refused=len(rows.refused))
    with write_dataset(
        dataset.root, source=dataset.source, labels=dataset.info["labels"]
    ) as writer:
        keys = _keys(rows.table[key].to_pylist(), on, dataset.source)
        images, table_rows = _match(keys, writer.images, on=on, report=report)
        changed = _join(writer, values, images=images, table_rows=table_rows, report=report)
    if changed & {"label", "split"}:
        for space in map(Dataset(dataset.root).space, dataset.space_ids):
            if space.graph_path.exists():
                analyze(dataset, space=space.id, on_progress=on_progress)
    return report


def _key_column(table: pa.Table, on: str, place: str) -> str:
    if on not in KEYS:
        raise UsageError(f"{on!r} does not name images. There are: {', '.join(KEYS)}.")
    if on in table.column_names:
        return on
    if on == "path":
        return path_column(table, place)
    raise UsageError(
        f"{place} has no column {on!r}. Its columns are: {', '.join(table.column_names)}."
    )


def _keys(values: Sequence[Hashable], on: str, source: str) -> list[Hashable]:
    """The keys as the dataset spells them; a path may begin with the source folder."""
    if on != "path":
        return list(values)
    within = source.rstrip("/") + "/"
    paths = [str(value or "").removeprefix(within) for value in values]
    return [path if "://" in path else posixpath.normpath(path) for path in paths]


def _match(
    keys: Sequence[Hashable], images: pa.Table, *, on: str, report: AnnotateReport
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
    report.first_unmatched = str(strange[0]) if strange else None
    if not matched:
        example = f"; the dataset has {names[present[0]]!r}" if len(present) else ""
        raise UsageError(
            f"No row matches an image by {on}: the table has {report.first_unmatched!r}{example}."
        )
    pairs = np.array(matched, np.int64)
    return pairs[:, 0], pairs[:, 1]


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
