"""The only way to add to a dataset: one writer, whole parts, the images part last."""

import contextlib
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from explorer.errors import OtherSourceError, StoreError
from explorer.store.arrays import ImageRow, as_numpy
from explorer.store.atomic import TEMPORARY
from explorer.store.dataset import Dataset
from explorer.store.embeddings import EmbeddingRows, drop_uncommitted, locate, write_embeddings
from explorer.store.holes import refuse_holes
from explorer.store.images import (
    REJECTED_SCHEMA,
    SCHEMA,
    read_images,
    read_rejected,
    write_rejected,
)
from explorer.store.json_files import read_json
from explorer.store.lock import writing
from explorer.store.manifest import list_parts, read_manifest, settle, write_listed_json
from explorer.store.metadata import Calibration, DatasetInfo, Labels, SpaceInfo, read_info
from explorer.store.names import folder_name, name_of
from explorer.store.parts import next_number, part_number, part_paths, write_parquet
from explorer.store.paths import exact_paths
from explorer.store.thumbnails import Thumbnails, write_thumbnails


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

    def __init__(self, root: Path, info: DatasetInfo) -> None:
        self.root = root
        self._info = replace(info, manifest=True)
        for leftover in root.rglob(f".*{TEMPORARY}"):
            leftover.unlink()
        self.images = read_images(root / "images")
        # The images come by rising id, and an id is never used twice.
        above = self.images["image_id"][-1].as_py() + 1 if len(self.images) else 0
        listed = read_manifest(root)
        self.next_image_id = max(above, listed.next_image_id if listed else 0)
        self._number = next_number(root / "images")
        rejected = read_rejected(root / "rejected.parquet")
        self.rejected = rejected.filter(pc.field("part") < self._number)
        for name in self.space_ids:
            drop_uncommitted(self.space_folder(name) / "embeddings", self.next_image_id)
        for path in part_paths(root / "thumbnails"):
            if part_number(path) >= self._number:
                path.unlink()
        settle(root, next_image_id=self.next_image_id)

    @property
    def parts(self) -> int:
        """How many parts there are, the next one's number."""
        return self._number

    @property
    def space_ids(self) -> list[str]:
        """The extractors of this dataset."""
        return list(self._info.spaces)

    @property
    def annotated(self) -> frozenset[str]:
        """The columns that people have set, not the source."""
        return frozenset(self._info.annotated or ())

    def note_annotated(self, names: Iterable[str]) -> None:
        """Add columns that people have set; written down by `finish`."""
        self._info = replace(self._info, annotated=(*sorted(self.annotated | set(names)),))

    def relocate(self, source: str) -> None:
        """Note where the images lie from now on."""
        self._write_info(source=source)

    @property
    def name(self) -> str:
        """The dataset's name."""
        return name_of(self.root.name)

    def dataset(self) -> Dataset:
        """What is written so far, opened for reading."""
        return Dataset(self.root)

    def space_folder(self, extractor_id: str) -> Path:
        """The folder of a space."""
        return self.root / "spaces" / folder_name(extractor_id)

    def _write_info(self, **changes: Any) -> None:
        self._info = replace(self._info, **changes)
        write_listed_json(self.root / "dataset.json", self._info)

    def _space_json(self, extractor_id: str) -> Path:
        return self.space_folder(extractor_id) / "space.json"

    def space_info(self, extractor_id: str) -> SpaceInfo | None:
        """What space.json says; None when the dataset has no such space yet."""
        path = self._space_json(extractor_id)
        return read_json(path, SpaceInfo) if path.exists() else None

    def add_space(self, extractor_id: str, info: SpaceInfo) -> None:
        """Make a space, or check that the extractor is still the one that made it.

        Raises `StoreError` when vectors of two kinds would mix.
        """
        if made := self.space_info(extractor_id):
            for key in ("version", "weights_hash", "precision", "dimension"):
                before, now = getattr(made, key), getattr(info, key)
                if before != now:
                    raise StoreError(
                        f"The space {extractor_id!r} was made with {key} {before!r}, and now it is "
                        f"{now!r}. Vectors of two kinds cannot be compared: embed into a dataset "
                        "of another name (--name), or remove the folder "
                        f"{self.space_folder(extractor_id)} to embed this one again."
                    )
        else:
            write_listed_json(self._space_json(extractor_id), info)
        if extractor_id not in self._info.spaces:
            self._write_info(spaces=(*self._info.spaces, extractor_id))

    def note(self, extractor_id: str, calibration: Calibration) -> None:
        """Put into a space.json what is good to know, and makes no vector another one."""
        if info := self.space_info(extractor_id):
            path = self._space_json(extractor_id)
            write_listed_json(path, replace(info, calibration=calibration))

    def new_image_id(self) -> int:
        """The next image id, which is then taken."""
        self.next_image_id += 1
        return self.next_image_id - 1

    def image_row(self, row: int) -> ImageRow:
        """A row of the images table as it was when the writer opened; times as ns since 1970."""
        values: ImageRow = self.images.slice(row, 1).to_pylist()[0]
        mtime = self.images["mtime"][row]
        return values | {"mtime": mtime.value}

    def image_path(self, row: int) -> str:
        """The path of such a row, as the file system spells it."""
        return exact_paths(self.images.slice(row, 1))[0]

    def embedded_ids(self, extractor_id: str) -> npt.NDArray[np.int64]:
        """The ids, ascending, of the images whose present content has a vector in the space."""
        return locate(self.space_folder(extractor_id) / "embeddings", self.images).image_ids

    def pictured_ids(self) -> npt.NDArray[np.int64]:
        """The ids of the images that have a thumbnail and all else that decoding tells of them."""
        described: npt.NDArray[np.int64] = as_numpy(
            self.images.filter(pc.is_valid(self.images["format"]))["image_id"]
        )
        try:
            there = Thumbnails(self.root / "thumbnails").image_ids
        except StoreError:  # damaged: `explorer repair` puts it aside first
            return described
        return np.intersect1d(described, there, assume_unique=True)

    def commit(self, part: Part) -> None:
        """Write a part; the rename of the images part is what makes it count."""
        written = [
            write_embeddings(self.space_folder(extractor_id) / "embeddings", rows)
            for extractor_id, rows in part.embeddings.items()
        ]
        rejected = self._news(part.rejected)
        if len(part.images) or len(rejected):
            written += self._commit_images(part, rejected)
        if written:
            last = pc.max(part.images["image_id"]).as_py()
            next_image_id = 0 if last is None else last + 1
            list_parts(self.root, written, next_image_id=next_image_id)

    def _commit_images(self, part: Part, rejected: pa.Table) -> list[Path]:
        written = []
        name = f"part-{self._number:05d}"
        if part.thumbnails:
            written.append(self.root / "thumbnails" / f"{name}.arrow")
            write_thumbnails(written[0], list(part.thumbnails), list(part.thumbnails.values()))
        self._reject(rejected, settled=part.images.filter(part.images["present"]))
        written.append(self.root / "images" / f"{name}.parquet")
        write_parquet(written[-1], part.images)
        self._number += 1
        return written

    def _news(self, rejected: pa.Table) -> pa.Table:
        """Those of the rejected files of which the list does not say the same already."""
        known = set(_statements(self.rejected)) if len(rejected) else set()
        return rejected.filter(
            pa.array([each not in known for each in _statements(rejected)], pa.bool_())
        )

    def _reject(self, rejected: pa.Table, *, settled: pa.Table) -> None:
        done = {*exact_paths(settled), *exact_paths(rejected)}
        still = [path not in done for path in exact_paths(self.rejected)]
        if len(rejected) or not all(still):
            kept = self.rejected.filter(pa.array(still, pa.bool_()))
            self.rejected = pa.concat_tables([kept, _numbered(rejected, self._number)])
            write_rejected(self.root / "rejected.parquet", self.rejected)

    def forget_rejected(self, gone: set[str]) -> None:
        """Drop rejected files that have left the source, by their exact paths."""
        still = [path not in gone for path in exact_paths(self.rejected)]
        if not all(still):
            self.rejected = self.rejected.filter(pa.array(still, pa.bool_()))
            write_rejected(self.root / "rejected.parquet", self.rejected)

    def finish(self) -> None:
        """Write the counts into dataset.json; its new time makes this the newest dataset."""
        images = read_images(self.root / "images")
        self._write_info(
            images=int(pc.sum(images["present"]).as_py() or 0),
            rejected=len(self.rejected),
            updated=_now(),
        )
        _be_the_newest(self.root / "dataset.json")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _be_the_newest(path: Path) -> None:
    """Give a file the latest time of all datasets, even where the clock has gone back since."""
    with contextlib.suppress(OSError):  # somebody removes one just now
        times = [other.stat().st_mtime_ns for other in path.parent.parent.glob("*/dataset.json")]
        if (latest := max(times)) > path.stat().st_mtime_ns:
            os.utime(path, ns=(latest + 1, latest + 1))


