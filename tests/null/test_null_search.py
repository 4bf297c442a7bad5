"""A new image of the same kind as all others is seldom said to be unlike them."""

from pathlib import Path

import numpy as np
import pytest
from nothing import gaussian, on_sphere
from support.planted_space import planted_space

from explorer.search import Examples, unfamiliar

ASKED = 300


@pytest.mark.parametrize("draw", [gaussian, on_sphere])
@pytest.mark.parametrize("n", [20, 100, 1000])
def test_nothing_is_unlike_what_it_was_drawn_with(tmp_path: Path, draw, n: int) -> None:
    vectors = draw(n + ASKED, 32)
    space = planted_space(tmp_path / "set", vectors[:n])
    said = [unfamiliar(space, Examples(vectors=(each,))) != "" for each in vectors[n:]]
    stated = 0.01 + 1 / n  # one in a hundred, and of few images the loneliest is one more
    assert np.mean(said) <= stated + 3 * np.sqrt(stated * (1 - stated) / ASKED)
