"""What the page says of clusters."""

from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest
from support.planted_space import directions, planted_space

from explorer.analysis import Difference
from explorer.filters import Sql
from explorer.insight.clustering import (
    cluster_links,
    cluster_summaries,
    in_words,
    nearest_clusters,
    traits,
    truly_named,
)
from explorer.store import Space
from explorer.ui.panels.cluster_card import label_bar

PAGES = Path(__file__).parents[2] / "pages"

SIZES = (40, 30, 20)


NAMES = ("fish", "boats", "towers")


@pytest.fixture
def space(tmp_path: Path) -> Space:
    return three_clusters(tmp_path / "set", [*np.repeat(NAMES, SIZES).tolist(), None, None])


def three_clusters(root: Path, labels: list[str | None]) -> Space:
    """Three clusters along a circle, the second between the others, and two images in none."""
    rng = np.random.default_rng(0)
    centers = np.repeat([0.0, 40.0, 90.0], SIZES)
    degrees = [*(centers + rng.normal(size=90) * 8), 200.0, 260.0]
    codes = np.array([*np.repeat([0, 1, 2], SIZES), -1, -1], np.int32)
    bright = np.where(codes == 2, 0.8, 0.3) + rng.normal(size=92) * 0.02
    places = {0: 103, 1: 141, 2: 171}
    return planted_space(
        root,
        directions(degrees),
        images={"label": labels},
        columns={
            "cluster": codes,
            "isolation": np.full(92, 0.1, np.float32),
            "brightness": bright.astype(np.float32),
            "map_x": np.cos(np.radians(degrees)).astype(np.float32),
            "map_y": np.sin(np.radians(degrees)).astype(np.float32),
        },
        groups={
            "cluster": [
                {"code": code, "name": name, "image_id": places[code], "purity": 1.0}
                for code, name in enumerate(NAMES)
            ]
        },
    )


def test_a_name_is_true_of_what_is_shown_when_half_of_it_is_or_people_gave_it(space: Space) -> None:
    def named(where: str) -> list[str]:
        return [each.name for each in truly_named(space, "cluster", (Sql(where),))]

    boats = "image_id >= 140 AND image_id < 170"
    assert named(f"{boats} OR image_id < 102") == ["boats"]
    assert named("image_id >= 140 AND image_id < 155") == ["boats"]
    assert named("image_id >= 140 AND image_id < 154") == []
    space.rename_cluster("cluster", 1, "my boats")
    assert named("image_id >= 140 AND image_id < 142") == ["my boats"]


def test_each_has_its_name_its_medoid_and_a_spread_without_repeats(space: Space) -> None:
    found = cluster_summaries(space)
    assert [each.name for each in found] == ["fish", "boats", "towers"]
    assert [each.size for each in found] == list(SIZES)
    for each, medoid in zip(found, (3, 41, 71), strict=True):
        assert each.medoid == medoid
        assert len(set(each.representatives.tolist())) == 9
        assert set(each.representatives.tolist()) <= set(each.rows.tolist())
        assert each.density == pytest.approx(0.9)


def test_the_spread_comes_from_all_parts_of_a_cluster(space: Space) -> None:
    fish = cluster_summaries(space)[0]
    x = space.column("map_x")
    low, high = np.percentile(x[fish.rows], [25, 75])
    shown = x[fish.representatives]
    assert (shown < low).any()
    assert (shown > high).any()


def test_a_new_name_shows_at_once(space: Space) -> None:
    cluster_summaries(space)
    space.rename_cluster("cluster", 1, "<i>ships</i>")
    assert [each.name for each in cluster_summaries(space)] == ["fish", "<i>ships</i>", "towers"]
    space.rename_cluster("cluster", 1, "")
    assert cluster_summaries(space)[1].name == "boats"


def test_the_nearest_cluster_is_the_one_that_neighbours_are_in(space: Space) -> None:
    shares = cluster_links(space, "cluster")
    np.testing.assert_allclose(shares.sum(axis=1), 1, rtol=1e-5)
    # Twenty towers have thirty neighbours each, so ten of them are boats.
    [(other, share)] = nearest_clusters(space, "cluster", 2)
    assert other == 1
    assert 0.2 < share < 0.5


def test_what_sets_one_apart_is_told(space: Space) -> None:
    assert "brightness" in [each.column for each in traits(space, "cluster", 2)]
    # Against the one that is as dark, brightness tells nothing.
    assert "brightness" not in [each.column for each in traits(space, "cluster", 0, 1)]


def test_a_difference_in_words(space: Space) -> None:
    number = Difference("brightness", None, 0.8, 0.3, 0.9)
    assert in_words(space, number) == "Brightness 0.8 (elsewhere 0.3)"
    share = Difference("format", "PNG", 0.5, 0.01, 0.49)
    assert in_words(space, share) == "Format “PNG” 50% (elsewhere 1%)"


def test_without_clusters_there_is_nothing_to_say(tmp_path: Path) -> None:
    assert cluster_summaries(planted_space(tmp_path / "set", directions([0, 1]))) == []


@pytest.mark.parametrize("label", [None, "x"])
def test_the_page_is_shown_with_and_without_labels(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, label: str | None
) -> None:
    three_clusters(tmp_path / "set", [label] * 92)
    monkeypatch.setenv("EXPLORER_CACHE", str(tmp_path))
    app = AppTest.from_file(PAGES / "clusters.py", default_timeout=60).run()
    assert not app.exception, app.exception
    written = "".join(element.proto.body for element in app.get("html"))
    for name in NAMES:
        assert f"<h2>{name}</h2>" in written


def test_labels_in_a_cluster_are_text(space: Space) -> None:
    bar = label_bar(cluster_summaries(space)[0])
    assert "fish 40" in bar
