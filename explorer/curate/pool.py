"""What choosing works on: the rows of a space, with all that strategies ask of them."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from explorer.analysis import unit_rows
from explorer.curate.graph import duplicate_threshold
from explorer.curate.settings import ChooseSettings
from explorer.curate.spread import Spread
from explorer.errors import BadValueError, NotAnalyzedError, NotPossibleError, UnknownNameError
from explorer.store import Rows, Space


@dataclass(frozen=True)
class Pool:
    """What a strategy gets to work on: rows of a space, both sorted and without the other.

    `rows` may be chosen, `given` count as chosen already.
    """

    space: Space
    settings: ChooseSettings
    rows: Rows
    given: Rows

    @property
    def count(self) -> int:
        """How many to choose. Raises `UsageError` when nobody said it, or there are not so many."""
        count = self.settings.count
        if count is None:
            raise BadValueError(
                f"How many images? “{self.settings.how}” needs a number, such as `-k 100`."
            )
        if count > len(self.rows):
            raise NotPossibleError(
                f"{count:,} images cannot be chosen: there are {len(self.rows):,} to choose from."
            )
        return count

    @property
    def everything(self) -> Rows:
        """Both kinds of rows, those that may be chosen first."""
        return np.concatenate([self.rows, self.given])

    @cached_property
    def unit(self) -> npt.NDArray[np.float32]:
        """The vectors of `everything`, of length one."""
        return unit_rows(self.space.vectors(self.everything))

    def vectors(self, places: Rows) -> npt.NDArray[np.float32]:
        """Those of some of `everything`, (m, d); the others are not read for it."""
        if "unit" in self.__dict__:
            return self.unit[places]
        return unit_rows(self.space.vectors(self.everything[places]))

    @property
    def given_places(self) -> Rows:
        """Where the given rows stand in `everything`."""
        return np.arange(len(self.rows), len(self.rows) + len(self.given))

    def shuffled(self) -> Rows:
        """The places 0 … of `rows` in random order."""
        return np.random.default_rng(self.settings.seed).permutation(len(self.rows))

    def numbers(self, column: str) -> npt.NDArray[np.float64]:
        """A column of numbers for `rows`. Raises `UsageError` when there is none."""
        if column not in self.space.column_names:
            raise NotAnalyzedError(
                f"“{self.settings.how}” needs the column {column!r}, which has not been computed.",
                dataset=self.space.dataset.name,
            )
        return self.space.column(column)[self.rows].astype(np.float64)

    @property
    def by(self) -> str:
        """The column to balance. Raises `UsageError` for an unknown one."""
        if self.settings.by is None:
            labels = self.space.arrow_column("label")
            return "label" if labels.null_count < len(labels) else "cluster"
        return self.settings.by

    def groups(self, rows: Rows) -> Rows:
        """The value of `by` of each of some rows, as numbers from 0; having none is one, too."""
        return np.asarray(np.unique(self.texts(rows), return_inverse=True)[1], np.int64)

    def texts(self, rows: Rows) -> npt.NDArray[np.str_]:
        """The value of `by` of each of some rows as text, empty for none."""
        if self.by not in self.space.column_names:
            there_are = ", ".join(self.space.column_names)
            raise UnknownNameError(
                f"There is no column {self.by!r} to balance. There are: {there_are}."
            )
        column = self.space.arrow_column(self.by).take(pa.array(rows))
        texts = pc.fill_null(column.cast(pa.string()), "").to_numpy(zero_copy_only=False)
        return np.asarray(texts, str)

    @property
    def threshold(self) -> float:
        """The similarity from which two images are near-duplicates."""
        if self.settings.threshold is not None:
            return self.settings.threshold
        return duplicate_threshold(self.space)


@dataclass(frozen=True)
class Picked:
    """What a strategy gives: places in `rows` in their order, and a part for each, if any.

    spread: of a split, how the parts share the labels.
    """

    places: Rows
    part: Rows | None = None
    spread: Spread | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Strategy:
    """One strategy, said in words, and whether it takes a number, a column, a threshold."""

    title: str
    explains: str
    pick: Callable[[Pool], Picked]
    count: Literal["needed", "possible", "none"] = "needed"
    grouped: bool = False
    likeness: bool = False
