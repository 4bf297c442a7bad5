"""columns.parquet: what the analyses found, one value per image, with how it was made."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from explorer.errors import DamagedAnalysisError
from explorer.store.arrays import as_numpy
from explorer.store.parts import damage_named, open_parquet, write_parquet

META = b"explorer"


@dataclass(frozen=True)
class Columns:
    """The columns of a space: image ids ascending, values by name, and for each a description.

    `meta[name]` holds a column's `analysis`, `kind`, `title` and `explains`; `analyses[name]` what
    an analysis was made with (`fingerprint`, `parameters`) and its `figures`, which are numbers
    about the whole space such as the map's trustworthiness.
    """

    image_ids: npt.NDArray[np.int64]
    values: dict[str, npt.NDArray[Any]] = field(default_factory=dict)
    meta: dict[str, dict[str, Any]] = field(default_factory=dict)
    analyses: dict[str, dict[str, Any]] = field(default_factory=dict)


def write_columns(path: Path, columns: Columns) -> None:
    """Write the columns in one step. Text columns are numpy arrays of str or None objects."""
    table = pa.table(
        {"image_id": pa.array(columns.image_ids)}
        | {name: pa.array(values, from_pandas=True) for name, values in columns.values.items()}
    )
    described = {"columns": columns.meta, "analyses": columns.analyses}
    metadata = {META: json.dumps(described).encode()}
    write_parquet(path, table.replace_schema_metadata(metadata))


def read_columns_meta(path: Path) -> dict[str, Any]:
    """`{"columns": …, "analyses": …}` without reading a value; empty when nothing was analysed."""
    if not path.exists():
        return {"columns": {}, "analyses": {}}
    with damage_named(path, DamagedAnalysisError):
        described = json.loads((pq.read_schema(path).metadata or {})[META])
        return {name: described[name] for name in ("columns", "analyses")}


def read_column(path: Path, name: str) -> tuple[npt.NDArray[np.int64], pa.ChunkedArray]:
    """One column with its image ids."""
    with damage_named(path, DamagedAnalysisError):
        table = open_parquet(path).read(["image_id", name])
        return as_numpy(table["image_id"]), table[name]


def read_row(path: Path, image_id: int) -> dict[str, Any]:
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
                found: dict[str, Any] = group.slice(row, 1).to_pylist()[0]
                return found if found["image_id"] == image_id else {}
    return {}


def read_columns(path: Path) -> Columns:
    """Everything; an empty `Columns` when nothing was analysed yet."""
    if not path.exists():
        return Columns(np.empty(0, np.int64))
    described = read_columns_meta(path)
    with damage_named(path, DamagedAnalysisError):
        table = open_parquet(path).read()
        values = {name: as_numpy(table[name]) for name in described["columns"]}
        return Columns(
            as_numpy(table["image_id"]), values, described["columns"], described["analyses"]
        )
