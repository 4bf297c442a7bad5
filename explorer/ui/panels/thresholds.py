"""A threshold that is dragged beside the histogram of what it cuts."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from explorer.insight.markup import piece
from explorer.insight.rounding import decimals, on_grid, round_step
from explorer.store import Values
from explorer.ui.charts.histograms import histogram

STEPS = 200


@dataclass(frozen=True)
class Threshold:
    """What a slider is about: its values, where it starts, and in words what it does.

    `low` and `high` are its ends. `upwards`: what lies at or above the threshold is meant; else
    what lies at or below.
    """

    title: str
    help: str
    values: Values
    start: float
    low: float
    high: float
    upwards: bool = True


def threshold_slider(about: Threshold, *, key: str) -> float:
    """The histogram, what is meant in the accent colour, over a slider; returns where it stands.

    Where it has not been moved that is exactly `start`, which may lie between two steps.
    """
    values = about.values[np.isfinite(about.values)]
    if not len(values):
        return about.start
    if not about.low < about.high:
        return about.low
    step = round_step((about.high - about.low) / STEPS)
    # At one end nothing is cut off, at the other something is left.
    to_whole = np.floor if about.upwards else np.ceil
    low, high = on_grid(about.low, step, to_whole), on_grid(about.high, step, to_whole)
    start = min(max(on_grid(about.start, step, np.round), low), high)
    chart = st.empty()
    words = (f"{low:g}", "how many, on a logarithmic scale", f"{high:g}")
    st.html(piece("p", "".join(piece("span", "{}", each) for each in words), classes="ends facts"))
    threshold = st.slider(
        about.title,
        low,
        high,
        start,
        step,
        format=f"%.{decimals(step)}f",
        key=f"threshold_{key}",
        persist_state="session",
        help=about.help,
    )
    if threshold == start and low <= about.start <= high:
        threshold = about.start
    chart.html(histogram(values, threshold, ends=(low, high), upwards=about.upwards))
    return threshold
