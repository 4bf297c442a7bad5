"""Extractors side by side on labelled images: how fast, and how well they separate the labels."""

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from explorer.analysis import (
    HEARD,
    REPEATS,
    Estimate,
    LabelAccuracy,
    held_out,
    judged_by_nearest,
    label_accuracy,
    neighbour_graph,
    share_right,
)
from explorer.batch.embed import embed
from explorer.batch.progress import Report, silent
from explorer.batch.settings import DEFAULT_EXTRACTOR, EmbedSettings
from explorer.errors import UsageError
from explorer.store import Space, open_dataset

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchRow:
    """What was measured of one extractor."""

    extractor: str
    dimension: int
    images: int
    images_per_second: float
    """Reading, decoding, preparing and extracting, by this extractor alone."""
    knn: Estimate
    """Images whose nearest other image has the same label."""
    label_accuracy: LabelAccuracy
    """Labels told right by a linear classifier that has not seen the image."""


def bench(
    source: str | Path, settings: EmbedSettings, *, on_progress: Report = silent
) -> list[BenchRow]:
    """Embed `source` with each extractor by itself, in a place that is then removed.

    Best separation first. Raises what `embed` raises, and UsageError where there are not at least
    two labels with two images each.
    """
    rows: list[BenchRow] = []
    with tempfile.TemporaryDirectory(prefix="explorer-bench-") as cache:
        for extractor in dict.fromkeys(settings.extractors or (DEFAULT_EXTRACTOR,)):
            own = replace(settings, extractors=(extractor,), analyze=False)
            report = embed(
                source, name=str(len(rows)), cache=cache, settings=own, on_progress=on_progress
            )
            space = open_dataset(report.dataset, cache=cache).space(extractor)
            vectors, labels, copies = _labelled(space)
            found = held_out(vectors, labels, groups=copies, repeats=REPEATS)
            accuracy = label_accuracy(found, labels)
            if accuracy is None:
                raise _too_few(source)
            rows.append(
                BenchRow(
                    extractor=extractor,
                    dimension=space.dimension,
                    images=accuracy.images,
                    images_per_second=report.images_per_second,
                    knn=_nearest(vectors, labels),
                    label_accuracy=accuracy,
                )
            )
    return sorted(rows, key=lambda row: -row.label_accuracy.value)


def _labelled(space: Space) -> tuple[Floats, Ints, Ints]:
    """Vectors (n, d) and label codes (n,) of the labelled images; (n,) codes of equal files."""
    dataset = space.dataset
    rows = np.searchsorted(dataset.image_ids, space.image_ids)
    table = dataset.table(["label", "content_hash"]).take(rows)
    names = np.array([name or "" for name in table["label"].to_pylist()], object)
    kept = np.flatnonzero(names != "")
    labels = np.unique(names[kept], return_inverse=True)[1]
    copies = np.unique(table["content_hash"].to_numpy()[kept], return_inverse=True)[1]
    return space.embeddings()[kept], labels.astype(np.int64), copies.astype(np.int64)


def _too_few(source: str | Path) -> UsageError:
    return UsageError(
        f"{source} has fewer than two labels with two different images or more, and it takes two "
        "to tell how well they separate. Sub-folders are labels."
    )


def _nearest(vectors: Floats, labels: Ints) -> Estimate:
    judged = judged_by_nearest(neighbour_graph(vectors, k=HEARD), labels)
    shared = np.bincount(labels)[labels] > 1
    return share_right(replace(judged, right=judged.right[:, shared]))
