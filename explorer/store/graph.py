"""The stored neighbour graph and the FAISS index of a space."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from explorer.errors import StoreError
from explorer.store.atomic import replacing

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
    with replacing(path) as temporary:
        pq.write_table(table, temporary, compression="none", row_group_size=GROUP)


def _lists(values: npt.NDArray[Any], kind: pa.DataType, k: int) -> pa.Array:
    flat = pa.array(np.ascontiguousarray(values).reshape(-1), kind)
    # Arrow cannot infer the row count of lists of length zero (a dataset of one image).
    if k == 0:
        return pa.array([[]] * len(values), pa.list_(kind))
    return pa.FixedSizeListArray.from_arrays(flat, k)


def graph_metadata(path: Path) -> dict[str, str]:
    """The parameters the stored graph was made with; empty when there is no graph."""
    if not path.exists():
        return {}
    metadata = pq.read_schema(path).metadata or {}
    return {key.decode(): value.decode() for key, value in metadata.items()}


class StoredGraph:
    """neighbors.parquet, read row group by row group: a look-up costs the same at any size."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            table = pq.read_table(path, columns=["image_id"])
        except (OSError, pa.ArrowException) as error:
            raise StoreError(f"{path} cannot be read ({error}). Run `explorer analyze`.") from error
        self.image_ids: npt.NDArray[np.int64] = table["image_id"].to_numpy()

    def neighbors(self, image_id: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
        """The neighbours of one image, nearest first: ids (k,) and cosine similarities (k,).

        Raises `KeyError` when the image is not in the graph.
        """
        row = int(np.searchsorted(self.image_ids, image_id))
        if row == len(self.image_ids) or self.image_ids[row] != image_id:
            raise KeyError(image_id)
        group = pq.ParquetFile(self._path, memory_map=True).read_row_group(row // GROUP)
        line = group.slice(row % GROUP, 1)
        return (
            line["neighbor_ids"].chunk(0)[0].values.to_numpy(),
            line["similarities"].chunk(0)[0].values.to_numpy(),
        )

    def read(self) -> NeighborTable:
        """The whole graph."""
        table = pq.read_table(self._path).combine_chunks()
        rows = len(table)

        def matrix(name: str) -> npt.NDArray[Any]:
            flat = table[name].combine_chunks().flatten().to_numpy()
            return flat.reshape(rows, -1) if rows else flat.reshape(0, 0)

        return NeighborTable(self.image_ids, matrix("neighbor_ids"), matrix("similarities"))


def write_index(path: Path, index: Any) -> None:
    """Write a FAISS index in one step."""
    import faiss

    with replacing(path) as temporary:
        faiss.write_index(index, str(temporary))


def read_index(path: Path) -> Any:
    """Read a FAISS index whose ids are image ids; its vectors stay on disk until they are used."""
    import faiss

    try:
        return faiss.read_index(str(path))
    except RuntimeError as error:
        raise StoreError(f"{path} cannot be read. Run `explorer analyze` to build it again.") from (
            error
        )
