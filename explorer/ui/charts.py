"""Plotly charts in the app's own quiet style."""

from typing import Any

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

ACCENT = "#14918a"
QUIET = "#9aa3a0"


def histogram(values: npt.NDArray[Any], threshold: float, *, bins: int = 40) -> go.Figure:
    """How the values are spread; those from the threshold on in the accent colour."""
    counts, edges = np.histogram(values, bins)
    middles = (edges[:-1] + edges[1:]) / 2
    colours = [ACCENT if edge >= threshold else QUIET for edge in edges[1:]]
    bars = go.Bar(x=middles, y=counts, marker_color=colours, hovertemplate="%{x:.3f}: %{y}")
    figure = go.Figure(bars)
    figure.add_vline(threshold, line_color=ACCENT, line_width=2)
    figure.update_layout(
        height=180,
        margin={"l": 0, "r": 0, "t": 8, "b": 0},
        bargap=0.08,
        showlegend=False,
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
    )
    figure.update_traces(name="")
    figure.update_yaxes(visible=False)
    return figure
