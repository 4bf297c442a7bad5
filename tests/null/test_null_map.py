"""A map of what has no structure is called misleading, and nobody on a new one was placed later."""

from pathlib import Path

import pytest
from nothing import CLOUDS, gaussian, on_sphere
from support.fakes import analyzed, fill

from explorer.analysis import Inputs, find_analysis, map_layout, map_quality, neighbor_graph
from explorer.insight.summary import map_verdict
from explorer.store import Space


@pytest.mark.parametrize("draw", [gaussian, on_sphere])
@pytest.mark.parametrize(("n", "d"), [(20, 64), (128, 1280), (600, 64)])
def test_a_map_of_nothing_is_no_guide(draw, n: int, d: int) -> None:
    vectors = draw(n, d)
    layout = map_layout(neighbor_graph(vectors, k=min(30, n - 1)), vectors)
    trust = map_quality(layout, vectors).trustworthiness
    assert map_verdict(trust) == "misleads", trust


@pytest.mark.parametrize("cloud", CLOUDS)
@pytest.mark.parametrize("n", [1, 9, 60])
def test_of_a_new_map_nobody_was_placed_later(cloud, n: int) -> None:
    vectors = cloud(n, 32)
    analysis = find_analysis("map")
    made = analysis.run(Inputs(neighbor_graph(vectors), lambda: vectors), analysis.settings)
    assert made.columns["map_placed"].tolist() == [0] * n
    assert made.figures["map_placed"] == 0


def placed(space: Space) -> set[str]:
    values = space.column("map_placed")
    assert set(values.tolist()) <= {0, 1}
    return set(space.column("path")[values == 1].tolist())


def test_placed_later_are_the_new_ones_and_no_others(tmp_path: Path) -> None:
    """Neither when nothing came, nor when images left."""
    source = fill(tmp_path / "photos", {f"{number:02}.jpg": number for number in range(40)})
    cache = tmp_path / "cache"
    for _ in range(2):
        assert placed(analyzed(source, cache).space()) == set()
    fill(source, {f"new{number}.jpg": 100 + number for number in range(4)})
    new = {f"new{number}.jpg" for number in range(4)}
    assert placed(analyzed(source, cache).space()) == new
    (source / "07.jpg").unlink()
    (source / "new2.jpg").unlink()
    assert placed(analyzed(source, cache).space()) == new - {"new2.jpg"}
    fill(source, {f"more{number}.jpg": 200 + number for number in range(9)})  # too many by now
    assert placed(analyzed(source, cache).space()) == set()
