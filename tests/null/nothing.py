"""Data in which there is nothing to find, in many shapes. Whatever is said of it is wrong."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Shape:
    """classes × images of each × dimensions; ratio: largest class over smallest."""

    classes: int
    images: int
    dimensions: int
    ratio: float = 1.0

    def __str__(self) -> str:
        unbalanced = f", {self.ratio:g} to 1" if self.ratio != 1 else ""
        return f"{self.classes} × {self.images} in {self.dimensions}{unbalanced}"

    def labels(self, seed: int = 0) -> Ints:
        """Codes (n,) in random order."""
        shares = np.geomspace(self.ratio, 1, self.classes)
        sizes = np.maximum(2, np.round(shares / shares.mean() * self.images)).astype(int)
        return np.random.default_rng(seed).permutation(np.repeat(np.arange(self.classes), sizes))


SHAPES = (
    Shape(2, 10, 64),
    Shape(16, 3, 1280),
    Shape(2, 50, 1280),
    Shape(10, 10, 1280),
    Shape(100, 10, 256),
    Shape(10, 200, 128),
    Shape(5, 60, 512, ratio=10),
    Shape(10, 500, 64),
)


def gaussian(n: int, d: int, seed: int = 0) -> Floats:
    """One Gaussian (n, d): no groups, no outliers, no copies."""
    return np.random.default_rng((seed, n, d)).normal(size=(n, d)).astype(np.float32)


def on_sphere(n: int, d: int, seed: int = 0) -> Floats:
    """Uniform on the unit sphere (n, d)."""
    drawn = gaussian(n, d, seed)
    return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)


def uniform(n: int, d: int, seed: int = 0) -> Floats:
    """Uniform in a cube (n, d)."""
    return np.random.default_rng((seed, n, d)).uniform(-1, 1, (n, d)).astype(np.float32)


def random_hashes(n: int) -> list[str | None]:
    """Picture hashes of unrelated pictures."""
    return [f"{value:016x}" for value in np.random.default_rng(0).integers(0, 2**64, n, np.uint64)]


def most_by_chance(labels: Ints, *, errors: float = 3.0) -> float:
    """What guessing stays below: the commonest label's share and some standard errors."""
    share = np.bincount(labels).max() / len(labels)
    return float(share + errors * np.sqrt(share * (1 - share) / len(labels)))


def stretched(n: int, d: int, seed: int = 0) -> Floats:
    """One Gaussian (n, d) as features have it: a few directions hold most, and it is off centre."""
    center = np.zeros(d, np.float32)
    center[d // 2] = 1.0
    return gaussian(n, d, seed) * np.arange(1, d + 1, dtype=np.float32) ** -0.7 + center


def beside(n: int, d: int, seed: int = 0) -> tuple[Floats, Floats]:
    """A tight lump (n, d), all alike to 0.9, and 20 others (20, d) that are like nothing."""
    center = 3 * np.eye(1, d, dtype=np.float32)
    return center + gaussian(n, d, seed) / np.float32(d**0.5), gaussian(20, d, seed + 1)


CLOUDS = (gaussian, on_sphere, uniform, stretched)
"""One lump each, in which no image stands apart and no groups are."""
