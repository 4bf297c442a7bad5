"""The images of a dataset, and all that is known of them but what extractors see."""

import copy
import hashlib
from functools import cached_property
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from explorer.errors import UnknownNameError
from explorer.store.arrays import ImageRow, as_numpy
from explorer.store.curation import Curation
from explorer.store.groups import MY_GROUP, MyGroups
from explorer.store.images import read_images, read_rejected
from explorer.store.metadata import ColumnMeta, Kind, read_info
from explorer.store.named_sets import SetsSnapshot
from explorer.store.names import name_of
from explorer.store.paths import exact_paths
from explorer.store.tags import MY_TAGS, Tags
from explorer.store.thumbnails import Thumbnails

# What each column of the images table is, for people (kind, title, explanation).
IMAGE_COLUMNS: dict[str, tuple[Kind, str, str]] = {
    "image_id": ("number", "Image id", "Given at first sight, never reused, never changed."),
    "path": ("text", "Path", "Where the file lies, from the source folder on."),
    "content_hash": ("text", "Content hash", "BLAKE2b of the file's bytes: equal files are equal."),
    "bytes": ("number", "File size (bytes)", "Size of the file in bytes."),
    "width": ("number", "Width", "Pixels across, after EXIF rotation."),
    "height": ("number", "Height", "Pixels down, after EXIF rotation."),
    "format": ("category", "Format", "The file format by its content, whatever its name says."),
    "alpha_means": (
        "text",
        "Mean alpha",
        "How opaque its quarters, the most opaque first, and its middle are: hex digits, ffff all.",
    ),
    "label": ("category", "Label", "The class of the image: by default, its sub-folder."),
    "split": ("category", "Split", "Train, validation or test, where the source says so."),
    "mtime": ("time", "Modified", "When the file was last changed."),
    MY_GROUP: ("category", "My groups", "The groups that you have made out of clusters."),
    MY_TAGS: ("category", "Tags", "The tags of the image, with | between them."),
}
CURATED = (MY_GROUP, MY_TAGS)  # what people change while they look


