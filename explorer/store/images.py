"""The table of images: what is known of each before any model has seen it."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from explorer.errors import StoreError
from explorer.store.parts import part_paths, read_parquet, write_parquet

ADVICE = "Restore it from a backup, or embed the source again under another name (--name)."

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
        pa.field("label", pa.string()),
        pa.field("split", pa.string()),
        pa.field("mtime", TIMESTAMP),
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
        # The images part it was decided with: rows of a part that was never committed do not count.
        pa.field("part", pa.int32(), nullable=False),
    ]
)


def last_rows(ids: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """For rows in the order of writing: the row of each id that was written last, by rising id.

    >>> last_rows(np.array([7, 3, 7]))
    array([1, 2])
    """
    _, first_from_the_end = np.unique(ids[::-1], return_index=True)
    rows: npt.NDArray[np.int64] = len(ids) - 1 - first_from_the_end
    return rows


def read_part(path: Path) -> pa.Table:
    """One part of the table, as it was written."""
    table = read_parquet(path, advice=ADVICE)
    if not set(SCHEMA.names) <= set(table.column_names):
        raise StoreError(f"{path} is damaged: columns are missing. {ADVICE}")
    return table


def read_images(folder: Path) -> pa.Table:
    """Every image ever seen, gone ones too, one row each, by rising image_id."""
    paths = part_paths(folder)
    if not paths:
        return SCHEMA.empty_table()
    parts = [read_part(path) for path in paths]
    table = pa.concat_tables(parts, promote_options="default")
    return table.take(last_rows(table["image_id"].to_numpy()))


def present_images(table: pa.Table) -> pa.Table:
    """The rows of the images that are still in the source."""
    return table.filter(pc.field("present"))


def read_rejected(path: Path) -> pa.Table:
    """The files that could not be read, with the reason for each."""
    if not path.exists():
        return REJECTED_SCHEMA.empty_table()
    advice = "Remove it: what it lists is then tried again."
    return read_parquet(path, REJECTED_SCHEMA.names, advice=advice)


def write_rejected(path: Path, table: pa.Table) -> None:
    """Replace the list of rejected files."""
    write_parquet(path, table)
