"""What choosing is told."""

from dataclasses import dataclass

from explorer.errors import BadValueError

PARTS = (("train", 0.8), ("val", 0.1), ("test", 0.1))


@dataclass(frozen=True)
class ChooseSettings:
    """How to choose.

    how: a name in `STRATEGIES`. count: how many images; None where the strategy itself decides. by:
    the column whose values are to be balanced, None for the label or else the cluster. threshold:
    the cosine similarity from which two images are near-duplicates, None for that of the analysis.
    parts: the names of a split's parts and how large they are, in any unit.
    """

    how: str = "diverse"
    count: int | None = None
    by: str | None = None
    threshold: float | None = None
    parts: tuple[tuple[str, float], ...] = PARTS
    seed: int = 0

    def __post_init__(self) -> None:
        if self.count is not None and self.count < 1:
            raise BadValueError(f"At least 1 image has to be chosen, not {self.count}.")
        if self.threshold is not None and not 0 < self.threshold <= 1:
            raise BadValueError(
                f"The threshold lies between 0 and 1; it cannot be {self.threshold}."
            )
        if self.seed < 0:
            raise BadValueError(f"A seed is a whole number from 0; it cannot be {self.seed}.")
        names = [name for name, _ in self.parts]
        if len(names) < 2 or len({*names}) < len(names) or not all(map(str.strip, names)):
            raise BadValueError("A split needs at least two parts, each with a name of its own.")
        if not all(0 < size < float("inf") for _, size in self.parts):
            raise BadValueError("Every part of a split needs a size above 0.")
