"""Outliers against the whole, and against their own label: views of their own.

They answer "what is furthest from the average image?", which is another question than "what stands
alone?": in a dataset of several kinds of images most of what they name is simply a rarer kind.
Mahalanobis distance and PCA residual (the Q statistic): Jackson, Mudholkar, "Control procedures for
residuals associated with principal component analysis", 1979.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from explorer.analysis.declaration import Analysis, Column, Inputs, Result, number
from explorer.analysis.pca import fit_pca
from explorer.analysis.ranges import Settings, within
from explorer.analysis.vectors import Floats, Ints, unit_rows

_SHARED = 0.1  # the least similarity that images of one label are taken to have


@dataclass(frozen=True, slots=True)
class GlobalSettings(Settings):
    """components: how many main directions count as explaining the dataset."""

    prefix = "global_views"
    components: int = within(50, 1, 10_000)


def centre_distance(vectors: Floats) -> Floats:
    """Cosine distance of every image to the mean of all: (n,) float32."""
    unit = unit_rows(vectors)
    if len(unit) == 0:
        return np.empty(0, dtype=np.float32)
    middle = unit_rows(unit.mean(axis=0, keepdims=True))[0]
    return np.asarray(1 - unit @ middle, dtype=np.float32)


def pca_views(vectors: Floats, *, components: int = 50) -> tuple[Floats, Floats]:
    """(n,) Mahalanobis distance within the main directions, and (n,) what they leave unexplained.

    The second is the share of an image's squared distance from the mean, 0 to 1.
    """
    unit = unit_rows(vectors)
    n = len(unit)
    if n < 2:
        return np.zeros(n, dtype=np.float32), np.zeros(n, dtype=np.float32)
    pca = fit_pca(unit, min(components, max(1, (n - 1) // 2)))
    along = pca.project(unit)
    used = pca.variances > 1e-9
    far = np.sqrt((along[:, used] ** 2 / pca.variances[used]).sum(axis=1))
    total = ((unit - pca.mean) ** 2).sum(axis=1)
    left = np.clip(total - (along**2).sum(axis=1), 0, None) / np.maximum(total, 1e-9)
    return far.astype(np.float32), left.astype(np.float32)


def odd_for_label(vectors: Floats, labels: Ints) -> Floats:
    """Cosine distance of every image to the mean of the others of its label: (n,) float32.

    To the mean of few nothing is as near as to that of many, so it is the distance that would be
    expected were there many: the cosine is raised by how much the mean of so few varies, with the
    similarity that two images of one label have on average (at least a tenth). NaN without a label,
    or if nothing else has it.
    """
    unit = unit_rows(vectors)
    odd = np.full(len(unit), np.nan, dtype=np.float32)
    members = [np.flatnonzero(labels == label) for label in range(int(labels.max(initial=-1)) + 1)]
    members = [rows for rows in members if len(rows) > 1]
    totals = [unit[rows].sum(axis=0) for rows in members]
    alike = sum(
        float(total @ total) - len(rows) for rows, total in zip(members, totals, strict=True)
    )
    pairs = sum(len(rows) * (len(rows) - 1) for rows in members)
    shared = max(alike / max(pairs, 1), _SHARED)
    for rows, total in zip(members, totals, strict=True):
        near = np.einsum("ij,ij->i", unit[rows], unit_rows(total - unit[rows]))
        few = np.sqrt(1 + (1 / shared - 1) / (len(rows) - 1))
        odd[rows] = np.clip(1 - few * near, 0, 2)
    return odd


def _run(inputs: Inputs, settings: GlobalSettings) -> Result:
    far, left = pca_views(inputs.vectors(), components=settings.components)
    return Result(
        {
            "centre_distance": number(centre_distance(inputs.vectors())),
            "mahalanobis": number(far),
            "pca_residual": number(left),
        }
    )


GLOBAL_VIEWS = Analysis(
    name="global_views",
    version=1,
    title="Outliers against the whole",
    explains="Images that are far from the average of the dataset, whatever company they have.",
    settings=GlobalSettings(),
    needs=("vectors",),
    columns=(
        Column(
            "centre_distance",
            "number",
            "Distance to the average",
            "Cosine distance to the average of all images. Finds what is furthest from the "
            "central mass; in a mixed dataset that is often just a rarer kind of image.",
        ),
        Column(
            "mahalanobis",
            "number",
            "Mahalanobis distance",
            "Distance from the average, counted in standard deviations of each main direction. "
            "Finds odd mixtures of usual traits; misses what the main directions don't see.",
        ),
        Column(
            "pca_residual",
            "number",
            "Not explained",
            "Share of the image's features that the dataset's main directions cannot express. "
            "Finds images of a kind of their own; misses odd mixtures of usual traits.",
        ),
    ),
    run=_run,
)


def _run_label(inputs: Inputs, settings: Settings) -> Result:  # noqa: ARG001
    assert inputs.labels is not None
    return Result({"odd_for_label": number(odd_for_label(inputs.vectors(), inputs.labels))})


ODD_FOR_LABEL = Analysis(
    name="odd_for_label",
    version=2,
    title="Odd for its label",
    explains="Images that are unlike the others with the same label.",
    settings=Settings(),
    needs=("vectors", "labels"),
    columns=(
        Column(
            "odd_for_label",
            "number",
            "Odd for its label",
            "Cosine distance to the average of the other images with the same label. Finds "
            "untypical examples, right or wrong.",
        ),
    ),
    run=_run_label,
)
