"""Conditions made by clicking: SQL that is recognised again, and said in words."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from planted_space import directions, planted_space

from explorer.errors import UsageError
from explorer.store import Space
from explorer.ui.conditions import (
    UNLIKE_LABELS,
    Between,
    Contains,
    Days,
    Known,
    OneOf,
    Tagged,
    added,
    as_one,
    column_of,
    in_words,
    read,
    toggled,
)
from explorer.ui.filtering import say, shown_rows

words = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1)
numbers = st.integers(-(10**12), 10**12) | st.floats(-1e9, 1e9).filter(lambda x: x != 0)
days = st.dates(date(1970, 1, 2), date(2100, 1, 1))
conditions = st.one_of(
    st.builds(Between, words, numbers, numbers),
    st.builds(Between, words, numbers, st.none()),
    st.builds(Between, words, st.none(), numbers),
    st.builds(lambda name, day, n: Days(name, day, day + timedelta(n)), words, days, st.just(9)),
    st.builds(
        OneOf, words, st.lists(words | st.integers(-1, 10**6), min_size=1, max_size=5).map(tuple)
    ),
    st.builds(Contains, words, words.map(str.lower)),
    st.builds(Known, words, st.booleans(), st.booleans()),
    st.builds(Tagged, st.lists(words, min_size=1, max_size=4).map(tuple), st.booleans()),
)


@given(conditions)
def test_what_a_click_made_is_recognised_by_its_sql(condition) -> None:
    assert read(condition.sql) == condition or read(condition.sql).sql == condition.sql
    assert column_of(condition.sql) == condition.column


@pytest.mark.parametrize(
    "sql",
    [
        "label = 'a' OR label = 'b'",
        "label = 'a' --",
        "width BETWEEN 1 AND 2 AND height > 3",
        "mtime >= DATE '2024-99-99' AND mtime < DATE '2024-01-02'",
        "taken >= DATE '2024-01-01' AND mtime < DATE '2024-01-02'",
        "label IN (1.5)",
        "label='a'",
        "",
    ],
)
def test_what_people_wrote_in_another_form_stays_as_it_is(sql: str) -> None:
    assert read(sql) is None
    assert in_words(sql, str.upper, lambda column, value: value) == sql


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        (Between("width", 640, 1024.5), "WIDTH 640 to 1,024.5"),
        (Between("width", low=640), "WIDTH at least 640"),
        (Between("width", high=0.25), "WIDTH at most 0.25"),
        (Between("width", 0, 0), "WIDTH 0 to 0"),
        (Days("taken", date(2024, 1, 1), date(2024, 2, 29)), "TAKEN 2024-01-01 to 2024-02-29"),
        (OneOf("label", ("fish",)), "LABEL is fish"),
        (OneOf("label", ("fish", "cat")), "LABEL is fish or cat"),
        (OneOf("label", ("a", "b", "c")), "LABEL is a, b or c"),
        (OneOf("label", ("a", "b", "c", "d", "e")), "LABEL is a, b or 3 others"),
        (Contains("path", "IMG"), "PATH contains “img”"),
        (Known("split", True), "SPLIT: any"),
        (Known("cluster", False, codes=True), "CLUSTER: none"),
    ],
)
def test_a_condition_is_said_in_words(condition, said: str) -> None:
    assert in_words(condition.sql, str.upper, lambda column, value: str(value)) == said


def test_a_second_condition_of_a_kind_replaces_the_first() -> None:
    where = added(added((), Between("width", low=1)), OneOf("label", ("a",)))
    assert where == ("width >= 1", "label = 'a'")
    assert added(where, Between("width", 2, 3)) == ("label = 'a'", "width BETWEEN 2 AND 3")
    assert added(where, Between("height", low=1)) == (*where, "height >= 1")
    assert added(where, "label = 'a'") == where
    assert added(where, "true") == (*where, "true")


@given(st.lists(words | st.integers(-1, 9), max_size=6), words | st.integers(-1, 9))
def test_a_value_clicked_twice_changes_nothing(values: list, value) -> None:
    where = ("width >= 1",)
    for each in dict.fromkeys(values):
        where = toggled(where, "label", each)
    again = toggled(toggled(where, "label", value), "label", value)
    assert set(map(_unordered, again)) == set(map(_unordered, where))


def _unordered(sql: str):
    condition = read(sql)
    return frozenset(condition.values) if isinstance(condition, OneOf) else sql


@pytest.fixture(scope="module")
def space(tmp_path_factory) -> Space:
    """Ten images: five cats, four dogs, one without a label; two groups of duplicates."""
    return planted_space(
        tmp_path_factory.mktemp("filter") / "set",
        directions([*range(10)]),
        images={"label": [*["cat"] * 5, *["dog"] * 4, None], "width": list(range(10))},
        columns={
            "cluster": np.array([0, 0, 0, 1, 1, 1, 1, -1, -1, 0], np.int32),
            "duplicate_group": np.array([0, 0, -1, -1, 1, 1, -1, -1, -1, -1], np.int32),
        },
        groups={"cluster": [{"code": 0, "name": "pets", "image_id": 100, "purity": 0.5}]},
    )


@pytest.mark.parametrize(
    ("where", "rows"),
    [
        ((), None),
        ((OneOf("label", ("cat",)).sql,), [0, 1, 2, 3, 4]),
        ((OneOf("label", ("cat",)).sql, Between("width", low=3).sql), [3, 4]),
        ((OneOf("cluster", (1, -1)).sql,), [3, 4, 5, 6, 7, 8]),
        ((Known("cluster", False, codes=True).sql,), [7, 8]),
        ((Known("label", False).sql,), [9]),
        ((Contains("path", "3.JPG").sql,), [3]),
        (("label = 'cat' OR label IS NULL", "width < 1 OR width > 8 -- ends"), [0, 9]),
        ((UNLIKE_LABELS,), [4, 5]),
    ],
)
def test_the_rows_for_which_every_condition_is_true(space: Space, where, rows) -> None:
    shown = shown_rows(space, where)
    assert (None if shown is None else shown.tolist()) == rows


@pytest.mark.parametrize(
    "conditions",
    [
        ("label = 'cat'",),
        ("label = 'cat' OR label IS NULL", "width < 1 OR width > 8 -- ends", "width >= 0"),
        (Between("width", 1, 4).sql, OneOf("label", ("cat", "--")).sql, UNLIKE_LABELS, "true"),
    ],
)
def test_a_filter_is_one_expression_for_the_command_line(space: Space, conditions) -> None:
    rows = shown_rows(space, conditions)
    assert shown_rows(space, (as_one(conditions),)).tolist() == rows.tolist()


def test_a_condition_that_does_not_work_is_an_error_in_words(space: Space) -> None:
    with pytest.raises(UsageError, match="does not work"):
        shown_rows(space, ("label = 'cat'", "nonsense > 1"))


def test_clusters_are_called_by_their_names(space: Space) -> None:
    assert say(space, OneOf("cluster", (0, 1)).sql) == "Cluster is pets or 1"
    assert say(space, OneOf("no_such_column", (0,)).sql) == "no_such_column is 0"
