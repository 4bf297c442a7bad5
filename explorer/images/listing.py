"""What a source of images is, and what it says it holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import pyarrow as pa
import pyarrow.compute as pc

from explorer.images.values import put

Labels = Literal["auto", "folder", "none"]

# What folders are called that hold the parts of a split, whatever the case.
SPLIT_FOLDERS = {"train", "training", "val", "valid", "validation", "dev", "test", "testing"}


@dataclass(frozen=True, slots=True)
class Stat:
    """What can be known of a file without reading it; None where nobody tells.

    `size` is in bytes, `etag` is anything else that changes when the content does.
    """

    size: int | None
    mtime_ns: int | None
    etag: str | None = None


@dataclass(frozen=True, slots=True)
class ImageRef:
    """One candidate image of a source.

    `path` names it within the source, with `/` between its parts; a name that is not valid UTF-8
    holds surrogates (`os.fsdecode`). `size`, `mtime_ns` and `etag` are those of a `Stat`.
    """

    path: str
    size: int | None
    mtime_ns: int | None
    label: str | None
    etag: str | None = None

    @property
    def tells_changes(self) -> bool:
        """Can a change of the content be seen without reading it? A size alone is too little."""
        return self.mtime_ns is not None or self.etag is not None


@dataclass(frozen=True)
class Listing:
    """All that a source holds.

    `refs` come in the order in which they are best read, which is the same every time: folders by
    path, archives as they are packed, lists as they are written. `ignored` counts what is no image
    by its extension, or hidden (a hidden folder counts as one), or says again what was said.
    `refused` holds (path, reason) of what is neither an image nor can be passed over in silence.
    `columns` is what else the source says of its images: row i is that of `refs[i]`.
    """

    refs: list[ImageRef]
    ignored: int
    refused: list[tuple[str, str]]
    columns: pa.Table | None = None


class Source(Protocol):
    """A place that images are read from. `read` may be called from several threads."""

    @property
    def name(self) -> str:
        """The default name of a dataset made from the source."""

    @property
    def uri(self) -> str:
        """Where the source is; enough to open it again from any directory."""

    def list(self) -> Listing:
        """List the images. Raises SourceError if the source cannot be reached."""

    def read(self, path: str) -> bytes:
        """Read the image file that the listing calls `path`.

        Raises ImageError if it cannot be read whole. No listing need have come before.
        """


def folder_labels(paths: Sequence[str], labels: Labels) -> list[str | None]:
    """The label of each path: the name of its first folder, None at the top or if not wanted.

    "auto" wants it if there are at least two such folders.
    """
    folders = _first_folders(paths)
    named = {folder for folder in folders if folder is not None}
    wanted = labels == "folder" or (labels == "auto" and len(named) >= 2)
    return folders if wanted else [None] * len(folders)


def folder_splits(paths: Sequence[str]) -> list[str] | None:
    """The split of each path: the name of its first folder, where all of these are splits.

    None where they are not: a path lies at the top, or a folder has another name. One folder alone
    is a split only if there are folders in it.
    """
    splits = [folder or "" for folder in _first_folders(paths)]
    named = {*splits}
    are_splits = bool(named) and all(name.casefold() in SPLIT_FOLDERS for name in named)
    return (
        splits if are_splits and (len(named) > 1 or any(p.count("/") > 1 for p in paths)) else None
    )


def _first_folders(paths: Sequence[str]) -> list[str | None]:
    return [folder if slash else None for folder, slash, _ in (p.partition("/") for p in paths)]


def take_labels(
    columns: pa.Table | None, paths: Sequence[str], labels: Labels
) -> tuple[list[str | None], pa.Table | None]:
    """The label of each image, and the columns without that of the labels, if any are left.

    With "auto" a column `label` gives them, if there is one; else the folders do, see
    `folder_labels`. Folders that are splits become the column `split`, unless there is one, and the
    labels are those of the folders below; "folder" says that the first folder is the label, always.
    """
    columns = pa.table({}) if columns is None else columns
    texts: list[str | None] | None = None
    if "label" in columns.column_names:
        if labels == "auto":
            texts = label_values(columns["label"].combine_chunks()).to_pylist()
        columns = columns.drop_columns(["label"])
    splits = None if labels == "folder" else folder_splits(paths)
    if splits is not None:
        paths = [path.partition("/")[2] for path in paths]
        if "split" not in columns.column_names:
            columns = put(columns, "split", pa.array(splits, pa.string()))
    if texts is None:
        texts = folder_labels(paths, labels)
    return texts, columns if columns.num_columns else None


def label_values(column: pa.Array) -> pa.Array:
    """Values as labels, which are text: the number 3 is the label "3", also written as 3.0."""
    if pa.types.is_floating(column.type) and pc.all(pc.equal(column, pc.trunc(column))).as_py():
        column = column.cast(pa.int64(), safe=False)
    return column.cast(pa.string())
