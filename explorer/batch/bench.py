"""Extractors side by side on labelled images: how fast, and how well they separate the labels."""

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from explorer.analysis import (
    HEARD,
    Estimate,
    ProbeSettings,
    judged_by_nearest,
    mean_of_splits,
    neighbour_graph,
    probe_scores,
    share_right,
)
from explorer.batch.embed import embed
from explorer.batch.progress import Report, silent
from explorer.batch.settings import DEFAULT_EXTRACTOR, EmbedSettings
from explorer.errors import UsageError
from explorer.store import Space, open_dataset

# Of several repeats only one: it is the choice of the extractor that matters here, and
# `explorer compare` tells the finer differences.
_PROBE = ProbeSettings(repeats=1)


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
    probe: Estimate
    """Images that a linear classifier gets right which did not see them."""


def bench(
    source: str | Path, settings: EmbedSettings, *, on_progress: Report = silent
) -> list[BenchRow]:
    """Embed `source` with each extractor by itself, in a place that is then removed.

    Best separation first. Raises what `embed` raises, and UsageError where there are not at least
    two labels with five images each.
    """
    rows: list[BenchRow] = []
    with tempfile.TemporaryDirectory(prefix="explorer-bench-") as cache:
        for extractor in dict.fromkeys(settings.extractors or (DEFAULT_EXTRACTOR,)):
            own = replace(settings, extractors=(extractor,), analyze=False)
            report = embed(
                source, name=str(len(rows)), cache=cache, settings=own, on_progress=on_progress
            )
            space = open_dataset(report.dataset, cache=cache).space(extractor)
            vectors, labels = _labelled(space)
            rows.append(
                BenchRow(
                    extractor=extractor,
                    dimension=space.dimension,
                    images=len(labels),
                    images_per_second=report.images_per_second,
                    knn=_nearest(vectors, labels),
                    probe=_probed(vectors, labels),
                )
            )
    return sorted(rows, key=lambda row: -row.probe.value)


def _labelled(space: Space) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]:
    """Vectors (n, d) and label codes (n,) of the images whose label has enough."""
    dataset = space.dataset
    names = dataset.table(["label"])["label"].to_pylist()
    of_image = dict(zip(dataset.image_ids.tolist(), names, strict=True))
    found = np.array([of_image[image_id] or "" for image_id in space.image_ids.tolist()], object)
    listed, counts = np.unique(found[found != ""], return_counts=True)
    enough = listed[counts >= _PROBE.folds]
    if len(enough) < 2:
        raise UsageError(
            f"{dataset.source} has {len(enough)} labels with {_PROBE.folds} images or more, and it "
            "takes two to tell how well they separate. Sub-folders are labels."
        )
    kept = np.isin(found, enough)
    return space.embeddings()[kept], np.searchsorted(enough, found[kept])


def _nearest(vectors: npt.NDArray[np.float32], labels: npt.NDArray[np.int64]) -> Estimate:
    return share_right(judged_by_nearest(neighbour_graph(vectors, k=HEARD), labels))


def _probed(vectors: npt.NDArray[np.float32], labels: npt.NDArray[np.int64]) -> Estimate:
    scores = probe_scores(vectors, labels, _PROBE)
    return mean_of_splits(scores, test_share=_PROBE.test_share, images=len(labels))
