"""Charts of spaces side by side: the ranking, the learning curves, the trade-off, the likeness."""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from explorer.insight.palette import CATEGORIES
from explorer.probe import MEASURES, Comparison, SpaceReport, ranked
from explorer.ui.charts.style import ACCENT, QUIET, literally, name_lines, quiet_layout

LINE = 52  # pixels of a space in the ranking
GRID = "rgba(128,128,128,0.18)"
SPEEDS = [first * 10**power for power in range(5) for first in (1, 2, 5)]  # images/s, on the axis


def colors_of(comparison: Comparison) -> dict[str, str]:
    """A colour for each space, the same in every chart."""
    return {
        space.id: CATEGORIES[number % len(CATEGORIES)]
        for number, space in enumerate(comparison.spaces)
    }


def ranking_chart(comparison: Comparison) -> go.Figure:
    """Accuracy with its interval: a line per space, the best on top."""
    order = ranked(comparison, "label_accuracy") or ranked(comparison, "nearest")
    names = [space.id for space, _ in order]
    figure = go.Figure()
    for measure, title, color, shift in (
        ("label_accuracy", "Label accuracy", ACCENT, -0.14),
        ("nearest", "Nearest neighbour", QUIET, 0.14),
    ):
        found = {space.id: value for space, value in ranked(comparison, measure)}  # type: ignore[arg-type]
        shown = [(place + shift, found[name]) for place, name in enumerate(names) if name in found]
        figure.add_scatter(
            x=[value.value for _, value in shown],
            y=[place for place, _ in shown],
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [value.high - value.value for _, value in shown],
                "arrayminus": [value.value - value.low for _, value in shown],
                "thickness": 2,
                "width": 4,
                "color": color,
            },
            mode="markers",
            cliponaxis=False,
            name=title,
            marker={"size": 10, "color": color},
            customdata=[[f"{value.low:.1%}", f"{value.high:.1%}"] for _, value in shown],
            hovertemplate=f"{title}: %{{x:.1%}} (%{{customdata[0]}} to %{{customdata[1]}})"
            "<extra></extra>",
        )
    quiet_layout(figure, height=LINE * len(names) + 64, margin={"l": 12}, **_LEGEND)
    intervals = [found for each in MEASURES for _, found in ranked(comparison, each)]
    ends = [end for found in intervals for end in (found.low, found.high)]
    figure.update_xaxes(**_SHARES, range=share_range(ends))
    name_lines(figure, names, air=0.5)
    return figure


# Points at 100 % are drawn whole, though the axis ends there.
_SHARES = {"tickformat": ".0%", "gridcolor": GRID, "zeroline": False}
_ABOVE = {"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom", "font": {"size": 12}}
_LEGEND = {"showlegend": True, "legend": _ABOVE}


def share_range(shares: Sequence[float]) -> list[float]:
    """The ends of an axis of shares: with air around them, and never beyond nothing and all.

    >>> share_range([0.9, 0.98]), share_range([0.2, 0.4]), share_range([])
    ([0.88, 1.0], [0.18, 0.42], [0.0, 1.0])
    """
    if not len(shares):
        return [0.0, 1.0]
    low, high = min(shares), max(shares)
    air = max(0.1 * (high - low), 0.02)
    return [round(max(0.0, low - air), 6), round(min(1.0, high + air), 6)]


def curve_chart(comparison: Comparison) -> go.Figure:
    """Accuracy against labelled images of each class; the band holds eight draws in ten."""
    figure = go.Figure()
    colors = colors_of(comparison)
    for space in comparison.spaces:
        if not space.curve:
            continue
        name = literally(space.id)
        sizes = [point.per_label for point in space.curve]
        lows = [point.low for point in space.curve]
        figure.add_scatter(
            x=[*sizes, *reversed(sizes)],
            y=[*(point.high for point in space.curve), *reversed(lows)],
            mode="lines",
            fill="toself",
            fillcolor=_faint(colors[space.id]),
            line={"width": 0},
            hoverinfo="skip",
            showlegend=False,
            legendgroup=name,
        )
        figure.add_scatter(
            x=sizes,
            y=[point.mean for point in space.curve],
            mode="lines+markers",
            cliponaxis=False,
            name=name,
            legendgroup=name,
            line={"color": colors[space.id], "width": 2},
            marker={"size": 6},
            customdata=[[f"{point.low:.1%}", f"{point.high:.1%}"] for point in space.curve],
            hovertemplate="%{x} per label: %{y:.1%} (%{customdata[0]} to %{customdata[1]})"
            f"<extra>{name}</extra>",
        )
    points = [point for space in comparison.spaces for point in space.curve or []]
    quiet_layout(figure, height=LINE * 5 + 64, **_LEGEND)
    _log_axis(figure, "labelled images of each class", sorted({each.per_label for each in points}))
    figure.update_xaxes(showgrid=False)
    ends = [end for point in points for end in (point.low, point.mean, point.high)]
    figure.update_yaxes(**_SHARES, range=share_range(ends))
    return figure


