"""A map of what has no structure is called misleading."""

import pytest
from nothing import gaussian, on_sphere

from explorer.analysis import map_layout, map_quality, neighbour_graph
from explorer.ui.summary import map_verdict


@pytest.mark.parametrize("draw", [gaussian, on_sphere])
@pytest.mark.parametrize(("n", "d"), [(20, 64), (128, 1280), (600, 64)])
def test_a_map_of_nothing_is_no_guide(draw, n: int, d: int) -> None:
    vectors = draw(n, d)
    layout = map_layout(neighbour_graph(vectors, k=min(30, n - 1)), vectors)
    trust = map_quality(layout, vectors).trustworthiness
    assert map_verdict(trust) == "misleads", trust
