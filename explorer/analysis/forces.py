"""UMAP's layout: images that belong together are drawn together, and all push each other away.

The forces are those of McInnes, Healy, Melville, "UMAP: Uniform Manifold Approximation and
Projection for dimension reduction", 2018, as umap-learn has them. There, one pair at a time moves;
here all images move at once, in whole arrays, so that nothing has to be compiled:

- Every pair of the fuzzy set pulls in every step, by its certainty, where umap-learn draws pairs by
  it. A step ends where the springs, as stiff as they are now, would have brought the images in that
  time (semi-implicit integration: Baraff, Witkin, "Large steps in cloth simulation", 1998): however
  many pull at an image, it does not shoot past them.
- What pushes is drawn at random: in a shuffled list, image i and image i + s push each other, for
  a few shifts s.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from explorer.analysis.vectors import Floats

if TYPE_CHECKING:
    from scipy.sparse import csr_array


# Stronger repulsion and a gentler start than umap-learn's own (1 and 1): 100 epochs keep neighbours
# better than 500 with those (CIFAR-10: 0.16 of the true nearest on the map against 0.12).
_EPOCHS = 100
_REPULSION = 3.0
_RATE = 0.5
_PUSHES = 5  # for each pull
_STEPS = 400
_SHIFTS = 20
_STRONGEST = 4.0  # a push in one direction
_NEAR = 1e-3  # squared: below, distances are noise
_BLOCK = 1 << 16  # pairs at a time, to stay in the processor's cache
_FIT, _FIT_STEPS, _FIRST_B = 300, 20, 0.8


@dataclass(frozen=True, slots=True)
class Curve:
    """How certain a pair looks at a distance d on the map: 1 / (1 + a d^2b)."""

    a: float
    b: float


def fit_curve(min_dist: float) -> Curve:
    """The curve nearest to: certain up to `min_dist`, from there on falling exponentially.

    Least squares by the method of Gauss and Newton, in b and the logarithm of a.
    """
    d = np.linspace(0, 3, _FIT)[1:]
    wanted = np.where(d < min_dist, 1.0, np.exp(min_dist - d))
    b = _FIRST_B + min_dist
    log_a = -2 * b * np.log(min_dist + np.log(2))  # a half where a half is wanted
    for _ in range(_FIT_STEPS):
        power = np.exp(log_a) * d ** (2 * b)
        certain = 1 / (1 + power)
        slopes = -(certain**2 * power)[:, None] * np.stack([np.ones_like(d), 2 * np.log(d)], 1)
        change = np.linalg.lstsq(slopes, wanted - certain, rcond=None)[0]
        log_a, b = log_a + change[0], b + change[1]
    return Curve(float(np.exp(log_a)), float(b))


def strong_enough(certain: csr_array) -> csr_array:
    """The pairs of a fuzzy set that would be drawn at least once in all epochs."""
    strong = certain.copy()
    strong.data[strong.data < strong.data.max() / _EPOCHS] = 0
    strong.eliminate_zeros()
    return strong


def settle(certain: csr_array, start: Floats, curve: Curve, *, seed: int) -> Floats:
    """Let images go from a start (n, dimensions) until they settle: (n, dimensions) float32.

    certain: a fuzzy set of them, in which each has a partner. The same for the same arguments.
    """
    random = np.random.default_rng(seed)
    n = len(start)
    order = random.permutation(n)
    springs = _Springs(certain[order][:, order], curve)
    places = np.ascontiguousarray(start[order].T, dtype=np.float32)
    shifts = min(_SHIFTS, (n - 1) // 2)
    share = springs.certainty * np.float32(_PUSHES / (2 * shifts))
    for step in range(_STEPS):
        time = np.float32(_RATE * _EPOCHS / _STEPS * (1 - step / _STEPS))
        pulled, stiffness = springs.pull(places)
        pushed = share * _push(places, curve, int(random.integers(1, n - shifts + 1)), shifts)
        places = (places + time * (pulled + pushed)) / (1 + time * stiffness)
    settled = np.empty((n, len(places)), np.float32)
    settled[order] = places.T
    return settled


class _Springs:
    """The pairs of a fuzzy set. certainty: (n,) the sum of each image's, in units of the surest."""

    def __init__(self, certain: csr_array, curve: Curve) -> None:
        from scipy.sparse import csr_array

        certain = certain.tocsr()
        certain.sort_indices()
        pairs = certain.tocoo()
        once = pairs.row < pairs.col
        number = np.cumsum(once)  # from 1, so that no pair looks like an empty place
        numbers = csr_array(
            (np.where(once, number, 0), certain.indices, certain.indptr), certain.shape
        )
        mirrored = numbers.T.tocsr()
        mirrored.sort_indices()
        self._pair = (np.where(once, number, mirrored.data) - 1).astype(np.intp)
        self._ends = pairs.row[once].astype(np.intp), pairs.col[once].astype(np.intp)
        weights = (certain.data / certain.data.max()).astype(np.float32)
        self.certainty = np.add.reduceat(weights, certain.indptr[:-1])
        self._weights = weights[once] * np.float32(4 * curve.a * curve.b)
        self._stiffness = csr_array(
            (weights.copy(), certain.indices, certain.indptr), certain.shape
        )
        self._curve = curve

    def pull(self, places: Floats) -> tuple[Floats, Floats]:
        """Where the springs pull images at (dimensions, n), times how stiffly, and that: (n,)."""
        stiff = np.empty_like(self._weights)
        for start in range(0, len(stiff), _BLOCK):
            block = slice(start, start + _BLOCK)
            squared = np.float32(_NEAR)
            for axis in places:
                apart = np.take(axis, self._ends[0][block]) - np.take(axis, self._ends[1][block])
                squared = squared + apart * apart
            falling = squared ** np.float32(self._curve.b - 1)
            stiff[block] = (
                self._weights[block] * falling / (1 + np.float32(self._curve.a) * squared * falling)
            )
        np.take(stiff, self._pair, out=self._stiffness.data, mode="clip")
        ones = np.ones((places.shape[1], 1), np.float32)
        found = (self._stiffness @ np.hstack([places.T, ones])).T
        return found[:-1], found[-1]


def _push(places: Floats, curve: Curve, first: int, shifts: int) -> Floats:
    """What pushes images at (dimensions, n), in all: image i and i + `first`, and so on."""
    dimensions, n = places.shape
    twice = np.hstack([places, places])
    pushed = np.zeros_like(twice)  # the second half is of the same images again
    together = max(1, _BLOCK // n)
    for shift in range(first, first + shifts, together):
        rows = min(together, first + shifts - shift)
        apart = np.empty((dimensions, rows, n), np.float32)
        squared = np.zeros((rows, n), np.float32)
        for axis, along in enumerate(twice):
            others = np.lib.stride_tricks.sliding_window_view(along, n)[shift : shift + rows]
            np.subtract(places[axis], others, out=apart[axis])
            squared += apart[axis] * apart[axis]
        fade = (np.float32(_NEAR) + squared) * (
            1 + np.float32(curve.a) * squared ** np.float32(curve.b)
        )
        apart *= np.float32(2 * _REPULSION * curve.b) / fade
        np.clip(apart, -_STRONGEST, _STRONGEST, out=apart)
        pushed[:, :n] += apart.sum(axis=1)
        for row in range(rows):
            pushed[:, shift + row : shift + row + n] -= apart[:, row]
    return pushed[:, :n] + pushed[:, n:]
