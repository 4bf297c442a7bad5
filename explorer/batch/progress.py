"""How a job tells whoever started it where it is."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Progress:
    """One report: `done` of `total` units of a stage (total 0: not known)."""

    stage: str
    done: int
    total: int
    rejected: int = 0


Report = Callable[[Progress], None]


def silent(progress: Progress) -> None:
    """Report to nobody."""
