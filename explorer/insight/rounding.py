"""Round steps and whole days, for sliders."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import numpy as np


def on_grid(value: float, step: float, to_whole: Callable[[float], float]) -> float:
    """A multiple of the step near a value, without the dust of binary fractions."""
    return round(float(to_whole(round(value / step, 6))) * step, decimals(step))


def decimals(step: float) -> int:
    """How many decimals a multiple of the step has."""
    return max(0, int(np.ceil(-np.log10(step) - 1e-9)))


def round_step(width: float) -> float:
    """A step of 1, 2 or 5 times a power of ten, at most `width`.

    >>> round_step(0.0043), round_step(0.07)
    (0.002, 0.05)
    """
    power = 10.0 ** np.floor(np.log10(width))
    return float(max(each * power for each in (1, 2, 5) if each * power <= width * 1.0001))


A_DAY = 86_400  # seconds


def day_of(seconds: float) -> date:
    return datetime.fromtimestamp(float(seconds), UTC).date()


def seconds_of(day: date) -> float:
    return datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()
