"""One export in the making: what the formats are given to write from."""

import contextlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cached_property
from io import RawIOBase
from pathlib import Path, PurePosixPath
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from explorer.curate.exports.names import TakenNames, file_name, folder_names
from explorer.curate.exports.staging import Staging, digest
from explorer.errors import (
    BadValueError,
    ExportError,
    ImageError,
    NotAnalyzedError,
    OutdatedError,
    UnknownNameError,
)
from explorer.images import Source, local_file, open_source
from explorer.store import ImageRow, Space

TAG = "tag"
WITHOUT = {"label": "unlabelled", "split": "no split", TAG: "untagged"}
BATCH = 2048  # rows that are Python objects at once

OnFile = Callable[[str, int, int], object]


@dataclass(frozen=True)
class ExportOptions:
    """What formats can be told.

    by: the columns, or `tag`, that name the folders, outermost first; None for the format's own
    way, () for no folders. tags: which tags `tag` looks at, the first that an image has counts; ()
    for all. link: copies, or links to the originals. shard_size: images in a shard.
    """

    by: tuple[str, ...] | None = None
    tags: tuple[str, ...] = ()
    link: Literal["copy", "hard", "symbolic"] = "copy"
    shard_size: int = 1000

    def __post_init__(self) -> None:
        if self.link not in ("copy", "hard", "symbolic"):
            raise BadValueError(f"Images are copied or linked (hard, symbolic), not {self.link!r}.")
        if self.shard_size < 1:
            raise BadValueError(f"A shard holds at least 1 image, not {self.shard_size}.")


@dataclass
class Job:
    """A table of images, a row each in the order asked for, and the staging to write it to.

    written: every file of this export.
    notes: what one should know about it, in sentences.
    files: the path of each image's copy, (n).
    """

    space: Space
    table: pa.Table
    options: ExportOptions
    staging: Staging
    on_file: OnFile
    written: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)

    @cached_property
    def source(self) -> Source:
        return open_source(self.space.dataset.source)

    def rows(self, table: pa.Table | None = None) -> Iterator[ImageRow]:
        """The images one by one, as Python objects."""
        for batch in (self.table if table is None else table).to_batches(max_chunksize=BATCH):
            yield from batch.to_pylist()

    def open(self, name: str) -> AbstractContextManager[RawIOBase]:
        """A file of the export, to be written to; it cannot seek."""
        self.written.add(name)
        return self.staging.open(name)

    def write(self, name: str, data: bytes) -> None:
        """A file of the export, whole."""
        self.written.add(name)
        self.staging.write(name, data)

    def write_table(self, name: str, table: pa.Table) -> None:
        """A table as a Parquet file of the export."""
        with self.open(name) as file:
            pq.write_table(table, file)

    def by_split(self) -> tuple[str, ...]:
        """What sorts a format that is about splits: what was asked for, else the splits there are.

        Images without a split are told of: they are a part of their own.
        """
        if self.options.by is not None:
            return self.options.by
        missing = self.table["split"].null_count
        if missing == len(self.table):
            return ()
        if missing:
            self.notes.append(
                f"{missing:,} of the images have no split: they are in the part "
                f"“{WITHOUT['split']}”."
            )
        return ("split",)

    def folders(self, by: tuple[str, ...]) -> list[PurePosixPath]:
        """The folder of each image, (n): one level for each column in `by`."""
        levels = []
        for column in by:
            values = self.values(column)
            named = folder_names(values)
            levels.append([named[value] for value in values])
        if not levels:
            return [PurePosixPath()] * len(self.table)
        return [PurePosixPath(*parts) for parts in zip(*levels, strict=True)]

    def values(self, column: str) -> list[str]:
        """What a column says of each image, as text, (n); clusters by name."""
        if column == TAG:
            return self._tags()
        if column not in self.table.column_names:
            there_are = ", ".join(self.table.column_names)
            raise UnknownNameError(
                f"There is no column {column!r} to sort by. There are: {there_are}."
            )
        names: list[str] = []
        if column.startswith("cluster"):
            with contextlib.suppress(NotAnalyzedError):  # not a column of clusters
                names = self.space.cluster_names(column)
        found = []
        for value in self.table[column].to_pylist():
            is_name = names and isinstance(value, int) and 0 <= value < len(names)
            found.append(names[value] if is_name else value)
        missing = WITHOUT.get(column, f"no {column}")
        return [missing if value in (None, "", -1) else str(value) for value in found]

    def _tags(self) -> list[str]:
        kept = self.space.dataset.tags
        tags = self.options.tags or tuple(tag.name for tag in kept.all())
        found: dict[int, str] = {}
        for tag in reversed(tags):
            found |= dict.fromkeys(kept.ids(tag).tolist(), tag)
        return [found.get(each, WITHOUT[TAG]) for each in self.table["image_id"].to_pylist()]

    # --- image files

    def place_images(
        self,
        folders: list[PurePosixPath],
        *,
        named: Callable[[ImageRow, str], str] = lambda row, path: file_name(path, row["format"]),
    ) -> list[str]:
        """Copy or link every image into its folder; gives each one's relative path, (n)."""
        names = TakenNames()
        files = []
        total = len(self.table)
        for done, (row, folder) in enumerate(zip(self.rows(), folders, strict=True), start=1):
            path = self.space.dataset.relative_path(row["image_id"])
            name = str(names.take(folder, named(row, path), row["image_id"]))
            self.written.add(name)
            if not self.staging.done(name):
                self._place(name, path, row)
            files.append(name)
            self.on_file("Writing", done, total)
        self.files = files
        return files

    def _place(self, name: str, path: str, row: ImageRow) -> None:
        if self.options.link == "copy":
            mtime = row["mtime"]
            data = self.original(path, row)
            self.staging.write(name, data, mtime_ns=mtime.value if mtime is not None else None)
            return
        original = local_file(self.source, path)
        if original is None:
            raise ExportError(
                f"{path} cannot be linked to: it is no file of its own on this machine. Use copies."
            )
        self.original(path, row)  # says what is wrong if it is not what it was
        try:
            self.staging.link(name, Path(original), symbolic=self.options.link == "symbolic")
        except OSError as error:
            raise ExportError(
                f"{path} cannot be linked to: {error.strerror}. Hard links need the same disk; use "
                "symbolic links, or copies."
            ) from error

    def original(self, path: str, row: ImageRow) -> bytes:
        """The bytes of an image file, checked to be those that were embedded."""
        source = self.space.dataset.source
        try:
            data = self.source.read(path)
        except ImageError as error:
            raise OutdatedError(f"{path} cannot be exported: {error}", source=source) from error
        if digest(data).hexdigest() != row["content_hash"]:
            raise OutdatedError(
                f"{path} cannot be exported: it has changed since it was embedded.", source=source
            )
        return data

    def numbered_labels(self, first: int = 0) -> dict[str, int]:
        """The number of each label that an image has, by name."""
        labels = sorted({*self.table["label"].drop_null().to_pylist()})
        return {label: number for number, label in enumerate(labels, start=first)}

    def need_labels(self, format: str) -> list[str]:
        """The label of each image. Raises `ExportError` when one has none."""
        labels = self.table["label"]
        if labels.null_count:
            raise ExportError(
                f"{labels.null_count:,} of the images have no label, and {format} needs one for "
                'each. Leave them out with --where "label IS NOT NULL".'
            )
        return [str(label) for label in labels.to_pylist()]

    @cached_property
    def space_rows(self) -> np.ndarray:
        """The row of each image in the space."""
        return np.searchsorted(self.space.image_ids, self.table["image_id"].to_numpy())
