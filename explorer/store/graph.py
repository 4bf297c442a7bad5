"""The stored neighbour graph and the FAISS index of a space."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from explorer.errors import DamagedAnalysisError, DamagedError
from explorer.store.arrays import Values, as_numpy
from explorer.store.manifest import replacing_listed
from explorer.store.parts import damage_named, open_parquet, write_parquet

if TYPE_CHECKING:
    import faiss

# Rows per row group: one look-up reads one group, well under a millisecond.
GROUP = 2048


@dataclass(frozen=True)
class NeighborTable:
    """The graph in image ids: ids (n,), their neighbours (n, k) int64, cosines (n, k) float32."""

    image_ids: npt.NDArray[np.int64]
    neighbor_ids: npt.NDArray[np.int64]
    similarities: npt.NDArray[np.float32]


def write_graph(path: Path, graph: NeighborTable, metadata: dict[str, str]) -> None:
    """Write neighbors.parquet, with the graph's parameters in the schema metadata."""
    k = graph.neighbor_ids.shape[1]
    table = pa.table(
        {
            "image_id": pa.array(graph.image_ids),
            "neighbor_ids": _lists(graph.neighbor_ids, pa.int64(), k),
            "similarities": _lists(graph.similarities, pa.float32(), k),
        }
    ).replace_schema_metadata(metadata)
    write_parquet(path, table, compression="none", group=GROUP)


def _lists(values: Values, kind: pa.DataType, k: int) -> pa.Array:
    flat = pa.array(np.ascontiguousarray(values).reshape(-1), kind)
    # Arrow cannot infer the row count of lists of length zero (a dataset of one image).
    if k == 0:
        return pa.array([[]] * len(values), pa.list_(kind))
    return pa.FixedSizeListArray.from_arrays(flat, k)


def graph_metadata(path: Path) -> dict[str, str]:
    """The parameters the stored graph was made with; empty when there is none to be read."""
    if not path.exists():
        return {}
    try:
        with damage_named(path, DamagedAnalysisError):
            metadata = pq.read_schema(path).metadata or {}
            return {key.decode(): value.decode() for key, value in metadata.items()}
    except DamagedError:
        return {}


class StoredGraph:
    """neighbors.parquet, read row group by row group: a look-up costs the same at any size."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with damage_named(path, DamagedAnalysisError):
            # Mapped once: when an analysis replaces the file, this still is the one it was.
            self._file = pa.memory_map(str(path)).read_buffer()
            ids = self._open().read(["image_id"])["image_id"]
        self.image_ids: npt.NDArray[np.int64] = as_numpy(ids)

    def _open(self) -> pq.ParquetFile:
        return open_parquet(pa.BufferReader(self._file))

    def neighbors(self, image_id: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
        """The neighbours of one image, nearest first: ids (k,) and cosine similarities (k,).

        Raises `KeyError` when the image is not in the graph.
        """
        row = int(np.searchsorted(self.image_ids, image_id))
        if row == len(self.image_ids) or self.image_ids[row] != image_id:
            raise KeyError(image_id)
        with damage_named(self._path, DamagedAnalysisError):
            line = self._open().read_row_group(row // GROUP).slice(row % GROUP, 1)
            return (
                as_numpy(line["neighbor_ids"].chunk(0)[0].values),
                as_numpy(line["similarities"].chunk(0)[0].values),
            )

    def read(self) -> NeighborTable:
        """The whole graph."""
        with damage_named(self._path, DamagedAnalysisError):
            table = self._open().read().combine_chunks()
            rows = len(table)

            def matrix(name: str) -> Values:
                flat = as_numpy(table[name].combine_chunks().flatten())
                return flat.reshape(rows, -1) if rows else flat.reshape(0, 0)

            return NeighborTable(self.image_ids, matrix("neighbor_ids"), matrix("similarities"))


def write_index(path: Path, index: "faiss.Index") -> None:
    """Write a FAISS index in one step."""
    import faiss

    with replacing_listed(path) as temporary:
        faiss.write_index(index, str(temporary))


def index_digest(path: Path) -> str:
    """SHA-256 of an index file, in hex: FAISS files have no checksum of their own."""
    with damage_named(path, DamagedAnalysisError), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_index(path: Path, dimension: int) -> "faiss.Index":
    """Read a FAISS index whose ids are image ids; its vectors stay on disk until they are used."""
    import faiss

    try:
        index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
    except (RuntimeError, MemoryError) as error:
        raise DamagedAnalysisError(f"{path} cannot be read.") from error
    if index.d != dimension:
        raise DamagedAnalysisError(f"{path} is damaged: it is for vectors of {index.d} dimensions.")
    return index
