"""What is taken for what: a table whose cells can be chosen, by mouse and by keyboard."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from explorer.ui.components.common import own_component, show_component

Cell = tuple[int, int]
"""The row and the column of a cell: the label it has, and what it looks like."""


@dataclass(frozen=True)
class MatrixData:
    """The table. counts (labels, labels): how many images with the label of the row look like that
    of the column; totals (labels,): how many have each label at all. label: for screen readers.

    table: which table it is: another filter makes another one.
    """

    names: Sequence[str]
    counts: npt.NDArray[np.int64]
    totals: npt.NDArray[np.int64]
    label: str
    table: str
    chosen: Cell | None = None


_matrix = own_component("matrix")


def matrix(data: MatrixData, *, dataset: str, key: str) -> None:
    """Show it; a cell that is chosen comes as the event "cell", with `table` and its two labels."""
    wire = vars(data) | {"counts": data.counts.tolist(), "totals": data.totals.tolist()}
    show_component(_matrix, wire, dataset=dataset, key=key, height="content")
