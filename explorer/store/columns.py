"""columns.parquet: what the analyses found, one value per image, with how it was made."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from explorer.errors import DamagedAnalysisError
from explorer.store.arrays import ImageRow, Values, as_arrow, as_numpy
from explorer.store.json_files import read_as, told
from explorer.store.metadata import AnalysisMeta, ColumnMeta
from explorer.store.parts import damage_named, open_parquet, write_parquet

META = b"explorer"


@dataclass(frozen=True)
class Columns:
    """The columns of a space: image ids ascending, values and what they are by name.

    `analyses` tells, by the name of the analysis, how they were made.
    """

    image_ids: npt.NDArray[np.int64]
    values: dict[str, Values] = field(default_factory=dict)
    meta: dict[str, ColumnMeta] = field(default_factory=dict)
    analyses: dict[str, AnalysisMeta] = field(default_factory=dict)


@dataclass(frozen=True)
class Described:
    """All that columns.parquet says but the values."""

    columns: Mapping[str, ColumnMeta] = field(default_factory=dict)
    analyses: Mapping[str, AnalysisMeta] = field(default_factory=dict)


def write_columns(path: Path, columns: Columns) -> None:
    """Write the columns in one step. Text columns are numpy arrays of str or None objects."""
    table = pa.table(
        {"image_id": pa.array(columns.image_ids)}
        | {name: pa.array(values, from_pandas=True) for name, values in columns.values.items()}
    )
    described = json.dumps(Described(columns.meta, columns.analyses), default=told)
    metadata = {META: described.encode()}
    write_parquet(path, table.replace_schema_metadata(metadata))


def read_described(path: Path) -> Described:
    """What the columns are, without reading a value; empty when nothing was analysed."""
    if not path.exists():
        return Described()
    with damage_named(path, DamagedAnalysisError):
        return read_as(Described, json.loads((pq.read_schema(path).metadata or {})[META]))


def read_column(path: Path, name: str, image_ids: npt.NDArray[np.int64]) -> pa.ChunkedArray:
    """One column, a value for each of some images; null where nothing is known of it."""
    with damage_named(path, DamagedAnalysisError):
        table = open_parquet(path).read(["image_id", name])
        ids = as_numpy(table["image_id"])
    if np.array_equal(ids, image_ids):  # unless images came or went since
        return table[name]
    rows = np.minimum(np.searchsorted(ids, image_ids), max(len(ids) - 1, 0))
    known = ids[rows] == image_ids if len(ids) else np.zeros(len(image_ids), bool)
    return table[name].take(as_arrow(rows, known=known))


def read_row(path: Path, image_id: int) -> ImageRow:
    """The values of one image by column; empty when nothing is known of it. Takes one row group."""
    if not path.exists():
        return {}
    with damage_named(path, DamagedAnalysisError):
        file = open_parquet(path)
        for number in range(file.num_row_groups):
            ids = file.metadata.row_group(number).column(0).statistics
            if ids.min <= image_id <= ids.max:
                group = file.read_row_group(number)
                row = int(np.searchsorted(as_numpy(group["image_id"]), image_id))
                found: ImageRow = group.slice(row, 1).to_pylist()[0]
                return found if found["image_id"] == image_id else {}
    return {}


def read_columns(path: Path) -> Columns:
    """Everything; an empty `Columns` when nothing was analysed yet."""
    if not path.exists():
        return Columns(np.empty(0, np.int64))
    described = read_described(path)
    with damage_named(path, DamagedAnalysisError):
        table = open_parquet(path).read()
        values = {name: as_numpy(table[name]) for name in described.columns}
        return Columns(
            as_numpy(table["image_id"]), values, dict(described.columns), dict(described.analyses)
        )
