"""Plotly bars: how values are spread, and how often each occurs."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import plotly.graph_objects as go

from explorer.store import Values
from explorer.ui.charts.style import ACCENT, QUIET, literally, name_lines, quiet_layout

LINE = 24  # pixels of a bar with its name
LONGEST_NAME = 22


def histogram(
    values: Values, threshold: float, *, ends: tuple[float, float], upwards: bool = True
) -> go.Figure:
    """How the values are spread between two ends; what the threshold lets through in the accent.

    Counts are on a logarithmic scale: the few that a threshold cuts off are what it is about.
    """
    edges = np.linspace(*ends, 49)
    counts, _ = np.histogram(np.clip(values.astype(np.float64), *ends), edges)
    meant = edges[1:] > threshold if upwards else edges[:-1] < threshold
    figure = _bars(edges, counts, meant, height=96)
    ranges = [f"{low:.3g} to {high:.3g}" for low, high in pairwise(edges)]
    figure.update_traces(customdata=ranges, hovertemplate="%{customdata}: %{y:,}<extra></extra>")
    figure.add_vline(threshold, line_color=ACCENT, line_width=2)
    # A single image is a bar of half a decade.
    top = np.log10(max(int(counts.max(initial=1)), 2)) + 0.1
    figure.update_yaxes(type="log", range=[-0.5, top])
    return figure


def range_histogram(
    values: Values, chosen: tuple[float, float], *, ends: tuple[float, float]
) -> go.Figure:
    """How values are spread between two ends, what lies in the chosen range in the accent."""
    edges = np.linspace(*ends, 41)
    counts, _ = np.histogram(values[np.isfinite(values)], edges)
    meant = (edges[1:] > chosen[0]) & (edges[:-1] <= chosen[1])
    # A single image among thousands can be seen, too.
    figure = _bars(edges, np.sqrt(counts), meant, height=64)
    figure.update_traces(hoverinfo="skip")
    return figure


def _bars(edges: Values, heights: Values, meant: Values, *, height: int) -> go.Figure:
    """A bar between each two edges, in the accent where it is meant; nothing beside the bars."""
    marker = {"color": np.where(meant, ACCENT, QUIET), "line": {"width": 0}}
    figure = go.Figure(go.Bar(x=(edges[:-1] + edges[1:]) / 2, y=heights, marker=marker))
    quiet_layout(figure, height=height, bargap=0.12)
    figure.update_xaxes(range=[edges[0], edges[-1]], visible=False)
    figure.update_yaxes(visible=False)
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
            customdata=[literally(name) for name in names],
            hovertemplate="%{customdata}: %{x:,}<extra></extra>",
            selected={"marker": {"opacity": 1}},
            unselected={"marker": {"opacity": 1}},
        )
    )
    height = LINE * len(names) + 4
    quiet_layout(figure, height=height, bargap=0.35, clickmode="event+select")
    figure.update_xaxes(range=[0, most * 1.18], visible=False)
    name_lines(figure, [_short(name) for name in names], air=0.6)
    return figure


def _short(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"
