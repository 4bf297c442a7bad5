"""Parquet files that hold the images themselves, as the Hugging Face hub keeps data sets."""

from __future__ import annotations

import itertools
import posixpath
import re
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from explorer.errors import ImageError, SourceError
from explorer.images.entries import archive_stamp
from explorer.images.files import open_file, read_file, stat_file
from explorer.images.listing import SPLIT_FOLDERS, ImageRef, Labels, Listing, Stat, take_labels
from explorer.images.manifests import PATH_NAMES, resolve
from explorer.images.reasons import too_large, why
from explorer.images.remote import name_of
from explorer.images.tables import class_names, concatenate, features, named_columns
from explorer.images.values import put

ENDING = ".parquet"

_ROWS = 8  # decoded at once
_WINDOW = 64 << 20  # bytes of images that stay at hand: threads ask for them nearly in order
_BUFFER = 1 << 20  # bytes of a file that are read at once, however large a row group is
_WORD = re.compile("[A-Za-z]*")
_ROW = re.compile(r"(\d+)(?:-|$)")


def image_column(schema: pa.Schema) -> str | None:
    """The column that holds image files, or None.

    What the hub calls an image; else a struct with `bytes`, as the hub writes it; else plain bytes
    under one of the names that a column of paths may have.
    """
    said = [name for name, kind in features(schema).items() if kind.get("_type") == "Image"]
    structs = [each.name for each in schema if pa.types.is_struct(each.type)]
    plain = [each.name for each in schema if each.name.casefold() in PATH_NAMES]
    for name in (*said, *structs, *plain):
        if name in schema.names and _bytes_type(schema.field(name).type) is not None:
            return name
    return None


def _bytes_type(kind: pa.DataType) -> pa.DataType | None:
    if pa.types.is_struct(kind):
        number = kind.get_field_index("bytes")
        return _bytes_type(kind.field(number).type) if number >= 0 else None
    is_bytes = pa.types.is_binary(kind) or pa.types.is_large_binary(kind)
    return kind if is_bytes else None


def holds_images(place: str) -> bool:
    """Is it a Parquet file with images in it? False for one that cannot be read."""
    try:
        with open_file(place) as file:
            return image_column(pq.read_schema(file)) is not None
    except (OSError, pa.ArrowException):
        return False


class ParquetSource:
    """The images in Parquet files, row by row: `train-00000-of-00002.parquet/000017-cat.jpg`.

    Their other columns are columns of the dataset. Codes of classes become the classes' names;
    where there is no column `label`, the only column of classes is it. Without a column `split`,
    files and folders called `train…`, `test…`, `validation…` say it.
    """

    def __init__(self, uri: str, places: Sequence[str], labels: Labels = "auto") -> None:
        self.uri = uri
        self._labels = labels
        self._is_one = list(places) == [uri]
        folders = [posixpath.dirname(place) for place in places]
        base = posixpath.commonpath(folders)
        self._files = {posixpath.relpath(place, base): _File(place) for place in places}
        self._recent: deque[_File] = deque()
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        literal = re.split(r"[{*]", name_of(self.uri).removesuffix(ENDING))[0].rstrip("-_. ")
        return literal or posixpath.basename(posixpath.dirname(self.uri)) or "images"

    def list(self) -> Listing:
        found: list[tuple[str, Stat]] = []
        inner: list[str] = []
        refused: list[tuple[str, str]] = []
        tables: list[pa.Table] = []
        for prefix, file in self._files.items():
            try:
                names, table = file.rows()
            except (OSError, pa.ArrowException, SourceError) as error:
                if self._is_one:
                    raise SourceError(f"{self.uri} cannot be read: {why(error)}.") from error
                refused.append((prefix, f"The file cannot be read: {why(error)}."))
                continue
            tables.append(_with_split(table, _split_of(prefix), rows=len(names)))
            inner += [name or "" for name in names]
            found += [
                (f"{prefix}/{_row_name(row, name)}", file.stat) for row, name in enumerate(names)
            ]
        if not tables:
            return Listing([], 0, refused)
        columns = concatenate(tables)
        if pa.types.is_null(columns["split"].type):
            columns = columns.drop_columns(["split"])
        labels, columns = take_labels(columns, inner, self._labels)
        refs = [
            ImageRef(path, None, stat.mtime_ns, label, archive_stamp(stat))
            for (path, stat), label in zip(found, labels, strict=True)
        ]
        return Listing(refs, 0, refused, columns)

    def read(self, path: str) -> bytes:
        prefix, _, name = path.rpartition(f"{ENDING}/")
        file = self._files.get(prefix + ENDING)
        number = _ROW.match(name)
        if file is None or number is None:
            raise ImageError("The Parquet file that held the image is no longer in the source.")
        with self._lock:
            if file not in self._recent:
                self._recent.append(file)
            if len(self._recent) > 2:  # threads read from two where one ends and the next begins
                self._recent.popleft().close()
        return file.image(int(number[1]))


def _row_name(row: int, name: str | None) -> str:
    return f"{row:06d}-{posixpath.basename(name)}" if name else f"{row:06d}"


