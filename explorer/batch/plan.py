"""What there is to do: the source as it is now against the dataset as it was left."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from explorer.images import ImageRef
from explorer.store import DatasetWriter, exact_paths


@dataclass(frozen=True, slots=True)
class Known:
    """What the dataset holds of an image."""

    image_id: int
    content_hash: str
    row: int


@dataclass(frozen=True, slots=True)
class Item:
    """One file to read; `known` is its image when the path has been seen before."""

    ref: ImageRef
    known: Known | None


@dataclass(frozen=True)
class Plan:
    """The work of one run.

    `vanished` holds the images whose file is gone, by content hash: a new file with that content
    is the same image in a new place.
    """

    items: list[Item]
    unchanged: int
    rejected_before: int
    vanished: Mapping[str, list[Known]]
    gone_rejected: set[str]


def make_plan(
    refs: list[ImageRef], writer: DatasetWriter, embedded: Mapping[str, npt.NDArray[np.bool_]]
) -> Plan:
    """Compare by path, size and time; `embedded[space][image_id]` tells whether a vector is there.

    A file that was rejected for its content is not tried again until it changes; one that could
    not be *read* (its row has no time) is tried again, after the new ones.
    """
    images = writer.images
    stamps = _stamps(images)
    present = images["present"].to_pylist()
    known = _by_path(images, present)
    complete = np.logical_and.reduce(list(embedded.values())) if embedded else np.empty(0, bool)
    rejected = dict(zip(exact_paths(writer.rejected), _stamps(writer.rejected), strict=True))

    first, again = [], []
    unchanged = rejected_before = 0
    for ref in refs:
        image = known.get(ref.path)
        stamp = (ref.size, ref.mtime_ns)
        if image and present[image.row] and stamps[image.row] == stamp and complete[image.image_id]:
            unchanged += 1
        elif ref.path in rejected and rejected[ref.path] == stamp:
            rejected_before += 1
        elif ref.path in rejected:
            again.append(Item(ref, image))
        else:
            first.append(Item(ref, image))

    listed = {ref.path for ref in refs}
    vanished: dict[str, list[Known]] = defaultdict(list)
    for path, image in known.items():
        if present[image.row] and path not in listed:
            vanished[image.content_hash].append(image)
    return Plan(first + again, unchanged, rejected_before, dict(vanished), set(rejected) - listed)


def _by_path(images: pa.Table, present: list[bool]) -> dict[str, Known]:
    ids, hashes = images["image_id"].to_pylist(), images["content_hash"].to_pylist()
    paths = exact_paths(images)
    # Present images come last, and so win where one has moved to the place of one that is gone.
    rows = sorted(range(len(paths)), key=lambda row: present[row])
    return {paths[row]: Known(ids[row], hashes[row], row) for row in rows}


def _stamps(table: pa.Table) -> list[tuple[int | None, int | None]]:
    """Size and time (ns) of each row, to be compared with a file's."""
    times = pc.cast(table["mtime"], pa.int64()).to_pylist()
    return list(zip(table["bytes"].to_pylist(), times, strict=True))
