"""Plotly charts in the app's own quiet style."""

from collections.abc import Sequence
from html import escape
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

ACCENT = "#14918a"
QUIET = "#9aa3a0"
CLEAR = "rgba(0,0,0,0)"


def histogram(
    values: npt.NDArray[Any],
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
    colours = np.where(meant, ACCENT, QUIET)
    ranges = [f"{low:.3g} to {high:.3g}" for low, high in pairwise(edges)]
    bars = go.Bar(
        x=middles,
        y=counts,
        marker={"color": colours, "line": {"width": 0}},
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


def confusion_chart(
    names: Sequence[str], counts: npt.NDArray[np.int64], totals: npt.NDArray[np.int64]
) -> go.Figure:
    """What is taken for what: a heat map whose cells can be clicked.

    counts (labels, labels): how many images with the label of the row look like that of the column;
    the diagonal is left blank. totals (labels,): how many images have each label. A click arrives
    as a point whose y and x are the row and the column.
    """
    given, suggested = np.nonzero(counts)
    share = counts / np.maximum(totals, 1)[:, None]
    # Plotly takes some tags in text for markup, and knows few entities.
    shown = [escape(name, quote=False) for name in names]
    cells = go.Heatmap(
        z=np.where(counts > 0, np.sqrt(share), np.nan),
        colorscale=[[0, "rgba(20,145,138,0.4)"], [1, ACCENT]],
        zmin=0,
        showscale=False,
        xgap=1,
        ygap=1,
        hoverinfo="skip",
    )
    # A heat map cannot be clicked in Streamlit: unseen points in the middle of its cells can.
    points = go.Scatter(
        x=suggested,
        y=given,
        mode="markers",
        marker={"size": 18, "opacity": 0, "color": "white", "line": {"width": 2, "color": "black"}},
        selected={"marker": {"opacity": 1, "size": 9}},
        unselected={"marker": {"opacity": 0}},
        customdata=[
            [shown[a], shown[b], f"{counts[a, b]:,}", f"{share[a, b]:.0%}"]
            for a, b in zip(given, suggested, strict=True)
        ],
        hovertemplate="given: %{customdata[0]}<br>looks like: %{customdata[1]}<br>"
        "%{customdata[2]} images, %{customdata[3]} of its label<extra></extra>",
    )
    figure = go.Figure([cells, points])
    cell = max(9, min(24, 240 // max(len(names), 1)))  # pixels, in a narrow column
    quiet_layout(figure, height=cell * len(names) + 96)
    ticks = {
        "tickmode": "array",
        "tickvals": list(range(len(names))),
        "ticktext": [escape(_short(name), quote=False) for name in names],
        "showgrid": False,
        "zeroline": False,
        "fixedrange": True,
        "automargin": True,
        "tickfont": {"size": 11},
    }
    end = len(names) - 0.5
    figure.update_xaxes(**ticks, range=[-0.5, end], side="top", tickangle=-90)
    figure.update_yaxes(**ticks, range=[end, -0.5])
    figure.update_layout(clickmode="event+select", dragmode=False, margin={"r": 28, "b": 8})
    return figure


def _short(name: str, most: int = 16) -> str:
    return name if len(name) <= most else name[: most - 1] + "…"
