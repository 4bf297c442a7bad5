"""What each cluster is: its size, its label, the images that stand for it, what is next to it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from explorer.analysis.vectors import Floats, Ints, unit_rows

_LOOKED_AT = 2000  # members of a large cluster among which representatives are chosen


@dataclass(frozen=True, slots=True)
class ClusterProfile:
    """One cluster. Rows are row numbers of the vectors.

    label: the most frequent label code, -1 if no member has one; purity: its share among the
    labelled members, NaN if there are none. medoid: the row most similar to the mean.
    representatives: rows, the medoid first, then each as unlike those before as can be.
    cohesion: mean similarity of the members to their mean. nearest: other clusters, by falling
    similarity of the means, and those similarities.
    """

    code: int
    size: int
    label: int
    purity: float
    medoid: int
    representatives: Ints
    cohesion: float
    nearest: Ints
    nearest_similarities: Floats


def cluster_profiles(
    vectors: Floats,
    codes: npt.NDArray[np.integer],
    labels: Ints | None = None,
    *,
    representatives: int = 8,
) -> list[ClusterProfile]:
    """Describe clusters 0, 1, … of (n, d) vectors by their (n,) codes; -1 is in none."""
    unit = unit_rows(vectors)
    members = [np.flatnonzero(codes == code) for code in range(int(codes.max(initial=-1)) + 1)]
    means = np.array([unit[rows].mean(axis=0) for rows in members if len(rows)])
    between = unit_rows(means) @ unit_rows(means).T if len(means) else np.empty((0, 0))
    profiles = []
    for code, rows in enumerate(members):
        to_mean = unit[rows] @ unit_rows(means[[code]])[0]
        medoid = int(rows[np.argmax(to_mean)])
        label, purity = _label(rows, labels)
        order = np.argsort(-between[code], kind="stable")
        others = order[order != code]
        profiles.append(
            ClusterProfile(
                code=code,
                size=len(rows),
                label=label,
                purity=purity,
                medoid=medoid,
                representatives=_spread(unit, rows, medoid, representatives),
                cohesion=float(to_mean.mean()),
                nearest=others,
                nearest_similarities=between[code][others].astype(np.float32),
            )
        )
    return profiles


def medoids(vectors: Floats, codes: npt.NDArray[np.integer]) -> Ints:
    """For each cluster 0, 1, …, the row most similar to its mean: (clusters,) int64."""
    profiles = cluster_profiles(vectors, codes, representatives=1)
    return np.array([profile.medoid for profile in profiles], dtype=np.int64)


def _label(rows: Ints, labels: Ints | None) -> tuple[int, float]:
    known = labels[rows][labels[rows] >= 0] if labels is not None else np.empty(0, dtype=np.int64)
    if len(known) == 0:
        return -1, float("nan")
    counts = np.bincount(known)
    return int(counts.argmax()), float(counts.max() / len(known))


def _spread(unit: Floats, rows: Ints, first: int, count: int) -> Ints:
    """Farthest-first traversal (Gonzalez, 1985) from the medoid through the cluster."""
    rows = rows[:: max(1, len(rows) // _LOOKED_AT)]
    chosen = [first]
    closest = unit[rows] @ unit[first]
    while len(chosen) < min(count, len(rows)):
        chosen.append(int(rows[np.argmin(closest)]))
        closest = np.maximum(closest, unit[rows] @ unit[chosen[-1]])
    return np.array(chosen, dtype=np.int64)
