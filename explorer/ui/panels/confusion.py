"""What is taken for what: the table, and the cell that was chosen."""

import json

import numpy as np
import streamlit as st

from explorer.filters import encode
from explorer.insight.labeling import confusion, label_codes, most_confused
from explorer.ui.components.matrix import Cell, MatrixData, matrix
from explorer.ui.html import show
from explorer.ui.state import now
from explorer.ui.view import View


def confused_pair(view: View) -> tuple[int, int] | None:
    """The table of what is taken for what; the cell that was chosen, as codes."""
    space = view.space
    counts = confusion(space, view.filter)
    shown = most_confused(counts)
    apart = counts[np.ix_(shown, shown)] * ~np.eye(len(shown), dtype=bool)
    if not apart.any():
        return None
    names = label_codes(space).names
    show("h2", "Mistaken for")
    says = "Rows: the label it has. Columns: what it looks like. Choose a cell."
    show("p", says, classes="facts")
    key = f"confusion_{space.dataset.name}_{space.id}"
    table = json.dumps([key, *map(encode, view.filter)])
    listed = [names[code] for code in shown]
    chosen = _chosen_cell(table, listed)
    chosen = chosen if chosen and apart[chosen] else None
    matrix(
        MatrixData(
            listed,
            apart,
            counts.sum(axis=1)[shown],
            "What is mistaken for what. Arrows move, Enter shows the images of a cell.",
            table,
            chosen,
        ),
        dataset=space.dataset.name,
        key=key,
    )
    if chosen is None:
        return None
    st.button(
        "Show all labels",
        on_click=setattr,
        args=(now(), "confused", None),
        help="Let go of the chosen cell.",
    )
    return int(shown[chosen[0]]), int(shown[chosen[1]])


def _chosen_cell(table: str, listed: list[str]) -> Cell | None:
    """Where the two labels stand that were chosen of this table; other labels may be listed now."""
    of, pair = now().confused or ("", ("", ""))
    if of != table or not set(pair) <= set(listed):
        return None
    return listed.index(pair[0]), listed.index(pair[1])
