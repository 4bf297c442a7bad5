"""One part in the making: the rows, thumbnails and vectors of a few thousand images."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

import pyarrow as pa

from explorer.batch.pipeline import Batcher, Outcome
from explorer.batch.plan import Item, Known
from explorer.batch.values import SourceValues
from explorer.extractors import ForwardPass
from explorer.images import ImageRef
from explorer.store import (
    REJECTED_SCHEMA,
    SCHEMA,
    DatasetWriter,
    EmbeddingRows,
    ImageRow,
    Part,
    path_columns,
    path_text,
)


@dataclass(frozen=True, slots=True)
class _Rejected:
    path: str
    reason: str
    ref: ImageRef | None


class PartBuilder:
    """Collects outcomes in the order of the list; `finish` gives what is to be committed."""

    def __init__(
        self,
        writer: DatasetWriter,
        passes: Iterable[ForwardPass],
        *,
        values: SourceValues,
        batch_size: int,
    ) -> None:
        self._writer = writer
        self._values = values
        self._batchers = [Batcher(forward, batch_size) for forward in passes]
        self._rows: list[ImageRow] = []
        self._paths: list[str] = []
        # Where the images of the rows are in the images table and in the listing, or -1.
        self._known: list[int] = []
        self._listed: list[int] = []
        self._thumbnails: dict[int, bytes] = {}
        self._rejected: list[_Rejected] = []
        self.files = 0

    def add(self, outcome: Outcome, known: Known | None, *, news: bool) -> None:
        """Take an image; `known` is the image it already was, at this or at another place.

        `news`: the source says something new of it, even if the file is the same.
        """
        self.files += 1
        image_id = known.image_id if known else self._writer.new_image_id()
        ref = outcome.item.ref
        before = self._writer.image_row(known.row) if known else {}
        row = before | {
            "image_id": image_id,
            "path": path_text(ref.path),
            "content_hash": outcome.content_hash,
            "bytes": outcome.size if ref.size is None else ref.size,
            "mtime": ref.mtime_ns,
            "etag": ref.etag,
            "present": True,
        }
        if outcome.prepared:
            row["width"] = outcome.prepared.width
            row["height"] = outcome.prepared.height
            row["format"] = outcome.prepared.format
            row["alpha_means"] = outcome.prepared.alpha_means
            self._thumbnails[image_id] = outcome.prepared.jpeg
            for batcher in self._batchers:
                batcher.add(outcome, image_id)
        # A new extractor reads old images again; there may be nothing new to say of them.
        if row != before or news:
            self._add_row(row, ref.path, known=known, listed=outcome.item.row)

    def mark_gone(self, known: Known) -> None:
        """Record that the image is no longer in the source."""
        row = self._writer.image_row(known.row) | {"present": False}
        self._add_row(row, self._writer.image_path(known.row), known=known, listed=-1)

    def update(self, item: Item) -> None:
        """Record what the source now says of an image that is otherwise what it was."""
        assert item.known is not None
        row = self._writer.image_row(item.known.row)
        self._add_row(row, item.ref.path, known=item.known, listed=item.row)

    def _add_row(self, row: ImageRow, path: str, *, known: Known | None, listed: int) -> None:
        self._rows.append(row)
        self._paths.append(path)
        self._known.append(known.row if known else -1)
        self._listed.append(listed)

    def reject(self, outcome: Outcome) -> None:
        """Record a file that could not be read or decoded."""
        self.files += 1
        # Without its size and time, a file that could not be read is tried again next time.
        ref = None if outcome.unread else outcome.item.ref
        self._rejected.append(_Rejected(outcome.item.ref.path, outcome.reason, ref))

    def refuse(self, path: str, reason: str) -> None:
        """Record something that is not even a file to be read (a pipe, a loop of links)."""
        self._rejected.append(_Rejected(path, reason, None))

    def finish(self) -> Part:
        """Run the last batches and hand over the part."""
        embeddings: dict[str, EmbeddingRows] = {}
        for batcher in self._batchers:
            embeddings |= batcher.rows()
        return Part(self._images(), self._thumbnails, embeddings, self._rejected_table())

    def _images(self) -> pa.Table:
        columns = {name: [row.get(name) for row in self._rows] for name in SCHEMA.names}
        columns |= path_columns(self._paths)
        table = pa.table({name: columns[name] for name in SCHEMA.names}, schema=SCHEMA)
        return self._values.complete(table, known=self._known, listed=self._listed)

    def _rejected_table(self) -> pa.Table:
        refs = [entry.ref for entry in self._rejected]
        columns: ImageRow = {
            **path_columns([entry.path for entry in self._rejected]),
            "reason": [entry.reason for entry in self._rejected],
            "when": [datetime.now(UTC)] * len(refs),
            "bytes": [ref.size if ref else None for ref in refs],
            "mtime": [ref.mtime_ns if ref else None for ref in refs],
            "etag": [ref.etag if ref else None for ref in refs],
            # The writer knows it when it commits.
            "part": [0] * len(refs),
        }
        return pa.table(columns, schema=REJECTED_SCHEMA)