class ImagesTable:
    """The images that are present in the source, by rising image id, as they were when opened."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.name = name_of(root.name)
        self.info = read_info(root)

    def __len__(self) -> int:
        return len(self.image_ids)

    @property
    def source(self) -> str:
        """Where the images come from."""
        return self.info.source

    @cached_property
    def every_image(self) -> pa.Table:
        """All images ever seen, with `present` telling which are still in the source."""
        return read_images(self.root / "images")

    @cached_property
    def _present(self) -> pa.Table:
        return self.every_image.filter(self.every_image["present"]).combine_chunks()

    @cached_property
    def image_ids(self) -> npt.NDArray[np.int64]:
        """The ids of the present images, ascending, (n,) int64."""
        ids: npt.NDArray[np.int64] = as_numpy(self._present["image_id"])
        return ids

    @cached_property
    def fingerprint(self) -> str:
        """Changes when anything known of an image changes, but for its time, group and tags."""
        digest = hashlib.blake2b(digest_size=16)
        for name in sorted({*self.column_names} - {"mtime", *CURATED}):
            digest.update("\n".join(map(str, self._present[name].to_pylist())).encode())
        return digest.hexdigest()

    @property
    def column_names(self) -> list[str]:
        """The columns of the images table that people may see, and what they have made."""
        hidden = {"present", "path_bytes", "etag", *CURATED}
        stored = [name for name in self._present.column_names if name not in hidden]
        made = ((MY_GROUP, self.grouping.sets), (MY_TAGS, self.tagging.sets))
        return [*stored, *(name for name, there in made if there)]

    def column_meta(self, name: str) -> ColumnMeta:
        """Kind, title and explanation of a column. Raises `UsageError` for an unknown one."""
        if name not in self.column_names:
            raise UnknownNameError(
                f"There is no column {name!r} in {self.name!r}. "
                f"There are: {', '.join(self.column_names)}."
            )
        guess: Kind = "category"
        kind = self._column(name).type
        if pa.types.is_integer(kind) or pa.types.is_floating(kind):
            guess = "number"
        elif pa.types.is_temporal(kind):
            guess = "time"
        return ColumnMeta(*IMAGE_COLUMNS.get(name, (guess, name, "From the source.")))

    def arrow_column(self, name: str) -> pa.ChunkedArray:
        """One column of the images table. Raises `UsageError` for an unknown one."""
        self.column_meta(name)
        return self._column(name)

    def table(self, columns: list[str] | None = None) -> pa.Table:
        """The named columns (default: all) of the present images."""
        return pa.table({name: self._column(name) for name in columns or self.column_names})

    def _column(self, name: str) -> pa.ChunkedArray:
        if name in CURATED:
            return self._my_group if name == MY_GROUP else self._my_tags
        return self._present[name]

    def row(self, image_id: int) -> int:
        """The row of an image. Raises `UsageError` for an unknown id."""
        row = int(np.searchsorted(self.image_ids, image_id))
        if row == len(self) or self.image_ids[row] != image_id:
            raise UnknownNameError(f"There is no image {image_id} in {self.name!r}.")
        return row

    def image(self, image_id: int) -> ImageRow:
        """All that the images table knows of one image."""
        row: ImageRow = self.table().slice(self.row(image_id), 1).to_pylist()[0]
        return row

    def relative_path(self, image_id: int) -> str:
        """What the source calls the image, to the letter: `open_source(source).read` takes it.

        For a folder that is the path from there on. Raises `UsageError` for an unknown id.
        """
        return exact_paths(self._present.slice(self.row(image_id), 1))[0]

    @cached_property
    def _thumbnails(self) -> Thumbnails:
        return Thumbnails(self.root / "thumbnails")

    def thumbnail(self, image_id: int) -> bytes:
        """A JPEG, longest side 256 px. Raises `KeyError` for an unknown id."""
        return self._thumbnails[image_id]

    @property
    def rejected(self) -> pa.Table:
        """The files that could not be read: path, reason, when."""
        return read_rejected(self.root / "rejected.parquet")

    # --- what people have made of it

    @cached_property
    def curation(self) -> Curation:
        """What people select and change, and the history of it."""
        return Curation(self.root / "curation.db")

    @property
    def my_groups(self) -> MyGroups:
        """The user's own groups, to change them; the column `my_group` is as it was when opened."""
        return MyGroups(self.curation)

    @property
    def tags(self) -> Tags:
        """The tags, to read and change them; the column `my_tags` is as it was when opened."""
        return Tags(self.curation)

    @cached_property
    def grouping(self) -> SetsSnapshot:
        """The user's own groups as they were when this was first asked."""
        return self.my_groups.now() if self.is_curated else SetsSnapshot()

    @cached_property
    def tagging(self) -> SetsSnapshot:
        """The tags as they were when this was first asked."""
        return self.tags.now() if self.is_curated else SetsSnapshot()

    @property
    def is_recent(self) -> bool:
        """False when groups or tags have been changed since this was opened; see `recurated`."""
        if not self.is_curated:
            return True
        seen = (self.grouping.version, self.tagging.version)
        return seen == (self.my_groups.version(), self.tags.version())

    def curated_version(self, column: str) -> int:
        """The version of what people have made of a column; 0 for one that nobody can change."""
        return {MY_GROUP: self.grouping.version, MY_TAGS: self.tagging.version}.get(column, 0)

    def recurated(self) -> Self:
        """This snapshot with groups and tags as they are now; shares all else it has read."""
        again = copy.copy(self)
        for name in ("grouping", "tagging", "_my_group", "_my_tags"):
            again.__dict__.pop(name, None)
        return again

    @property
    def is_curated(self) -> bool:
        """False while nobody has made anything of the images."""
        return (self.root / "curation.db").exists()

    @cached_property
    def _my_group(self) -> pa.ChunkedArray:
        return self.grouping.column(self.image_ids)

    @cached_property
    def _my_tags(self) -> pa.ChunkedArray:
        return self.tagging.column(self.image_ids)
