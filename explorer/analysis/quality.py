"""How far the map can be trusted, measured on a sample against the vectors themselves.

Trustworthiness: Venna, Kaski, "Neighborhood preservation in nonlinear projection methods", 2001.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from explorer.analysis.declaration import Analysis, Inputs, Result
from explorer.analysis.ranges import SEEDS, Settings, within
from explorer.analysis.vectors import Floats, unit_rows

_BLOCK = 128


@dataclass(frozen=True, slots=True)
class QualitySettings(Settings):
    """nearest: how many neighbours are compared; sample: on how many images."""

    prefix = "map_quality"
    nearest: int = within(15, 1, 1000)
    sample: int = within(1000, 1, 1_000_000)
    seed: int = within(0, *SEEDS)


@dataclass(frozen=True, slots=True)
class MapQuality:
    """trustworthiness: 1 if neighbours on the map are neighbours in truth (0.5 is chance).

    preservation: share of the true nearest that are among the nearest on the map.
    """

    trustworthiness: float
    preservation: float


def map_quality(
    layout: Floats, vectors: Floats, settings: QualitySettings = QualitySettings()
) -> MapQuality:
    """Compare neighbourhoods on the map (n, 2 or 3) with those by cosine of the vectors (n, d).

    NaN for fewer than four images.
    """
    from scipy.spatial import cKDTree

    n = len(layout)
    k = min(settings.nearest, (n - 1) // 2)
    if k < 1:
        return MapQuality(float("nan"), float("nan"))
    unit = unit_rows(vectors)
    rows = np.arange(n)
    if n > settings.sample:
        rows = np.random.default_rng(settings.seed).choice(n, settings.sample, replace=False)
    _, found = cKDTree(layout).query(layout[rows], k + 1)
    penalty = kept = 0
    for start in range(0, len(rows), _BLOCK):
        block = rows[start : start + _BLOCK]
        for row, near, similarities in zip(
            block.tolist(), found[start : start + _BLOCK], unit[block] @ unit.T, strict=True
        ):
            others = near[near != row][:k]
            similarities[row] = -np.inf
            ranks = 1 + (similarities > similarities[others][:, None]).sum(axis=1)
            penalty += int(np.maximum(ranks - k, 0).sum())
            kept += int((ranks <= k).sum())
    worst = len(rows) * k * (2 * n - 3 * k - 1) / 2
    return MapQuality(1 - penalty / worst, kept / (len(rows) * k))


def _run(inputs: Inputs, settings: QualitySettings) -> Result:
    axes = [inputs.columns[name] for name in ("map_x", "map_y")]
    quality = map_quality(np.stack(axes, axis=1), inputs.vectors(), settings)
    return Result(
        {},
        {
            "map_trustworthiness": quality.trustworthiness,
            "map_neighbor_preservation": quality.preservation,
        },
    )


MAP_QUALITY = Analysis(
    name="map_quality",
    version=1,
    title="Map quality",
    explains="How far nearness on the map means likeness.",
    settings=QualitySettings(),
    needs=("vectors", "map"),
    columns=(),
    run=_run,
)
