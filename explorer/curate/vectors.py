"""Handing vectors over, in the formats that others read."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from explorer.store import Space

VECTOR_FORMATS = ("npy", "safetensors", "parquet-vectors")


def write_vectors(space: Space, table: pa.Table, *, folder: Path, format: str) -> None:
    """Write the vectors (n, d) float32 of the images in `table`, in its order.

    `npy` and `safetensors` (tensors `embeddings` and `image_ids`) can be loaded without pickle;
    `parquet-vectors` is one row per image: image_id, path, label, embedding.
    """
    ids = table["image_id"].to_numpy()
    rows = np.searchsorted(space.image_ids, ids)
    vectors = np.ascontiguousarray(space.embeddings()[rows])
    if format == "npy":
        np.save(folder / "embeddings.npy", vectors)
    elif format == "safetensors":
        from safetensors.numpy import save_file

        named = {"embeddings": vectors, "image_ids": np.ascontiguousarray(ids)}
        save_file(named, folder / "embeddings.safetensors", metadata={"extractor": space.id})
    else:
        lists = pa.FixedSizeListArray.from_arrays(pa.array(vectors.reshape(-1)), space.dimension)
        named = table.select(["image_id", "path", "label"]).append_column("embedding", lists)
        pq.write_table(named, folder / "embeddings.parquet")
