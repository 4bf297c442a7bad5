"""How well a few rows stand for all, against as many taken at random."""

from __future__ import annotations

from collections.abc import Callable
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


def coverage(n: int, chosen: Ints, unit: Callable[[Ints], Floats], *, seed: int = 0) -> Coverage:
    """How the `chosen` of n rows cover all of them; of more than 20,000, a sample.

    `unit` gives the vectors (m, d) of some rows, of length one: those of most rows are not needed.
    """
    random = np.random.default_rng(seed)
    judged = unit(random.choice(n, JUDGED, replace=False) if n > JUDGED else np.arange(n))
    own = _reach(judged, unit(chosen))
    draws = [
        _reach(judged, unit(random.choice(n, len(chosen), replace=False))) for _ in range(DRAWS)
    ]
    mean, worst = np.mean(draws, axis=0).tolist()
    return Coverage(*own, mean, worst)


def _reach(judged: Floats, chosen: Floats) -> tuple[float, float]:
    both = np.concatenate([judged, chosen])
    near = nearest_chosen(both, np.arange(len(judged), len(both)))[: len(judged)]
    return float(near.mean()), float(near.min())
