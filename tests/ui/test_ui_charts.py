"""Histograms that a threshold cuts."""

import re

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from explorer.ui.charts.histograms import histogram

floats = st.floats(0, 1, width=32)
BAR = re.compile(
    r'<span(?: class="(meant)?")? title="(\S+) to (\S+): ([\d,]+)"><i style="height:([\d.]+)%"></i>'
)


def bars(html: str) -> list[tuple[bool, float, float, int, float]]:
    """Whether each is marked, from where to where it goes, its count and its height in percent."""
    return [
        (bool(meant), float(low), float(high), int(count.replace(",", "")), float(height))
        for meant, low, high, count, height in BAR.findall(html)
    ]


@given(arrays(np.float32, st.integers(1, 50), elements=floats))
def test_every_value_is_counted_and_can_be_seen(values: np.ndarray) -> None:
    found = bars(histogram(values, 0.5, ends=(0.1, 0.7)))
    assert len(found) == 48
    assert sum(count for *_, count, _ in found) == len(values)
    assert all((height >= 10) == (count > 0) for *_, count, height in found)
    assert max(height for *_, height in found) == 100


@given(st.floats(0.01, 0.99), st.booleans())
def test_the_part_that_is_meant_is_marked(threshold: float, upwards: bool) -> None:
    values = np.linspace(0, 1, 1000)
    html = histogram(values, threshold, ends=(0.0, 1.0), upwards=upwards)
    for meant, low, high, _, _ in bars(html):
        if low - threshold > 0.001:
            assert meant == upwards
        elif threshold - high > 0.001:
            assert meant != upwards
    assert f"left:{threshold:.1%}" in html
