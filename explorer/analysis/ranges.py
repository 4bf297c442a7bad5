"""What a setting may be: checked when settings are made, so that no analysis meets nonsense."""

from __future__ import annotations

from explorer.errors import BadValueError

NEIGHBORS = 30
"""How many neighbours of each image the stored graph holds."""


def check_range(
    setting: str, value: float, low: float, high: float, *, above: bool = False
) -> None:
    """Raise BadValueError, naming the setting, unless low <= value <= high; NaN never is.

    With `above`, `low` itself is left out.

    >>> check_range("outliers.nearest", 0, 1, 30)
    Traceback (most recent call last):
    explorer.errors.BadValueError: outliers.nearest is between 1 and 30, not 0.
    """
    if low <= value <= high and not (above and value == low):
        return
    allowed = f"above {low} and at most {high}" if above else f"between {low} and {high}"
    raise BadValueError(f"{setting} is {allowed}, not {value}.")


def check_seed(setting: str, value: int) -> None:
    """Raise UsageError unless the value fits the random generators: 0 to 2^32 - 1."""
    check_range(setting, value, 0, 2**32 - 1)
