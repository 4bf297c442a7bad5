"""Labelled images of several sorts, seen twice: what intervals and comparisons are tried on."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

IMAGES = 300

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
Draw = Callable[[np.random.Generator, int], tuple[Floats, Ints]]


@dataclass(frozen=True)
class Sort:
    """draw: (random, n) to what is true of n images, (n, d) and (n,); noise: of both views."""

    name: str
    draw: Draw
    noise: float = 0.5


def mixture(classes: int, d: int, apart: float, *, shares: tuple[float, ...] = ()) -> Draw:
    """Gaussians of length about one around centres at the distance `apart` from the middle."""
    weights = np.array(shares or [1 / classes] * classes)
    return partial(_lumps, _centers(classes, d, apart), np.arange(classes), weights)


def heavy_tailed(d: int, apart: float, *, shares: tuple[float, ...]) -> Draw:
    """The same with Student's t of four degrees of freedom around the centres."""
    centers, weights = _centers(len(shares), d, apart), np.array(shares)
    return partial(_lumps, centers, np.arange(len(shares)), weights, tails=4.0)


def several_lumps(classes: int, lumps: int, d: int, apart: float) -> Draw:
    """Each class is some lumps in different places: what no straight line parts wholly."""
    centers = _centers(classes * lumps, d, apart)
    of_lump = np.arange(classes * lumps) % classes
    return partial(_lumps, centers, of_lump, np.full(len(centers), 1 / len(centers)))


def unlike_spread(classes: int, d: int, apart: float) -> Draw:
    """Each class twice as wide as the one before the last: from narrow to wide."""
    widths = np.geomspace(0.5, 2.0, classes)
    return partial(_lumps, _centers(classes, d, apart), np.arange(classes), None, widths=widths)


def wrong_labels(draw: Draw, share: float) -> Draw:
    """The same with a share of the labels dealt out anew among themselves."""
    return partial(_dealt_anew, draw, share)


def _centers(count: int, d: int, apart: float) -> npt.NDArray[np.float64]:
    centers = np.random.default_rng(7).normal(size=(count, d))
    return centers * apart / np.linalg.norm(centers, axis=1, keepdims=True)


def _lumps(
    centers: npt.NDArray[np.float64],
    labels: Ints,
    weights: npt.NDArray[np.float64] | None,
    random: np.random.Generator,
    n: int,
    *,
    tails: float | None = None,
    widths: npt.NDArray[np.float64] | None = None,
) -> tuple[Floats, Ints]:
    d = centers.shape[1]
    lumps = random.choice(len(centers), n, p=weights)
    around = random.normal(size=(n, d))
    if tails is not None:
        around *= np.sqrt((tails - 2) / random.chisquare(tails, (n, 1)))
    if widths is not None:
        around *= widths[lumps, None]
    return (centers[lumps] + around / d**0.5).astype(np.float32), labels[lumps]


def _dealt_anew(
    draw: Draw, share: float, random: np.random.Generator, n: int
) -> tuple[Floats, Ints]:
    rows, labels = draw(random, n)
    chosen = random.choice(n, round(share * n), replace=False)
    labels[chosen] = labels[random.permutation(chosen)]
    return rows, labels


# What folds, repeats and variances were chosen on.
SORTS = (
    Sort("2 classes, 3 dimensions", mixture(2, 3, 0.9)),
    Sort("10 classes, 10 dimensions", mixture(10, 10, 1.3)),
    Sort("10 classes, 40 dimensions", mixture(10, 40, 0.9)),
    Sort("nothing: 5 labels, 20 dimensions", mixture(5, 20, 0.0)),
    Sort("heavy tails, 50 to 10 %", heavy_tailed(16, 0.9, shares=(0.5, 0.25, 0.15, 0.1))),
    Sort("3 classes of 3 lumps, 12 dimensions", several_lumps(3, 3, 12, 1.2)),
    Sort("25 classes, 64 dimensions", mixture(25, 64, 0.6)),
    Sort("nothing: 70, 20 and 10 %", mixture(3, 64, 0.0, shares=(0.7, 0.2, 0.1))),
)
# What nothing was chosen on.
ASIDE = (
    Sort("6 classes of unlike spread, 24 dimensions", unlike_spread(6, 24, 0.8)),
    Sort("40 classes, 32 dimensions", mixture(40, 32, 0.9)),
    Sort("5 classes, a tenth of the labels anew", wrong_labels(mixture(5, 30, 0.6), 0.1)),
    Sort("nothing: 12 labels, 100 dimensions", mixture(12, 100, 0.0)),
)


def real(file: Path) -> Sort:
    """Subsets of real vectors: their first 64 principal components, scaled to one."""
    stored = np.load(file)
    vectors = stored["vectors"].astype(np.float64)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    labels = np.unique(stored["labels"], return_inverse=True)[1].astype(np.int64)
    centered = vectors - vectors.mean(axis=0)
    axes = np.linalg.svd(centered[:: max(1, len(centered) // 2000)], full_matrices=False)[2][:64]
    rows = centered @ axes.T
    rows /= np.sqrt((rows**2).sum(axis=1).mean())
    return Sort(file.stem, partial(_some_of, rows.astype(np.float32), labels), 0.3)


def _some_of(
    rows: Floats, labels: Ints, random: np.random.Generator, n: int
) -> tuple[Floats, Ints]:
    chosen = random.choice(len(rows), n, replace=False)
    return rows[chosen], labels[chosen]


def views(sort: Sort, seed: int, more: float) -> tuple[list[Floats], Ints]:
    """Two views of one set of images, the second with more noise."""
    random = np.random.default_rng(seed)
    truth, labels = sort.draw(random, IMAGES)
    noises = [random.normal(size=truth.shape) / truth.shape[1] ** 0.5 for _ in range(2)]
    amounts = (sort.noise, sort.noise + more)
    made = [truth + amount * noise for amount, noise in zip(amounts, noises, strict=True)]
    return [each.astype(np.float32) for each in made], labels
