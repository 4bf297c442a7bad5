"""Charts of spaces side by side: the ranking, the learning curves, the trade-off, the likeness."""

from collections.abc import Mapping, Sequence
from html import escape

import numpy as np
import plotly.graph_objects as go

from explorer.insight.palette import CATEGORIES
from explorer.probe import MEASURES, Comparison, SpaceReport, ranked
from explorer.ui.charts.style import ACCENT, QUIET, name_lines, quiet_layout

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
    quiet_layout(figure, height=LINE * len(names) + 64)
    figure.update_layout(showlegend=True, legend=_LEGEND, dragmode=False, margin={"l": 12})
    intervals = [found for each in MEASURES for _, found in ranked(comparison, each)]
    ends = [end for found in intervals for end in (found.low, found.high)]
    figure.update_xaxes(**_SHARES, range=share_range(ends))
    name_lines(figure, [_text(name) for name in names], air=0.5)
    return figure


# Points at 100 % are drawn whole, though the axis ends there.
_SHARES = {"tickformat": ".0%", "gridcolor": GRID, "zeroline": False, "fixedrange": True}
_LEGEND = {"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom", "font": {"size": 12}}


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
        sizes = [point.per_label for point in space.curve]
        there_and_back = [point.high for point in space.curve]
        there_and_back += [point.low for point in reversed(space.curve)]
        figure.add_scatter(
            x=[*sizes, *reversed(sizes)],
            y=there_and_back,
            mode="lines",
            fill="toself",
            fillcolor=_faint(colors[space.id]),
            line={"width": 0},
            hoverinfo="skip",
            showlegend=False,
            legendgroup=_text(space.id),
        )
        figure.add_scatter(
            x=sizes,
            y=[point.mean for point in space.curve],
            mode="lines+markers",
            cliponaxis=False,
            name=_text(space.id),
            legendgroup=_text(space.id),
            line={"color": colors[space.id], "width": 2},
            marker={"size": 6},
            customdata=[[f"{point.low:.1%}", f"{point.high:.1%}"] for point in space.curve],
            hovertemplate="%{x} per label: %{y:.1%} (%{customdata[0]} to %{customdata[1]})"
            f"<extra>{_text(space.id)}</extra>",
        )
    sizes = sorted({point.per_label for space in comparison.spaces for point in space.curve or []})
    quiet_layout(figure, height=LINE * 5 + 64)
    figure.update_layout(showlegend=True, legend=_LEGEND, dragmode=False)
    figure.update_xaxes(
        type="log",
        tickmode="array",
        tickvals=sizes,
        ticktext=[str(size) for size in sizes],
        title={"text": "labelled images of each class", "font": {"size": 12}},
        showgrid=False,
        fixedrange=True,
    )
    points = [point for space in comparison.spaces for point in space.curve or []]
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
            text=[_text(space.id) for space in shown],
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
    quiet_layout(figure, height=260)
    figure.update_layout(dragmode=False, margin={"t": 24, "r": 48})
    figure.update_xaxes(
        type="log",
        title={"text": "images per second", "font": {"size": 12}},
        gridcolor=GRID,
        fixedrange=True,
        tickvals=SPEEDS,
        ticktext=[f"{speed:,}" for speed in SPEEDS],
        # A single speed needs room on both sides.
        range=[np.log10(min(speeds)) - 0.3, np.log10(max(speeds)) + 0.3],
    )
    shares = [accuracies[space.id] for space in shown]
    figure.update_yaxes(**_SHARES, range=share_range(shares))
    return figure


def with_speed(comparison: Comparison, accuracies: Mapping[str, float]) -> list[SpaceReport]:
    """The spaces whose speed and accuracy are known."""
    return [
        space for space in comparison.spaces if space.images_per_second and space.id in accuracies
    ]


def likeness_chart(comparison: Comparison) -> go.Figure:
    """Linear CKA between the spaces, each to each."""
    names = [space.id for space in comparison.spaces]
    values = np.eye(len(names))
    for pair in comparison.pairs:
        one, other = names.index(pair.first), names.index(pair.second)
        values[one, other] = values[other, one] = pair.cka
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
            x=[_text(name) for name in names],
            y=[_text(name) for name in names],
        )
    )
    # A heat map's own text takes no notice of the theme; a text beside it does.
    places = [(x, y) for y in names for x in names]
    figure.add_scatter(
        x=[_text(x) for x, _ in places],
        y=[_text(y) for _, y in places],
        text=[f"{value:.2f}" for value in values.ravel()],
        mode="text",
        hoverinfo="skip",
        showlegend=False,
    )
    quiet_layout(figure, height=48 * len(names) + 72)
    figure.update_layout(dragmode=False)
    ticks = {"showgrid": False, "zeroline": False, "fixedrange": True, "automargin": True}
    figure.update_xaxes(**ticks, tickangle=0, tickfont={"size": 11})
    figure.update_yaxes(**ticks, autorange="reversed", tickfont={"size": 11})
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
    quiet_layout(figure, height=132)
    figure.update_layout(bargap=0.2, dragmode=False)
    figure.update_xaxes(showgrid=False, fixedrange=True, tickfont={"size": 11})
    figure.update_yaxes(visible=False, fixedrange=True)
    return figure


def _text(name: str) -> str:
    """A name as plotly shows it to the letter."""
    return escape(name, quote=False)


def _faint(color: str) -> str:
    red, green, blue = (int(color[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.16)"
