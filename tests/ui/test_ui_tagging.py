"""Tags as the pages see them: in filters, on the map, and what is worked out of other columns."""

from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest
from support.planted_space import directions, planted_space

from explorer.filters import (
    Condition,
    OneOf,
    Range,
    Sql,
    Tagged,
    added,
    in_words,
    shown_rows,
    with_names_now,
)
from explorer.insight.columns import categories, numbers
from explorer.serving.registry import current, open_space, serve
from explorer.serving.urls import column_url
from explorer.serving.windows import WINDOW
from explorer.store import Space
from explorer.ui.panels.map import color_of

PAGES = Path(__file__).parents[2] / "pages"


@pytest.fixture
def space(tmp_path: Path) -> Space:
    """Ten images; the ids are 100 to 109."""
    made = planted_space(tmp_path / "set", directions(np.arange(10)))
    serve(made.dataset)
    return open_space(made.dataset, made.id)


def now(space: Space) -> Space:
    """The space as a page sees it next."""
    return open_space(current(space.dataset), space.id)


def shown(space: Space, *where: Condition) -> list[int]:
    rows = shown_rows(now(space), where)
    assert rows is not None
    return rows.tolist()


def test_a_filter_by_tags_says_what_it_means_of_images_without_any(space: Space) -> None:
    space.dataset.tags.add("keep", [100, 101, 102])
    space.dataset.tags.add("it's / no", [102, 103])
    assert shown(space, Tagged(("keep",))) == [0, 1, 2]
    assert shown(space, Tagged(("keep",), holds=False)) == [3, 4, 5, 6, 7, 8, 9]
    assert shown(space, Tagged(("keep", "it's / no"))) == [0, 1, 2, 3]
    assert shown(space, Tagged(("keep", "it's / no"), holds=False)) == [4, 5, 6, 7, 8, 9]
    assert shown(space, Sql("'keep' IN tagged AND NOT 'it''s / no' IN tagged")) == [0, 1]
    assert shown(space, Sql("my_tags IS NULL AND image_id < 105")) == [4]


def test_with_and_without_can_be_asked_at_once(space: Space) -> None:
    tagged = Tagged(("a",)), Tagged(("b",), holds=False)
    both = added(added((), tagged[0]), tagged[1])
    assert both == tagged
    assert [each.sql() for each in both] == ["'a' IN tagged", "'b' NOT IN tagged"]
    assert added(both, Tagged(("c",))) == (tagged[1], Tagged(("c",)))
    space.dataset.tags.add("a", [100])
    assert [in_words(now(space), each) for each in both] == ["Tags: a", "Tags: not b"]


@pytest.mark.parametrize(
    "condition",
    [
        Tagged(("old",)),
        Tagged(("old", "x"), holds=False),
        Sql("'old' IN tagged"),
        Sql("list_has_any(tagged, ['old', 'x'])"),
        Sql("path <> 'é''old' AND (NOT list_contains(tagged , 'old')) OR width > 3 -- 'old'"),
        Sql("'old' NOT IN tagged OR width > 3"),
    ],
)
def test_a_filter_follows_a_tag_that_is_renamed(space: Space, condition: Condition) -> None:
    space.dataset.tags.add("old", [101])
    space.dataset.tags.add("x", [])
    before = shown(space, condition)
    space.dataset.tags.rename("old", "it's new")
    followed = with_names_now(now(space), condition)
    assert "it''s new" in followed.sql()
    assert shown(space, followed) == before
    space.dataset.curation.undo()
    assert with_names_now(now(space), followed) == condition
    assert with_names_now(now(space), Tagged(("never",))) == Tagged(("never",))


def test_a_filter_follows_a_group_that_is_renamed(space: Space) -> None:
    space.dataset.my_groups.make([("one", [100]), ("two", [101, 102])])
    assert shown(space, OneOf("my_group", ("two",))) == [1, 2]
    space.dataset.my_groups.rename("two", "three")
    three = with_names_now(now(space), OneOf("my_group", ("two",)))
    assert three == OneOf("my_group", ("three",))
    both = OneOf("my_group", ("one", "two"))
    assert shown(space, with_names_now(now(space), both)) == [0, 1, 2]


def test_the_map_shows_each_tag_in_its_colour_and_several_in_one_between(space: Space) -> None:
    tags = space.dataset.tags
    tags.add("keep", [100, 101, 102])
    tags.add("sharp", [102])
    tags.recolor("keep", "#ff0000")
    tags.recolor("sharp", "#0000ff")
    found = {
        each.name: (each.count, each.color) for each in color_of(now(space), "my_tags").categories
    }
    assert found == {"keep": (2, "#ff0000"), "keep|sharp": (1, "#800080")}


def test_tagging_reads_nothing_again_but_the_tags(space: Space) -> None:
    space.dataset.tags.add("keep", [100])
    here = now(space)
    widths, tagged = numbers(here, "width"), categories(here, "my_tags")
    wide = Range("width", low=1)
    everything = shown_rows(here, (wide,))
    address = {name: column_url(here, name) for name in ("width", "my_tags")}
    space.dataset.tags.add("keep", [101])
    after = now(space)
    assert after is not here
    assert numbers(after, "width") is widths
    assert shown_rows(after, (wide,)) is everything
    assert categories(after, "my_tags").counts == [2] != tagged.counts
    assert column_url(after, "width") == address["width"]
    assert column_url(after, "my_tags") != address["my_tags"]


def test_a_late_click_on_a_tag_that_has_gone_cannot_mean_the_one_in_its_place(
    space: Space, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EXPLORER_CACHE", str(space.dataset.root.parent))
    for name, ids in (("first", [100]), ("second", [101, 102])):
        space.dataset.tags.add(name, ids)
    first, second = space.dataset.tags.now().sets
    tested = AppTest.from_file(PAGES / "selection.py", default_timeout=60).run()
    space.dataset.tags.delete("first")  # by somebody else; the page is drawn anew before the click
    tested.run()
    assert not tested.exception
    keys = {button.key for button in tested.button}
    assert f"select_tag_{second.id}" in keys
    assert f"select_tag_{first.id}" not in keys
    tested.button(key=f"select_tag_{second.id}").click().run()
    window = tested.session_state[WINDOW]
    assert space.dataset.curation.of(window.session).selected().tolist() == [101, 102]