def _split_of(prefix: str) -> str | None:
    """`train` of `train-00000-of-00002.parquet`, and of `train/0000.parquet`."""
    parts = reversed(prefix.removesuffix(ENDING).split("/"))
    words = [found[0] for found in map(_WORD.match, parts) if found]
    return next((word for word in words if word.casefold() in SPLIT_FOLDERS), None)


def _with_split(table: pa.Table, split: str | None, *, rows: int) -> pa.Table:
    if "split" in table.column_names:
        return table
    return put(table, "split", pa.array([split] * rows, pa.string() if split else pa.null()))


@dataclass(eq=False)
class _File:
    """One Parquet file, of which a few images at a time are in memory.

    _window: (first row, images).
    _next: the row that the next batch begins with.
    """

    place: str
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _open: BinaryIO | None = None
    _batches: Iterator[pa.RecordBatch] | None = None
    _window: deque[tuple[int, pa.Array]] = field(default_factory=deque)
    _next: int = 0

    @cached_property
    def stat(self) -> Stat:
        return stat_file(self.place)

    def rows(self) -> tuple[list[str | None], pa.Table]:
        """What each image is called, if it is, and all columns but the images.

        Raises OSError, pa.ArrowException, SourceError.
        """
        self.__dict__.pop("stat", None)
        _ = self.stat  # from before it is read
        self.close()
        with open_file(self.place) as opened:
            file = pq.ParquetFile(opened, buffer_size=_BUFFER)
            schema = file.schema_arrow
            column = image_column(schema)
            if column is None:
                raise SourceError("it has no column of images")
            others = [each.name for each in schema if "binary" not in str(each.type)]
            leaf = _leaf(schema, column, "path")
            table = file.read(columns=[*others, *([leaf] if leaf else [])])
        names = pc.struct_field(table[column], "path") if leaf else _name_column(table)
        return names.to_pylist(), _as_label(class_names(table.select(others)), schema)

    def image(self, row: int) -> bytes:
        """The image file in a row. Raises ImageError."""
        try:
            with self._lock:
                value = self._value(row)
        except (OSError, pa.ArrowException) as error:
            raise ImageError(f"The Parquet file cannot be read: {why(error)}.") from error
        if value is None:
            raise ImageError("The Parquet file no longer has the row.")
        data, path = value.as_py(), None
        if isinstance(data, dict):
            data, path = data["bytes"], data.get("path")
        if data is None and path:
            data = read_file(resolve(self.place, path))
        if data is None:
            raise ImageError("The row holds no image.")
        if reason := too_large(len(data)):
            raise ImageError(reason)
        return bytes(data)

    def _value(self, row: int) -> pa.Scalar | None:
        first = self._window[0][0] if self._window else self._next
        if self._batches is None or row < first:
            self._start(row)
        while row >= self._next and self._batches and (batch := next(self._batches, None)):
            self._window.append((self._next, batch.column(0)))
            self._next += len(batch)
            while len(self._window) > 2 and sum(a.nbytes for _, a in self._window) > _WINDOW:
                self._window.popleft()
        for start, images in self._window:
            if start <= row < start + len(images):
                return images[row - start]
        return None

    def _start(self, row: int) -> None:
        """Read on from the row group that holds a row."""
        self.close()
        if stat_file(self.place) != self.stat:
            raise OSError("it has changed since it was listed; run the job again")
        self._open = open_file(self.place)
        file = pq.ParquetFile(self._open, buffer_size=_BUFFER)
        column = image_column(file.schema_arrow)
        if column is None:
            raise OSError("it has no column of images")
        sizes = [file.metadata.row_group(i).num_rows for i in range(file.metadata.num_row_groups)]
        starts = list(itertools.accumulate(sizes, initial=0))
        group = max((i for i in range(len(sizes)) if starts[i] <= row), default=0)
        self._next = starts[group]
        leaves = [_leaf(file.schema_arrow, column, name) for name in ("bytes", "path")]
        self._batches = file.iter_batches(
            batch_size=_ROWS,
            row_groups=list(range(group, len(sizes))),
            columns=[leaf for leaf in leaves if leaf] or [column],
            use_threads=False,
        )

    def close(self) -> None:
        """Let go of the images at hand; they can be read again."""
        self._batches = None
        self._window.clear()
        if self._open:
            self._open.close()
            self._open = None


def _leaf(schema: pa.Schema, column: str, name: str) -> str | None:
    """What Parquet calls a field of the struct in a column, if there is one."""
    kind = schema.field(column).type
    is_there = pa.types.is_struct(kind) and kind.get_field_index(name) >= 0
    return f"{column}.{name}" if is_there else None


def _name_column(table: pa.Table) -> pa.ChunkedArray:
    """The column of text that names the images, if any does."""
    for name in table.column_names:
        kind = table[name].type
        is_text = pa.types.is_string(kind) or pa.types.is_large_string(kind)
        if is_text and name.casefold() in PATH_NAMES:
            return table[name]
    return pa.chunked_array([pa.nulls(len(table), pa.string())])


def _as_label(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """The columns in plain kinds; the only column of classes is called `label`."""
    classes = [name for name, kind in features(schema).items() if kind.get("_type") == "ClassLabel"]
    if len(classes) == 1 and "label" not in [name.casefold() for name in table.column_names]:
        names = ["label" if name == classes[0] else name for name in table.column_names]
        table = table.rename_columns(names)
    return named_columns(table)
