"""The vectors of a space, part by part.

A row is the vector of an image *with a certain content*: it counts only while the images table
shows the same content hash for that id. So a changed file, a part that a killed job left behind
and a vector that was written twice all sort themselves out when they are read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from explorer.errors import StoreError
from explorer.store.arrays import as_arrow, as_numpy
from explorer.store.images import last_rows
from explorer.store.parts import next_number, part_paths, read_parquet, write_parquet


@dataclass(frozen=True)
class EmbeddingRows:
    """Vectors to be written: ids, the content hash each was made from, and (n, d) float32."""

    image_ids: Sequence[int]
    content_hashes: Sequence[str]
    vectors: npt.NDArray[np.float32]


@dataclass(frozen=True)
class Located:
    """Where the valid vectors lie: image ids ascending, and the part and row of each."""

    image_ids: npt.NDArray[np.int64]
    part: npt.NDArray[np.int32]
    row: npt.NDArray[np.int64]
    paths: list[Path]


def write_embeddings(folder: Path, rows: EmbeddingRows) -> Path:
    """Write the next part of a space; where it is."""
    vectors = np.ascontiguousarray(rows.vectors, np.float32)
    dimension = vectors.shape[1]
    flat = pa.array(vectors.reshape(-1), pa.float32())
    table = pa.table(
        [
            pa.array(rows.image_ids, pa.int64()),
            pa.array(rows.content_hashes, pa.string()),
            pa.FixedSizeListArray.from_arrays(flat, dimension),
        ],
        names=["image_id", "content_hash", "embedding"],
    )
    # Floats hardly compress, and every page view would pay for trying.
    path = folder / f"part-{next_number(folder):05d}.parquet"
    write_parquet(path, table, compression="none")
    return path


def drop_uncommitted(folder: Path, next_image_id: int) -> None:
    """Remove the parts a killed job left behind: those with ids that the images table never got."""
    for path in part_paths(folder):
        ids = as_numpy(read_parquet(path, ["image_id"])["image_id"])
        if len(ids) and ids.max() >= next_image_id:
            path.unlink()


def locate(folder: Path, images: pa.Table) -> Located:
    """Find the valid vector of each of `images` (columns image_id ascending, content_hash)."""
    paths = part_paths(folder)
    tables = [read_parquet(path, ["image_id", "content_hash"]) for path in paths]
    if not tables:
        empty = np.empty(0, np.int64)
        return Located(empty, empty.astype(np.int32), empty, [])
    part = np.repeat(np.arange(len(tables), dtype=np.int32), [len(t) for t in tables])
    row = np.concatenate([np.arange(len(t)) for t in tables])
    rows = pa.concat_tables(tables).combine_chunks()
    ids = as_numpy(rows["image_id"])

    known = as_numpy(images["image_id"])
    place = np.minimum(np.searchsorted(known, ids), max(len(known) - 1, 0))
    valid = np.zeros(len(ids), bool)
    if len(known):
        wanted = images["content_hash"].combine_chunks().take(as_arrow(place))
        same = pc.equal(rows["content_hash"].combine_chunks(), wanted)
        valid = (known[place] == ids) & as_numpy(same)
    valid_rows = np.flatnonzero(valid)
    chosen = valid_rows[last_rows(ids[valid_rows])]
    return Located(ids[chosen], part[chosen], row[chosen], paths)


def read_vectors(located: Located, dimension: int) -> npt.NDArray[np.float32]:
    """The located vectors, (n, d) float32, in the order of `located.image_ids`."""
    vectors = np.empty((len(located.image_ids), dimension), np.float32)
    for number, path in enumerate(located.paths):
        wanted = np.flatnonzero(located.part == number)
        if len(wanted):
            vectors[wanted] = read_matrix(path, dimension)[located.row[wanted]]
    return vectors


def read_matrix(path: Path, dimension: int) -> npt.NDArray[np.float32]:
    """All vectors of one part, (n, d) float32."""
    column = read_parquet(path, ["embedding"])["embedding"].combine_chunks()
    flat: npt.NDArray[np.float32] = as_numpy(column.flatten())
    if len(flat) != len(column) * dimension:
        raise StoreError(f"{path} is damaged: its vectors do not have {dimension} dimensions.")
    return flat.reshape(-1, dimension)
