"""Vectors whose truth is known: mixtures with noise, planted outliers, flipped labels."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

OutlierKind = Literal["sphere", "bridge", "group"]


@dataclass(frozen=True)
class Mixture:
    """Groups around random directions.

    ratio: largest size over smallest. noise: share that is uniform on the sphere. spread: length of
    the scatter around a centre of length one. flat: each group scatters in its own 10 directions
    (as real images do) instead of in all.
    """

    n: int
    d: int
    groups: int = 20
    ratio: float = 50
    noise: float = 0.1
    spread: float = 2.0
    flat: bool = False
    seed: int = 0


def mixture(plan: Mixture) -> tuple[Floats, Ints]:
    """(n, d) vectors and the (n,) group of each, -1 for noise; in random order."""
    random = np.random.default_rng(plan.seed)
    apart = round(plan.n * plan.noise)
    share = np.geomspace(plan.ratio, 1, plan.groups)
    sizes = np.maximum(1, np.round(share / share.sum() * (plan.n - apart))).astype(int)
    sizes[0] += plan.n - apart - sizes.sum()
    parts = [
        center + _scatter(size, plan, random)
        for center, size in zip(_directions(plan.groups, plan.d, random), sizes, strict=True)
    ]
    vectors = np.concatenate([*parts, _directions(apart, plan.d, random)])
    truth = np.concatenate([np.repeat(np.arange(plan.groups), sizes), np.full(apart, -1)])
    order = random.permutation(plan.n)
    return vectors[order].astype(np.float32), truth[order]


def with_outliers(
    vectors: Floats, groups: Ints, kind: OutlierKind, *, share: float = 0.01, seed: int = 1
) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """The vectors, scaled to length one, and planted outliers after them; (n,) which they are.

    sphere: uniform. bridge: between two images of different groups. group: alien directions, five
    near-identical images each.
    """
    random = np.random.default_rng(seed)
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    n, d = vectors.shape
    count = round(n * share / 5) * 5
    if kind == "sphere":
        odd = _directions(count, d, random)
    elif kind == "group":
        odd = np.repeat(_directions(count // 5, d, random), 5, axis=0)
        odd = odd + 0.2 * random.normal(size=odd.shape) / d**0.5
    else:
        left = random.integers(0, n, count)
        right = np.array([random.choice(np.flatnonzero(groups != groups[i])) for i in left])
        along = random.uniform(0.35, 0.65, size=(count, 1))
        odd = along * unit[left] + (1 - along) * unit[right]
    odd /= np.linalg.norm(odd, axis=1, keepdims=True)
    truth = np.arange(n + count) >= n
    return np.concatenate([unit, odd]).astype(np.float32), truth


def flipped(
    labels: Ints, *, share: float = 0.05, seed: int = 2
) -> tuple[Ints, npt.NDArray[np.bool_]]:
    """The labels with some changed to another one at random; (n,) which."""
    random = np.random.default_rng(seed)
    wrong = np.zeros(len(labels), dtype=bool)
    wrong[random.choice(len(labels), round(share * len(labels)), replace=False)] = True
    classes = int(labels.max()) + 1
    shifted = (labels + random.integers(1, classes, len(labels))) % classes
    return np.where(wrong, shifted, labels), wrong


def _directions(count: int, d: int, random: np.random.Generator) -> npt.NDArray[np.float64]:
    raw = random.normal(size=(count, d))
    return np.asarray(raw / np.linalg.norm(raw, axis=1, keepdims=True))


def _scatter(count: int, plan: Mixture, random: np.random.Generator) -> npt.NDArray[np.float64]:
    everywhere = random.normal(size=(count, plan.d)) * plan.spread / plan.d**0.5
    if not plan.flat:
        return everywhere
    own = random.normal(size=(count, 10)) @ _directions(10, plan.d, random) * plan.spread / 10**0.5
    return np.asarray(own + 0.3 * everywhere)
