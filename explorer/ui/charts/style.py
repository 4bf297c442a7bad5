"""Plotly charts in the app's own quiet style."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import plotly.graph_objects as go

from explorer.store import Values

ACCENT = "#14918a"
QUIET = "#9aa3a0"
CLEAR = "rgba(0,0,0,0)"


def histogram(
    values: Values,
    threshold: float,
    *,
    ends: tuple[float, float],
    upwards: bool = True,
    bins: int = 48,
) -> go.Figure:
    """How the values are spread between two ends; what the threshold lets through in the accent.

    Counts are on a logarithmic scale: the few that a threshold cuts off are what it is about.
    """
    edges = np.linspace(*ends, bins + 1)
    counts, _ = np.histogram(np.clip(values.astype(np.float64), *ends), edges)
    middles = (edges[:-1] + edges[1:]) / 2
    meant = edges[1:] > threshold if upwards else edges[:-1] < threshold
    colors = np.where(meant, ACCENT, QUIET)
    ranges = [f"{low:.3g} to {high:.3g}" for low, high in pairwise(edges)]
    bars = go.Bar(
        x=middles,
        y=counts,
        marker={"color": colors, "line": {"width": 0}},
        customdata=ranges,
        hovertemplate="%{customdata}: %{y:,}<extra></extra>",
    )
    figure = go.Figure(bars)
    figure.add_vline(threshold, line_color=ACCENT, line_width=2)
    quiet_layout(figure, height=96)
    figure.update_layout(bargap=0.12)
    figure.update_xaxes(range=ends, visible=False, fixedrange=True)
    # A single image is a bar of half a decade.
    top = np.log10(max(int(counts.max(initial=1)), 2)) + 0.1
    figure.update_yaxes(type="log", range=[-0.5, top], visible=False, fixedrange=True)
    return figure


def name_lines(figure: go.Figure, names: Sequence[str], *, air: float) -> None:
    """A line for each name, from the top on; `air` lines are left above and below their middles."""
    figure.update_yaxes(
        tickmode="array",
        tickvals=list(range(len(names))),
        ticktext=list(names),
        range=[len(names) - 1 + air, -air],
        showgrid=False,
        zeroline=False,
        fixedrange=True,
        automargin=True,
        tickfont={"size": 13},
        ticklabelstandoff=8,
    )


def quiet_layout(figure: go.Figure, *, height: int) -> None:
    """No legend, no margins, no background: the page's own shows through."""
    figure.update_layout(
        height=height,
        margin={"l": 0, "r": 0, "t": 4, "b": 0},
        showlegend=False,
        paper_bgcolor=CLEAR,
        plot_bgcolor=CLEAR,
    )
