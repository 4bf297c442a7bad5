"""What a setting may be: checked when settings are made, so that no analysis meets nonsense."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TypeVar

from explorer.errors import BadValueError

NEIGHBORS = 30
"""How many neighbours of each image the stored graph holds."""

SEEDS = (0, 2**32 - 1)
"""What the random generators take."""

N = TypeVar("N", int, float)


def within(default: N, low: float, high: float, *, above: bool = False) -> N:
    """A field of `Settings` with low <= value <= high; with `above`, `low` itself is left out."""
    return field(default=default, metadata={"range": (low, high, above)})


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of an analysis, whose names begin with `prefix`; by itself, nothing to set.

    Raises BadValueError, naming the setting, for a number that is not `within` its range; NaN never
    is.

    >>> @dataclass(frozen=True)
    ... class MySettings(Settings):
    ...     prefix = "mine"
    ...     nearest: int = within(15, 1, 30)
    >>> MySettings(nearest=0)
    Traceback (most recent call last):
    explorer.errors.BadValueError: mine.nearest is between 1 and 30, not 0.
    """

    prefix = ""

    def __post_init__(self) -> None:
        for each in fields(self):
            if each.metadata:
                low, high, above = each.metadata["range"]
                value = getattr(self, each.name)
                if not low <= value <= high or (above and value == low):
                    allowed = f"above {low} and at most" if above else f"between {low} and"
                    name = f"{self.prefix}.{each.name}"
                    raise BadValueError(f"{name} is {allowed} {high}, not {value}.")
