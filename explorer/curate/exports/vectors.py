"""Vectors, in the formats that others read; images.csv beside them has the same order."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from explorer.curate.exports.job import Job
from explorer.curate.exports.tables import list_images

BLOCK = 8192  # rows


def write_npy(job: Job) -> None:
    """embeddings.npy: (n, d) float32 as extracted, without pickle."""
    shape = (len(job.table), job.space.dimension)
    with job.open("embeddings.npy") as file:
        header = {"descr": "<f4", "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(file, header)
        for start in range(0, len(job.table), BLOCK):
            file.write(_block(job, start).astype("<f4").tobytes())
            job.on_file("Writing", min(start + BLOCK, len(job.table)), len(job.table))
    list_images(job)


def write_safetensors(job: Job) -> None:
    """embeddings.safetensors: the tensors `embeddings` and `image_ids`."""
    from safetensors.numpy import save

    ids = np.ascontiguousarray(job.table["image_id"].to_numpy())
    vectors = np.ascontiguousarray(job.space.vectors(job.space_rows))
    tensors = {"embeddings": vectors, "image_ids": ids}
    job.write("embeddings.safetensors", save(tensors, metadata={"extractor": job.space.id}))
    list_images(job)
    job.on_file("Writing", len(job.table), len(job.table))


def write_parquet_vectors(job: Job) -> None:
    """embeddings.parquet: every column, and the vectors as lists of a fixed length."""
    width = job.space.dimension
    vectors = pa.field("embedding", pa.list_(pa.float32(), width))
    schema = job.table.schema.append(vectors)
    with job.open("embeddings.parquet") as file, pq.ParquetWriter(file, schema) as writer:
        for start in range(0, len(job.table), BLOCK):
            flat = pa.array(_block(job, start).reshape(-1))
            lists = pa.FixedSizeListArray.from_arrays(flat, width)
            part = job.table.slice(start, BLOCK)
            writer.write_table(part.append_column(vectors, lists))
            job.on_file("Writing", start + len(part), len(job.table))
    list_images(job)


def _block(job: Job, start: int) -> npt.NDArray[np.float32]:
    return job.space.vectors(job.space_rows[start : start + BLOCK])
