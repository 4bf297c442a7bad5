"""What there is to do: the source as it is now against the dataset as it was left."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from explorer.images import ImageRef
from explorer.store import DatasetWriter, exact_paths

LATEST = int(np.iinfo(np.int64).max)


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

    `relabelled` are those of the unchanged that have another label now, with that label.
    `vanished` holds the images whose file is gone, by content hash: a new file with that content
    is the same image in a new place.
    """

    items: list[Item]
    unchanged: int
    relabelled: list[tuple[Known, str | None]]
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

    labels = images["label"].to_pylist()

    first, again, relabelled = [], [], []
    unchanged = rejected_before = 0
    for ref in map(_storable, refs):
        image = known.get(ref.path)
        stamp = (ref.size, ref.mtime_ns)
        if image and present[image.row] and stamps[image.row] == stamp and complete[image.image_id]:
            unchanged += 1
            if labels[image.row] != ref.label:
                relabelled.append((image, ref.label))
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
    return Plan(
        first + again,
        unchanged,
        relabelled,
        rejected_before=rejected_before,
        vanished=dict(vanished),
        gone_rejected=set(rejected) - listed,
    )


def _storable(ref: ImageRef) -> ImageRef:
    """Stored times end in the year 2262; a file that claims to be younger is as young as that."""
    return replace(ref, mtime_ns=LATEST) if ref.mtime_ns > LATEST else ref


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
