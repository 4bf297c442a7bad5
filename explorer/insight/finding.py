"""One thing worth looking at, and what is needed to find it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from explorer.filters import Filter
from explorer.insight.columns import categories, numbers
from explorer.store import Rows, Space, cached_per_snapshot

PHOTOS = 6  # of each finding
OF_KIND = 0.2  # the part of the weight that does not depend on how many images there are

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Finding:
    """One thing worth looking at, and where.

    rows: the images that show it best, first. page and section: what shows it, once the conditions
    in `filter` are added to the filter.
    """

    kind: str
    title: str
    says: str
    rows: Rows
    weight: float
    page: str
    section: tuple[str, ...] = ()
    filter: Filter = ()


@dataclass(frozen=True)
class Look:
    """The columns of a space as far as the filter lets see."""

    space: Space
    shown: Flags
    filter: Filter = ()

    def has(self, *names: str) -> bool:
        """Have all of these been computed?"""
        return set(names) <= set(self.space.column_names)

    def codes(self, name: str) -> npt.NDArray[np.int64]:
        """Groups by number, (n,); -1 for none and where the filter hides it."""
        return np.where(self.shown, _codes(self.space, name), -1)

    def flags(self, name: str) -> Flags:
        """Where a column of 0 and 1 is 1."""
        return self.codes(name) == 1

    def worst(self, flags: Flags, by: str) -> Rows:
        """The flagged rows with the highest values in a column, first."""
        rows = np.flatnonzero(flags)
        values = np.nan_to_num(numbers(self.space, by)[rows], nan=-np.inf)
        return rows[np.argsort(-values, kind="stable")][:PHOTOS]

    def share(self, flags: Flags) -> float:
        """Of what is shown."""
        return float(flags.sum() / max(int(self.shown.sum()), 1))

    @property
    def label(self) -> npt.NDArray[np.int64]:
        """Labels by falling frequency in the whole space, (n,); -1 for none and where hidden."""
        return np.where(self.shown, categories(self.space, "label").signed, -1)


@cached_per_snapshot(16)
def _codes(space: Space, name: str) -> npt.NDArray[np.int64]:
    """Kept, because every filter asks for the same columns anew."""
    return np.asarray(space.arrow_column(name).fill_null(-1).to_numpy(), np.int64)


def weight(harm: float, share: float) -> float:
    """How much a finding matters: the harm of its kind, 0 to 1, more if a larger share has it.

    Harm is a judgement: what falsifies an evaluation comes first, what is merely uneven last.
    """
    return harm * (OF_KIND + (1 - OF_KIND) * min(share, 1.0) ** 0.5)
