"""Extractors side by side on labelled images: how fast, and how well they separate the labels."""

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from explorer.analysis import (
    NEIGHBORS,
    Estimate,
    LabelAccuracy,
    judged_by_nearest,
    neighbor_graph,
    read_label_accuracy,
    share_right,
)
from explorer.batch.analyze import analyze
from explorer.batch.embed import embed
from explorer.batch.progress import Report, silent
from explorer.batch.settings import DEFAULT_EXTRACTOR, EmbedSettings
from explorer.errors import NotPossibleError, UsageError
from explorer.store import Figures, Space, open_dataset


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchRow:
    """What was measured of one extractor.

    images_per_second: Reading, decoding, preparing and extracting, by this extractor alone.
    knn: Images whose nearest other image has the same label.
    label_accuracy: Labels told right by a linear classifier that has not seen the image or its
        copies.
    """

    extractor: str
    dimension: int
    images: int
    images_per_second: float
    knn: Estimate
    label_accuracy: LabelAccuracy


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
            dataset = open_dataset(report.dataset, cache=cache)
            judged = analyze(dataset, only=("label_trouble",), on_progress=on_progress)
            accuracy = read_label_accuracy(Figures(judged.figures).of)
            if accuracy is None:
                raise _not_judged(source, too_many=judged.figures.get("label_trouble") == {})
            space = dataset.space(extractor)
            rows.append(
                BenchRow(
                    extractor=extractor,
                    dimension=space.dimension,
                    images=accuracy.images,
                    images_per_second=report.images_per_second,
                    knn=_nearest(space),
                    label_accuracy=accuracy,
                )
            )
    return sorted(rows, key=lambda row: -row.label_accuracy.value)


def _not_judged(source: str | Path, *, too_many: bool) -> UsageError:
    if too_many:
        return NotPossibleError(
            f"{source} has too many images of too many labels: measure on a part."
        )
    return NotPossibleError(
        f"{source} has fewer than two labels with two different images or more, and it takes two "
        "to tell how well they separate. Sub-folders are labels."
    )


def _nearest(space: Space) -> Estimate:
    """By the labelled images alone."""
    names = np.array([name or "" for name in space.arrow_column("label").to_pylist()], object)
    rows = np.flatnonzero(names != "")
    labels = np.unique(names[rows], return_inverse=True)[1]
    graph = neighbor_graph(space.vectors(rows), k=NEIGHBORS)
    judged = judged_by_nearest(graph, labels)
    shared = np.bincount(labels)[labels] > 1
    return share_right(replace(judged, right=judged.right[:, shared]))
