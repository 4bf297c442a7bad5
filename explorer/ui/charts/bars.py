"""Plotly bars: how values are spread, and how often each occurs."""

from collections.abc import Sequence
from html import escape
from itertools import pairwise

import numpy as np
import plotly.graph_objects as go

from explorer.store import Values
from explorer.ui.charts.style import ACCENT, QUIET, name_lines, quiet_layout

LINE = 24  # pixels of a bar with its name
LONGEST_NAME = 22


def range_histogram(
    values: Values, chosen: tuple[float, float], *, ends: tuple[float, float]
) -> go.Figure:
    """How values are spread between two ends, what lies in the chosen range in the accent."""
    edges = np.linspace(*ends, 41)
    counts, _ = np.histogram(values[np.isfinite(values)], edges)
    middles = (edges[:-1] + edges[1:]) / 2
    meant = (edges[1:] > chosen[0]) & (edges[:-1] <= chosen[1])
    figure = go.Figure(
        go.Bar(
            x=middles,
            # A single image among thousands can be seen, too.
            y=np.sqrt(counts),
            marker={"color": np.where(meant, ACCENT, QUIET), "line": {"width": 0}},
            customdata=[
                f"{low:.4g} to {high:.4g}: {count:,}"
                for (low, high), count in zip(pairwise(edges), counts, strict=True)
            ],
            hoverinfo="skip",
        )
    )
    quiet_layout(figure, height=64)
    figure.update_layout(bargap=0.12)
    figure.update_xaxes(range=ends, visible=False, fixedrange=True)
    figure.update_yaxes(visible=False, fixedrange=True)
    return figure


def count_bars(names: Sequence[str], counts: Sequence[int], asked: Sequence[bool]) -> go.Figure:
    """How often each value occurs, one line each; a click arrives as the point's index.

    `asked` are the values that the filter asks for: if there are any, the others are quiet.
    """
    most = max(counts, default=1) or 1
    colors = [ACCENT if each or not any(asked) else QUIET for each in asked]
    figure = go.Figure(
        go.Bar(
            x=counts,
            y=list(range(len(names))),
            orientation="h",
            marker={"color": colors, "line": {"width": 0}},
            text=[f"{count:,}" for count in counts],
            textposition="outside",
            cliponaxis=False,
            customdata=[escape(name, quote=False) for name in names],
            hovertemplate="%{customdata}: %{x:,}<extra></extra>",
            selected={"marker": {"opacity": 1}},
            unselected={"marker": {"opacity": 1}},
        )
    )
    quiet_layout(figure, height=LINE * len(names) + 4)
    figure.update_layout(bargap=0.35, clickmode="event+select", dragmode=False)
    figure.update_xaxes(range=[0, most * 1.18], visible=False, fixedrange=True)
    name_lines(figure, [escape(_short(name), quote=False) for name in names], air=0.6)
    return figure


def _short(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"
