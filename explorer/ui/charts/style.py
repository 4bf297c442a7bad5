"""Plotly charts in the app's own quiet style."""

from collections.abc import Sequence
from html import escape

import plotly.graph_objects as go

ACCENT = "#14918a"
QUIET = "#9aa3a0"
CLEAR = "rgba(0,0,0,0)"


def name_lines(figure: go.Figure, names: Sequence[str], *, air: float) -> None:
    """A line for each name, from the top on; `air` lines are left above and below their middles."""
    figure.update_yaxes(
        tickmode="array",
        tickvals=list(range(len(names))),
        ticktext=list(map(literally, names)),
        range=[len(names) - 1 + air, -air],
        showgrid=False,
        zeroline=False,
        automargin=True,
        tickfont={"size": 13},
        ticklabelstandoff=8,
    )


def literally(text: str) -> str:
    """A text as plotly shows it to the letter."""
    return escape(text, quote=False)


def quiet_layout(figure: go.Figure, *, height: int, **more: object) -> None:
    """No legend, no margins, no zoom, no background: the page's own shows through.

    more: what else the layout says, or says otherwise.
    """
    figure.update_layout(
        height=height,
        margin={"l": 0, "r": 0, "t": 4, "b": 0},
        showlegend=False,
        dragmode=False,
        paper_bgcolor=CLEAR,
        plot_bgcolor=CLEAR,
    )
    figure.update_layout(**more)
    figure.update_xaxes(fixedrange=True)
    figure.update_yaxes(fixedrange=True)
