"""One's own groups as the pages show them, and what they can be split into."""

from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest
from support.planted_space import directions, planted_space

from explorer.errors import UsageError
from explorer.filters import OneOf, Sql, shown_rows
from explorer.insight.clustering import cluster_links, cluster_summaries, traits
from explorer.insight.regrouping import clusters_as_groups, finer_parts, group_rows, halves
from explorer.serving.registry import current, open_space, serve
from explorer.serving.urls import column_url
from explorer.store import Dataset, Space

PAGES = Path(__file__).parents[2] / "pages"

NAMES = {"cluster": ("fish", "boats"), "cluster_many": ("carp", "eels", "boats")}


@pytest.fixture
def space(tmp_path: Path) -> Space:
    """Sixty images at 0° and at 90°; finer clusters tell 0° from 20°; two are alone."""
    degrees = np.concatenate([np.repeat([0.0, 20.0, 90.0], (24, 16, 20)), [200.0, 260.0]])
    degrees[:60] += np.random.default_rng(0).normal(size=60)
    granularities = {
        "cluster": np.repeat([0, 1, -1], (40, 20, 2)).astype(np.int32),
        "cluster_many": np.repeat([0, -1, 1, 2, -1], (23, 1, 16, 20, 2)).astype(np.int32),
    }
    made = planted_space(
        tmp_path / "set",
        directions(degrees.tolist()),
        columns={**granularities, "isolation": np.full(62, 0.1, np.float32)}
        | {"map_x": np.cos(degrees).astype(np.float32), "map_y": degrees.astype(np.float32)},
        groups={
            granularity: [
                {"code": code, "name": name, "image_id": 100, "purity": 1.0}
                for code, name in enumerate(NAMES[granularity])
            ]
            for granularity in NAMES
        },
    )
    serve(made.dataset)
    return made


def mine(space: Space) -> Space:
    """The space as a page sees it next."""
    return open_space(current(space.dataset), space.id)


def grouped(space: Space) -> Space:
    space.dataset.my_groups.make(clusters_as_groups(space, "cluster"))
    return mine(space)


def test_clusters_become_groups_and_those_in_none_stay_so(space: Space) -> None:
    here = grouped(space)
    found = cluster_summaries(here, "my_group")
    assert [(each.name, each.size) for each in found] == [("fish", 40), ("boats", 20)]
    assert here.column("my_group")[60:].tolist() == [None, None]
    assert cluster_links(here, "my_group").shape == (2, 2)
    assert traits(here, "my_group", 0) is not None


def test_groups_are_of_all_images_whatever_is_filtered(space: Space) -> None:
    here = grouped(space)
    shown = cluster_summaries(here, "my_group", (Sql("image_id < 110"),))
    assert [(each.name, each.size) for each in shown] == [("fish", 10)]
    assert len(group_rows(here, shown[0].number)) == 40


def test_every_change_is_seen_by_pages_filters_and_the_map(space: Space) -> None:
    here = grouped(space)
    assert len(shown_rows(here, (OneOf("my_group", ("boats",)),))) == 20
    urls = {name: column_url(here, name) for name in ("my_group", "map_x")}
    here.dataset.my_groups.merge("boats", into="fish")
    after = mine(space)
    assert [each.size for each in cluster_summaries(after, "my_group")] == [60]
    assert len(shown_rows(after, (OneOf("my_group", ("boats",)),))) == 0
    assert column_url(after, "my_group") != urls["my_group"]
    assert column_url(after, "map_x") == urls["map_x"]  # it does not travel again
    assert mine(space) is after  # nothing is read again while nothing changes
    after.dataset.my_groups.undo()
    assert len(shown_rows(mine(space), (OneOf("my_group", ("boats",)),))) == 20


def test_a_finer_grain_takes_a_group_apart(space: Space) -> None:
    parts = finer_parts(space, np.arange(40))
    assert parts is not None
    [(name, rows)] = parts.new
    assert (name, rows.tolist(), parts.staying) == ("eels", [*range(24, 40)], 24)
    assert finer_parts(space, np.arange(40, 60)) is None  # in one cluster at every granularity
    assert finer_parts(space, np.arange(60, 62)) is None  # in none


def test_a_grain_that_tears_off_next_to_nothing_does_not_count(space: Space) -> None:
    parts = finer_parts(space, np.append(np.arange(40), 40))  # one boat among the fish
    assert parts is not None
    assert [name for name, _ in parts.new] == ["eels"]


def test_two_halves_are_what_the_images_are_most_alike_in(space: Space) -> None:
    rows = np.arange(60)
    parts = halves(space, rows, "all")
    [(name, there)] = parts.new
    assert (name, there.tolist(), parts.staying) == ("all", [*range(40, 60)], 40)
    [(_, again)] = halves(space, rows, "all").new
    assert again.tolist() == there.tolist()


def test_a_large_group_is_halved_in_parts(space: Space, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("explorer.insight.regrouping.BLOCK", 7)
    monkeypatch.setattr("explorer.insight.regrouping.LEARNT_FROM", 20)
    [(_, there)] = halves(space, np.arange(60), "all").new
    assert there.tolist() == [*range(40, 60)]


@pytest.mark.parametrize("count", [1, 2, 5])
def test_what_is_all_alike_has_no_halves(tmp_path: Path, count: int) -> None:
    space = planted_space(tmp_path / "same", np.ones((6, 3)))
    with pytest.raises(UsageError, match=r"'x' are all alike"):
        halves(space, np.arange(count), "x")


def pressed(app: AppTest, label: str) -> AppTest:
    [button] = [each for each in app.button if each.label == label]
    button.click().run()
    assert not app.exception, app.exception
    return app


def test_the_page_goes_to_mine_and_back(space: Space, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXPLORER_CACHE", str(space.dataset.root.parent))
    app = AppTest.from_file(PAGES / "clusters.py", default_timeout=60).run()
    assert not app.exception, app.exception
    pressed(app, "Make these my groups")
    assert app.select_slider[0].value == "my_group"
    elsewhere = Dataset(space.dataset.root).my_groups
    elsewhere.rename("fish", "<i>all</i>")
    app.run()
    written = "".join(element.proto.body for element in app.get("html"))
    assert "<h2>&lt;i&gt;all&lt;/i&gt;</h2>" in written
    pressed(app, "Undo")
    elsewhere.undo()  # there are none any more when the page runs next
    app.run()
    assert not app.exception, app.exception
    assert app.select_slider[0].value == "cluster"
