"""Histograms that a threshold cuts."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from explorer.ui.charts.bars import histogram
from explorer.ui.charts.style import ACCENT

floats = st.floats(0, 1, width=32)


@given(arrays(np.float32, st.integers(1, 50), elements=floats))
def test_every_value_is_counted(values: np.ndarray) -> None:
    bars = histogram(values, 0.5, ends=(0.1, 0.7)).data[0]
    assert sum(bars.y) == len(values)


@given(st.floats(0.01, 0.99), st.booleans())
def test_the_part_that_is_meant_is_marked(threshold: float, upwards: bool) -> None:
    values = np.linspace(0, 1, 1000)
    bars = histogram(values, threshold, ends=(0.0, 1.0), upwards=upwards).data[0]
    marked = np.array(bars.marker.color) == ACCENT
    sign = 1 if upwards else -1
    from_threshold = sign * (np.array(bars.x) - threshold)
    half = (bars.x[1] - bars.x[0]) / 2 + 1e-9
    assert marked[from_threshold > half].all()
    assert not marked[from_threshold < -half].any()
