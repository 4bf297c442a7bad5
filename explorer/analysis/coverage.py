"""How well a few rows stand for all, against as many taken at random."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from explorer.analysis.choosing import nearest_chosen
from explorer.analysis.vectors import Floats, Ints

JUDGED = 20_000  # rows that are looked at; more would change the third decimal
DRAWS = 3


@dataclass(frozen=True, slots=True)
class Coverage:
    """Cosine similarity of all rows to the nearest chosen one: on average, and of the worst served.

    random_mean, random_worst: the same for as many rows taken at random, the mean of three draws.
    """

    mean: float
    worst: float
    random_mean: float
    random_worst: float


def coverage(unit: Floats, chosen: Ints, *, seed: int = 0) -> Coverage:
    """How the `chosen` rows cover all rows of (n, d) `unit`; of more than 20,000, a sample."""
    random = np.random.default_rng(seed)
    n = len(unit)
    judged = random.choice(n, JUDGED, replace=False) if n > JUDGED else np.arange(n)
    own = _reach(unit, judged, chosen)
    draws = [
        _reach(unit, judged, random.choice(n, len(chosen), replace=False)) for _ in range(DRAWS)
    ]
    mean, worst = np.mean(draws, axis=0).tolist()
    return Coverage(*own, mean, worst)


def _reach(unit: Floats, judged: Ints, chosen: Ints) -> tuple[float, float]:
    both = np.concatenate([unit[judged], unit[chosen]])
    near = nearest_chosen(both, np.arange(len(judged), len(both)))[: len(judged)]
    return float(near.mean()), float(near.min())