def _statements(rejected: pa.Table) -> list[tuple[object, ...]]:
    """What a list of rejected files says of each: path, reason, size, time, etag."""
    columns = [rejected[name].to_pylist() for name in ("reason", "bytes", "mtime", "etag")]
    return list(zip(exact_paths(rejected), *columns, strict=True))


def _numbered(rejected: pa.Table, number: int) -> pa.Table:
    field = REJECTED_SCHEMA.field("part")
    values = pa.array([number] * len(rejected), field.type)
    return rejected.set_column(rejected.schema.get_field_index("part"), field, values)


@contextlib.contextmanager
def write_dataset(root: Path, *, source: str, labels: Labels) -> Iterator[DatasetWriter]:
    """Open a dataset for writing, making it when it is new.

    A new one is there for readers from its first space on, so that a job that cannot begin leaves
    no empty dataset behind. Raises `LockedError` when another job is writing to it, and
    `StoreError` when it was made from another source or cannot be written.
    """
    with writing(root):
        refuse_holes(root)
        path = root / "dataset.json"
        if path.exists():
            info = read_info(root)
            if info.source != source:
                raise OtherSourceError(
                    f"The dataset {root.name!r} was made from {info.source}, not from {source}.",
                    dataset=root.name,
                    source=source,
                )
            info = replace(info, labels=labels)
        else:
            info = DatasetInfo(source=source, labels=labels, created=_now(), spaces=())
        yield DatasetWriter(root, info)
