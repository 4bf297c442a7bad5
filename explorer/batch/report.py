"""What a job says: that there is nothing to do, what is gone, and how the spaces stand."""

import numpy as np
import pyarrow as pa

from explorer.batch.settings import EmbedReport
from explorer.images import Listing, Source
from explorer.store import Dataset, exact_paths


def tell_removed(report: EmbedReport, before: pa.Table, dataset: Dataset) -> None:
    """Note what is no longer there of the images table `before`, and what of that was curated.

    An image is gone when its file is, when that can no longer be read, and when it shows another
    picture now: that is a new image, and what was said of the old one is not said of it.
    """
    present = before.filter(before["present"])
    gone = present.filter(~np.isin(present["image_id"].to_numpy(), dataset.image_ids))
    report.removed = len(gone)
    ids = gone["image_id"].to_numpy()
    tags, groups = dataset.tagging.column(ids), dataset.grouping.column(ids)
    report.removed_curated = [
        path
        for path, *made in zip(exact_paths(gone), tags.to_pylist(), groups.to_pylist(), strict=True)
        if any(each is not None for each in made)
    ]


def tell_spaces(report: EmbedReport, dataset: Dataset) -> None:
    """Note what spaces there are, and which lack vectors of images."""
    for space in map(dataset.space, dataset.space_ids):
        report.spaces[space.id] = {"dimension": space.dimension, "count": len(space)}
        if len(space) < len(dataset):
            report.behind[space.id] = len(dataset) - len(space)


def nothing_in(source: Source, listing: Listing) -> str:
    """Why nothing can be embedded, in a sentence."""
    text = f"There are no images in {source.uri}."
    if listing.refused:
        path, reason = listing.refused[0]
        text += f" {len(listing.refused):,} were refused; the first is {path!r}: {reason}"
    return text
