"""The only way to add to a dataset: one writer, whole parts, the images part last."""

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from explorer.errors import StoreError
from explorer.store.atomic import TEMPORARY, read_json, write_json
from explorer.store.dataset import FORMAT_VERSION
from explorer.store.embeddings import EmbeddingRows, drop_uncommitted, write_embeddings
from explorer.store.images import (
    REJECTED_SCHEMA,
    SCHEMA,
    read_images,
    read_rejected,
    write_rejected,
)
from explorer.store.lock import writing
from explorer.store.names import folder_name
from explorer.store.parts import next_number, write_parquet
from explorer.store.thumbnails import write_thumbnails


@dataclass(frozen=True)
class Part:
    """What one commit adds.

    `images` are rows of the images table (a later row of an id replaces the earlier ones),
    `thumbnails` JPEGs by image id, `embeddings` rows by extractor id, and `rejected` rows of the
    table of rejected files.
    """

    images: pa.Table = field(default_factory=SCHEMA.empty_table)
    thumbnails: Mapping[int, bytes] = field(default_factory=dict)
    embeddings: Mapping[str, EmbeddingRows] = field(default_factory=dict)
    rejected: pa.Table = field(default_factory=REJECTED_SCHEMA.empty_table)


class DatasetWriter:
    """Writes to one dataset while it holds its lock; made by `write_dataset`.

    On opening it removes what a killed job left behind, so that the next part gets the number,
    the ids and the bytes it would have had.
    """

    def __init__(self, root: Path, info: dict[str, Any]) -> None:
        self.root = root
        self._info = info
        for leftover in root.rglob(f".*{TEMPORARY}"):
            leftover.unlink()
        self.images = read_images(root / "images")
        # The images come by rising id, and an id is never used twice.
        self.next_image_id = self.images["image_id"][-1].as_py() + 1 if len(self.images) else 0
        self._number = next_number(root / "images")
        rejected = read_rejected(root / "rejected.parquet")
        self.rejected = rejected.filter(pc.field("part") < self._number)
        for name in self.space_ids:
            drop_uncommitted(self.space_folder(name) / "embeddings", self.next_image_id)

    @property
    def space_ids(self) -> list[str]:
        """The extractors of this dataset."""
        return list(self._info["spaces"])

    def space_folder(self, extractor_id: str) -> Path:
        """The folder of a space."""
        return self.root / "spaces" / folder_name(extractor_id)

    def add_space(self, extractor_id: str, info: dict[str, Any]) -> dict[str, Any]:
        """Make a space, or check that the extractor is still the one that made it.

        Returns what space.json says. Raises `StoreError` when vectors of two kinds would mix.
        """
        path = self.space_folder(extractor_id) / "space.json"
        if path.exists():
            made = read_json(path)
            for key in ("version", "weights_hash", "precision", "dimension"):
                if made.get(key) != info.get(key):
                    raise StoreError(
                        f"The space {extractor_id!r} was made with {key} {made.get(key)!r}, and "
                        f"now it is {info.get(key)!r}. Vectors of two kinds cannot be compared: "
                        "embed into a dataset of another name (--name), or remove the folder "
                        f"{path.parent} to embed this one again."
                    )
            info = made
        else:
            write_json(path, info)
        if extractor_id not in self._info["spaces"]:
            self._info["spaces"].append(extractor_id)
            write_json(self.root / "dataset.json", self._info)
        return info

    def commit(self, part: Part) -> None:
        """Write a part; the rename of the images part is what makes it count."""
        for extractor_id, rows in part.embeddings.items():
            write_embeddings(self.space_folder(extractor_id) / "embeddings", rows)
        if not len(part.images) and not len(part.rejected):
            return
        name = f"part-{self._number:05d}"
        if part.thumbnails:
            write_thumbnails(
                self.root / "thumbnails" / f"{name}.arrow",
                list(part.thumbnails),
                list(part.thumbnails.values()),
            )
        self._reject(part)
        write_parquet(self.root / "images" / f"{name}.parquet", part.images)
        self._number += 1

    def _reject(self, part: Part) -> None:
        settled = pa.concat_tables([part.images.select(["path"]), part.rejected.select(["path"])])
        still = pc.invert(pc.is_in(self.rejected["path"], settled["path"].combine_chunks()))
        kept = self.rejected.filter(still)
        if len(part.rejected) or len(kept) < len(self.rejected):
            number = pa.array([self._number] * len(part.rejected), pa.int32())
            numbered = part.rejected.set_column(
                part.rejected.schema.get_field_index("part"), REJECTED_SCHEMA.field("part"), number
            )
            self.rejected = pa.concat_tables([kept, numbered])
            write_rejected(self.root / "rejected.parquet", self.rejected)

    def forget_rejected(self, gone: set[str]) -> None:
        """Drop rejected files that have left the source, by their path as text."""
        still = pc.invert(pc.is_in(self.rejected["path"], pa.array(sorted(gone), pa.string())))
        self.rejected = self.rejected.filter(still)
        write_rejected(self.root / "rejected.parquet", self.rejected)

    def finish(self) -> None:
        """Write the counts into dataset.json; its new time makes this the newest dataset."""
        images = read_images(self.root / "images")
        self._info["images"] = int(pc.sum(images["present"]).as_py() or 0)
        self._info["rejected"] = len(self.rejected)
        self._info["updated"] = datetime.now(UTC).isoformat(timespec="seconds")
        write_json(self.root / "dataset.json", self._info)


@contextlib.contextmanager
def write_dataset(root: Path, *, source: str, labels: str) -> Iterator[DatasetWriter]:
    """Open a dataset for writing, making it when it is new.

    Raises `LockedError` when another job is writing to it, and `StoreError` when it was made from
    another source or cannot be written.
    """
    with writing(root):
        path = root / "dataset.json"
        if path.exists():
            info = read_json(path)
            if info["source"] != source:
                raise StoreError(
                    f"The dataset {root.name!r} was made from {info['source']}, not from {source}. "
                    "Give the new one a name of its own with --name."
                )
        else:
            info = {
                "format_version": FORMAT_VERSION,
                "source": source,
                "labels": labels,
                "created": datetime.now(UTC).isoformat(timespec="seconds"),
                "spaces": [],
                "images": 0,
                "rejected": 0,
            }
            write_json(path, info)
        yield DatasetWriter(root, info)
