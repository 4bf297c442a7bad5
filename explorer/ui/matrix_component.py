"""What is taken for what: a table whose cells can be chosen, by mouse and by keyboard."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from explorer.ui.component import own_component, reaction

Cell = tuple[int, int]
"""The row and the column of a cell: the label it has, and what it looks like."""


@dataclass(frozen=True)
class MatrixData:
    """The table. counts (labels, labels): how many images with the label of the row look like that
    of the column; totals (labels,): how many have each label at all. label: for screen readers."""

    names: Sequence[str]
    counts: npt.NDArray[np.int64]
    totals: npt.NDArray[np.int64]
    label: str
    chosen: Cell | None = None


_matrix = own_component("matrix")


def matrix(data: MatrixData, *, key: str, on_cell: Callable[[Cell], None]) -> None:
    """Show it; `on_cell` hears of the cell that was chosen before the page runs."""
    wire = {
        "names": [*data.names],
        "counts": data.counts.tolist(),
        "totals": data.totals.tolist(),
        "label": data.label,
        "chosen": data.chosen,
    }

    def react(cell: Cell | None) -> None:
        if cell is not None:
            on_cell(cell)

    _matrix(data=wire, key=key, height="content", on_cell_change=reaction(key, _cell, react))


def _cell(sent: Mapping[str, Any]) -> Cell | None:
    """The cell that the browser sent; None for what no table of ours sends."""
    cell = sent.get("cell")
    if not isinstance(cell, list) or [type(each) for each in cell] != [int, int]:
        return None
    return cell[0], cell[1]