def trade_off_chart(comparison: Comparison, accuracies: Mapping[str, float]) -> go.Figure:
    """Accuracy against images per second, a point per space that has both."""
    colors = colors_of(comparison)
    shown = with_speed(comparison, accuracies)
    speeds = [space.images_per_second or 0 for space in shown]
    figure = go.Figure(
        go.Scatter(
            x=speeds,
            y=[accuracies[space.id] for space in shown],
            mode="markers+text",
            text=[literally(space.id) for space in shown],
            textposition="top center",
            cliponaxis=False,
            marker={
                "color": [colors[space.id] for space in shown],
                "size": [8 + 4 * np.log10(space.dimension) for space in shown],
            },
            customdata=[[space.dimension] for space in shown],
            hovertemplate="%{text}: %{y:.1%} at %{x:,.0f} images/s, %{customdata[0]:,} dimensions"
            "<extra></extra>",
        )
    )
    quiet_layout(figure, height=260, margin={"t": 24, "r": 48})
    _log_axis(figure, "images per second", SPEEDS)
    # A single speed needs room on both sides.
    ends = [np.log10(min(speeds)) - 0.3, np.log10(max(speeds)) + 0.3]
    figure.update_xaxes(gridcolor=GRID, range=ends)
    shares = [accuracies[space.id] for space in shown]
    figure.update_yaxes(**_SHARES, range=share_range(shares))
    return figure


def _log_axis(figure: go.Figure, title: str, ticks: Sequence[int]) -> None:
    figure.update_xaxes(
        type="log",
        title={"text": title, "font": {"size": 12}},
        tickvals=ticks,
        ticktext=[f"{tick:,}" for tick in ticks],
    )


def with_speed(comparison: Comparison, accuracies: Mapping[str, float]) -> list[SpaceReport]:
    """The spaces whose speed and accuracy are known."""
    return [
        space for space in comparison.spaces if space.images_per_second and space.id in accuracies
    ]


def likeness_chart(comparison: Comparison) -> go.Figure:
    """Linear CKA between the spaces, each to each."""
    ids = [space.id for space in comparison.spaces]
    values = np.eye(len(ids))
    for pair in comparison.pairs:
        one, other = ids.index(pair.first), ids.index(pair.second)
        values[one, other] = values[other, one] = pair.cka
    names = list(map(literally, ids))
    figure = go.Figure(
        go.Heatmap(
            z=values,
            zmin=0,
            zmax=1,
            colorscale=[[0, "rgba(20,145,138,0.04)"], [1, "rgba(20,145,138,0.75)"]],
            showscale=False,
            xgap=2,
            ygap=2,
            hovertemplate="%{x} and %{y}: %{z:.2f}<extra></extra>",
            x=names,
            y=names,
        )
    )
    # A heat map's own text takes no notice of the theme; a text beside it does.
    figure.add_scatter(
        x=names * len(names),
        y=[name for name in names for _ in names],
        text=[f"{value:.2f}" for value in values.ravel()],
        mode="text",
        hoverinfo="skip",
        showlegend=False,
    )
    quiet_layout(figure, height=48 * len(names) + 72)
    ticks = {"showgrid": False, "zeroline": False, "automargin": True, "tickfont": {"size": 11}}
    figure.update_xaxes(**ticks, tickangle=0)
    figure.update_yaxes(**ticks, autorange="reversed")
    return figure


def overlap_chart(values: Sequence[float], shared: int) -> go.Figure:
    """How many of their `shared` nearest images have in common in two spaces."""
    counts = np.bincount(np.rint(np.asarray(values) * shared).astype(int), minlength=shared + 1)
    figure = go.Figure(
        go.Bar(
            x=list(range(shared + 1)),
            y=counts,
            marker={"color": ACCENT, "line": {"width": 0}},
            hovertemplate=f"%{{x}} of {shared} in common: %{{y:,}} images<extra></extra>",
        )
    )
    quiet_layout(figure, height=132, bargap=0.2)
    figure.update_xaxes(showgrid=False, tickfont={"size": 11})
    figure.update_yaxes(visible=False)
    return figure


def _faint(color: str) -> str:
    red, green, blue = (int(color[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.16)"
