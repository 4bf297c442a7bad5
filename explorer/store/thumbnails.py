"""Thumbnails by number, from memory-mapped Arrow files: no decoding, no copies, no look-ups."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from explorer.store.arrays import as_numpy
from explorer.store.atomic import replacing
from explorer.store.images import last_rows
from explorer.store.parts import damage_named, part_paths

DIGEST = b"sha256"

SCHEMA = pa.schema(
    [
        pa.field("image_id", pa.int64(), nullable=False),
        pa.field("jpeg", pa.binary(), nullable=False),
    ]
)


def write_thumbnails(path: Path, ids: Sequence[int], jpegs: Sequence[bytes]) -> None:
    """Write one part: uncompressed Arrow IPC, so that it can be memory-mapped.

    Arrow files have no checksums; the digest in the schema's metadata is for `is_intact`.
    """
    columns = [pa.array(ids, pa.int64()), pa.array(jpegs, pa.binary())]
    batch = pa.record_batch(columns, SCHEMA)
    schema = SCHEMA.with_metadata({DIGEST: _digest(batch)})
    with (
        replacing(path) as temporary,
        pa.OSFile(str(temporary), "wb") as sink,
        pa.ipc.new_file(sink, schema) as writer,
    ):
        writer.write_batch(batch.replace_schema_metadata(schema.metadata))


def is_intact(path: Path) -> bool:
    """Read every byte of a part and say whether it is as it was written."""
    table = _open(path)
    written = (table.schema.metadata or {}).get(DIGEST)
    return written == b"".join(map(_digest, table.to_batches()))


def _digest(batch: pa.RecordBatch) -> bytes:
    digest = hashlib.sha256(as_numpy(batch["image_id"]).tobytes())
    for jpeg in batch["jpeg"]:
        data = jpeg.as_buffer()
        digest.update(data.size.to_bytes(8, "little"))
        digest.update(memoryview(data))
    return digest.hexdigest().encode()


class Thumbnails:
    """The thumbnails of a dataset. Threads may share it.

    `image_ids`: whose thumbnails there are, ascending, (n,) int64.
    """

    def __init__(self, folder: Path) -> None:
        self._jpegs: list[pa.BinaryArray] = []
        ids, parts, rows = [], [], []
        for path in part_paths(folder):
            table = _open(path)
            part_ids = as_numpy(table["image_id"])
            ids.append(part_ids)
            # A part is written as one batch, so it is one chunk (none when it is empty).
            parts.append(np.full(len(part_ids), len(self._jpegs), np.int32))
            rows.append(np.arange(len(part_ids), dtype=np.int32))
            self._jpegs.extend(table["jpeg"].chunks)
        every_id = np.concatenate(ids) if ids else np.empty(0, np.int64)
        last = last_rows(every_id)
        self.image_ids = every_id[last]
        self._part = (np.concatenate(parts) if parts else np.empty(0, np.int32))[last]
        self._row = (np.concatenate(rows) if rows else np.empty(0, np.int32))[last]

    def __getitem__(self, image_id: int) -> bytes:
        """The JPEG of one image, longest side 256 px. Raises `KeyError` for an unknown id."""
        place = int(np.searchsorted(self.image_ids, image_id))
        if place == len(self.image_ids) or self.image_ids[place] != image_id:
            raise KeyError(image_id)
        jpeg: bytes = self._jpegs[self._part[place]][int(self._row[place])].as_py()
        return jpeg


def _open(path: Path) -> pa.Table:
    with damage_named(path):
        table = pa.ipc.open_file(pa.memory_map(str(path))).read_all()
        # A damaged offset would lead beyond the mapped memory.
        table.validate(full=True)
        return table.cast(SCHEMA.with_metadata(table.schema.metadata))
