"""What there is to do: the source as it is now against the dataset as it was left."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from explorer.batch.values import SourceValues
from explorer.images import ImageRef, Listing
from explorer.store import DatasetWriter, exact_paths

Stamp = tuple[int | None, int | None, str | None]  # size in bytes, time in ns, etag

LATEST = int(np.iinfo(np.int64).max)


@dataclass(frozen=True, slots=True)
class Known:
    """What the dataset holds of an image."""

    image_id: int
    content_hash: str
    row: int
    is_present: bool


@dataclass(frozen=True, slots=True)
class Item:
    """One file of the listing, at `row` there; `known` is the image that was there last time."""

    ref: ImageRef
    known: Known | None
    row: int


@dataclass(frozen=True)
class Plan:
    """The work of one run.

    `updates` are those of the unchanged of which the source now says something else (a label, a
    value of a list); `news` tells the same of every row of the listing, (n,) bool, and `values`
    says what it is. `pictured[image_id]` tells whether an image has its thumbnail. `vanished` holds
    the images whose file is gone, now or long since, by content hash: a file with that content is
    the same image in a new place. `doubtful` holds those whose file has to be looked at: it may be
    another one now, and theirs elsewhere.
    """

    items: list[Item]
    unchanged: int
    updates: list[Item]
    news: npt.NDArray[np.bool_]
    values: SourceValues
    pictured: npt.NDArray[np.bool_]
    rejected_before: int
    vanished: dict[str, list[Known]]
    doubtful: Mapping[str, list[Known]]
    gone_rejected: set[str]


def make_plan(
    listing: Listing, writer: DatasetWriter, embedded: Mapping[str, npt.NDArray[np.bool_]]
) -> Plan:
    """Compare by path, and by size, time and etag as far as the source tells them.

    `embedded[space][image_id]` tells whether a vector is there. A file that was rejected for its
    content is not tried again until it changes; one that could not be *read* (its row has neither
    time nor etag) is tried again, after the new ones.
    """
    stamps = _stamps(writer.images)
    images = _images(writer.images)
    paths = zip(exact_paths(writer.images), images, strict=True)
    known = {path: image for path, image in paths if image.is_present}
    pictured = np.zeros(writer.next_image_id, bool)
    pictured[writer.pictured_ids()] = True
    complete = np.logical_and.reduce([pictured, *embedded.values()])
    rejected = dict(zip(exact_paths(writer.rejected), _stamps(writer.rejected), strict=True))
    found = [known.get(ref.path) for ref in listing.refs]
    values = SourceValues(listing, writer)
    news = values.news([image.row if image else -1 for image in found])

    first, again, updates = [], [], []
    unchanged = rejected_before = 0
    for row, (ref, image) in enumerate(zip(map(_storable, listing.refs), found, strict=True)):
        item = Item(ref, image, row)
        if image and complete[image.image_id] and _is(ref, stamps[image.row]):
            unchanged += 1
            if news[row]:
                updates.append(item)
        elif ref.path in rejected and _is(ref, rejected[ref.path]):
            rejected_before += 1
        elif ref.path in rejected:
            again.append(item)
        else:
            first.append(item)

    listed = {ref.path for ref in listing.refs}
    doubtful = _by_content(item.known for item in first + again if item.known)
    missing = [image for path, image in known.items() if path not in listed]
    # At the path of some another one has come to be.
    in_place = {image.row for image in known.values()}
    displaced = [image for image in images if image.is_present and image.row not in in_place]
    gone = [image for image in images if not image.is_present]
    return Plan(
        first + again,
        unchanged,
        updates,
        news,
        values,
        pictured,
        rejected_before=rejected_before,
        vanished=_by_content([*missing, *displaced, *gone]),
        doubtful=doubtful,
        gone_rejected=set(rejected) - listed,
    )


def _storable(ref: ImageRef) -> ImageRef:
    """Stored times end in the year 2262; a file that claims to be younger is as young as that."""
    return replace(ref, mtime_ns=LATEST) if ref.mtime_ns and ref.mtime_ns > LATEST else ref


def _is(ref: ImageRef, stamp: Stamp) -> bool:
    """Is the file the one of that stamp, for all that can be seen from outside?"""
    size, mtime_ns, etag = stamp
    same_size = ref.size is None or ref.size == size
    return ref.tells_changes and same_size and (ref.mtime_ns, ref.etag) == (mtime_ns, etag)


def _images(table: pa.Table) -> list[Known]:
    """What the images table holds, row by row."""
    columns = (table[name].to_pylist() for name in ("image_id", "content_hash", "present"))
    every = enumerate(zip(*columns, strict=True))
    return [Known(image_id, content, row, there) for row, (image_id, content, there) in every]


def _by_content(images: Iterable[Known]) -> dict[str, list[Known]]:
    found: dict[str, list[Known]] = defaultdict(list)
    for image in images:
        found[image.content_hash].append(image)
    return dict(found)


def _stamps(table: pa.Table) -> list[Stamp]:
    """What each row's file was from outside."""
    times = pc.cast(table["mtime"], pa.int64()).to_pylist()
    return list(zip(table["bytes"].to_pylist(), times, table["etag"].to_pylist(), strict=True))
