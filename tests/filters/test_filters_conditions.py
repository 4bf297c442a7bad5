"""Conditions: each in SQL, in words and in JSON, and what a filter made of them lets through."""

import json
from dataclasses import fields
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.planted_space import directions, planted_space

from explorer.errors import UsageError
from explorer.filters import (
    KINDS,
    Condition,
    Contains,
    Days,
    LooksOtherwise,
    OneOf,
    Present,
    Range,
    ShorterSide,
    Sql,
    Tagged,
    UnlikeLabels,
    added,
    decode,
    encode,
    expression,
    in_words,
    shown_rows,
    toggled,
    without,
)
from explorer.filters.parsing import with_tags_renamed
from explorer.store import Space

words = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1)
whole = st.integers(-(10**12), 10**12)
numbers = whole | st.floats(-1e9, 1e9)
days = st.dates(date(1970, 1, 2), date(2100, 1, 1))
conditions = st.one_of(
    st.builds(Range, words, numbers, numbers),
    st.builds(Range, words, numbers, st.none()),
    st.builds(Range, words, st.none(), numbers),
    st.builds(lambda name, day, n: Days(name, day, day + timedelta(n)), words, days, st.just(9)),
    st.builds(OneOf, words, st.lists(words | whole, min_size=1, max_size=5).map(tuple)),
    st.builds(Contains, words, words),
    st.builds(Present, words, st.booleans(), st.booleans()),
    st.builds(ShorterSide, st.integers(0, 99), st.integers(0, 99)),
    st.builds(Tagged, st.lists(words, min_size=1, max_size=4).map(tuple), st.booleans()),
    st.builds(Sql, words),
    st.just(UnlikeLabels()),
    st.just(LooksOtherwise()),
)


@given(conditions)
def test_every_condition_comes_back_from_its_json(condition: Condition) -> None:
    assert decode(encode(condition)) == condition
    assert "\n" not in encode(condition)


def test_every_kind_is_tried_above() -> None:
    tried = {type(each) for each in (*map(decode, EXAMPLES), Range("width", low=1))}
    assert tried == {*KINDS.values()}


EXAMPLES = [
    '{"kind":"range","column":"width","low":1,"high":2.5}',
    '{"kind":"days","column":"taken","first":"2024-01-01","last":"2024-02-29"}',
    '{"kind":"one_of","column":"cluster","values":[3,"a"]}',
    '{"kind":"contains","column":"path","text":"IMG"}',
    '{"kind":"present","column":"split","present":true,"codes":false}',
    '{"kind":"shorter_side","low":0,"high":31}',
    '{"kind":"tagged","names":["keep"],"holds":false}',
    '{"kind":"unlike_labels"}',
    '{"kind":"looks_otherwise"}',
    '{"kind":"sql","text":"width > height"}',
]


@pytest.mark.parametrize("text", EXAMPLES)
def test_links_and_recipes_keep_their_form(text: str) -> None:
    assert json.loads(encode(decode(text))) == json.loads(text)


@pytest.mark.parametrize(
    "text",
    [
        '{"kind":"sql","text":"\\ud800"}',  # half of a character
        '{"kind":"one_of","column":"label","values":["\\udfff"]}',
        "",
        "label = 'a'",
        "[]",
        "9",
        "{}",
        '{"kind":9}',
        '{"kind":["sql"]}',
        '{"kind":"range"}',
        '{"kind":"range","column":9}',
        '{"kind":"range","column":"a","low":"1"}',
        '{"kind":"range","column":"a","low":true}',
        '{"kind":"range","column":"a","low":NaN}',
        '{"kind":"range","column":"a","low":1e999}',
        '{"kind":"range","column":"a","low":1' + "0" * 400 + "}",
        '{"kind":"range","column":"a","more":1}',
        '{"kind":"days","column":"a","first":"2024-99-99","last":"2024-01-01"}',
        '{"kind":"days","column":"a","first":"2024-01-01","last":"9999-12-31"}',
        '{"kind":"one_of","column":"a","values":[]}',
        '{"kind":"one_of","column":"a","values":"abc"}',
        '{"kind":"one_of","column":"a","values":[1.5]}',
        '{"kind":"one_of","column":"a","values":[[1]]}',
        '{"kind":"tagged","names":[1]}',
        '{"kind":"present","column":"a","present":1}',
        '{"kind":"sql","text":null}',
        '{"kind":"sql","text":"' + "x" * 100_000 + '"}',
        "[" * 30_000,
        '{"kind":"one_of","column":"a","values":' + "[" * 30_000 + "]" * 30_000 + "}",
    ],
)
def test_what_is_no_condition_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        decode(text)
    assert len(str(caught.value)) < 600


def test_a_range_without_ends_is_every_number(space: Space) -> None:
    assert shown_rows(space, (Range("width"),)).tolist() == [*range(10)]


class Shout:
    """Names in capitals, so that it shows what was asked for."""

    def title(self, column: str) -> str:
        return column.upper()

    def value(self, _column: str, value: str | int) -> str:
        return str(value)


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        (Range("width", 640, 1024.5), "WIDTH 640 to 1,024.5"),
        (Range("width", low=640), "WIDTH at least 640"),
        (Range("width", high=0.25), "WIDTH at most 0.25"),
        (Range("width", 0, 0), "WIDTH 0 to 0"),
        (Range("width"), "WIDTH: any number"),
        (Days("taken", date(2024, 1, 1), date(2024, 2, 29)), "TAKEN 2024-01-01 to 2024-02-29"),
        (OneOf("label", ("fish",)), "LABEL is fish"),
        (OneOf("label", ("fish", "cat")), "LABEL is fish or cat"),
        (OneOf("label", ("a", "b", "c")), "LABEL is a, b or c"),
        (OneOf("label", ("a", "b", "c", "d", "e")), "LABEL is a, b or 3 others"),
        (Contains("path", "IMG"), "PATH contains “img”"),
        (Present("split", True), "SPLIT: any"),
        (Present("cluster", False, codes=True), "CLUSTER: none"),
        (ShorterSide(0, 31), "Shorter side under 32 px"),
        (ShorterSide(8192, 1_000_000), "Shorter side 8192 px and up"),
        (Tagged(("a", "b"), holds=False), "MY_TAGS: not a or b"),
        (UnlikeLabels(), "Duplicates with unlike labels"),
        (LooksOtherwise(), "Looks like another label"),
        (Sql("label = 'a' -- hm"), "label = 'a' -- hm"),
    ],
)
def test_a_condition_is_said_in_words(condition: Condition, said: str) -> None:
    assert condition.words(Shout()) == said


@pytest.mark.parametrize(
    ("sql", "columns"),
    [
        ("IMAGES::VARCHAR LIKE '%cat%'", None),
        ("label = 'a' OR Width > 3 -- height", {"label", "width"}),
        ("'x' IN tagged", {"tagged", "my_tags"}),
        ("images.path LIKE '%a%'", None),
        ("label = 'my_tags'", {"label"}),
        ("COLUMNS('w.*') > 1", None),
        ("#1 > 1", None),
        ("width IN (SELECT width FROM images)", None),
        ("label =", None),
    ],
)
def test_what_sql_reads_is_known_from_its_parser(sql: str, columns: set[str] | None) -> None:
    assert Sql(sql).columns == columns


def test_a_second_condition_of_a_kind_replaces_the_first() -> None:
    wide, cats = Range("width", low=1), OneOf("label", ("a",))
    both = added(added((), wide), cats)
    assert both == (wide, cats)
    assert added(both, Range("width", 2, 3)) == (cats, Range("width", 2, 3))
    assert added(both, Range("height", low=1)) == (*both, Range("height", low=1))
    assert added(both, cats) == both
    assert added(added(both, Sql("true")), Sql("false")) == (*both, Sql("true"), Sql("false"))
    assert without((*both, Sql("label = 'b'")), "label") == (wide, Sql("label = 'b'"))


@given(st.lists(words | st.integers(-1, 9), max_size=6), words | st.integers(-1, 9))
def test_a_value_clicked_twice_changes_nothing(values: list, value: str | int) -> None:
    clicked: tuple[Condition, ...] = (Range("width", low=1),)
    for each in dict.fromkeys(values):
        clicked = toggled(clicked, OneOf("label", (each,)))
    again = toggled(toggled(clicked, OneOf("label", (value,))), OneOf("label", (value,)))
    assert set(map(unordered, again)) == set(map(unordered, clicked))


def unordered(condition: Condition) -> object:
    return frozenset(condition.values) if isinstance(condition, OneOf) else condition


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
    ("asked", "rows"),
    [
        ((), None),
        ((OneOf("label", ("cat",)),), [0, 1, 2, 3, 4]),
        ((OneOf("label", ("cat",)), Range("width", low=3)), [3, 4]),
        ((OneOf("cluster", (1, -1)),), [3, 4, 5, 6, 7, 8]),
        ((Present("cluster", False, codes=True),), [7, 8]),
        ((Present("label", False),), [9]),
        ((Contains("path", "3.JPG"),), [3]),
        ((Sql("label = 'cat' OR label IS NULL"), Sql("width < 1 OR width > 8 -- ends")), [0, 9]),
        ((UnlikeLabels(),), [4, 5]),
    ],
)
def test_the_rows_for_which_every_condition_is_true(space: Space, asked, rows) -> None:
    shown = shown_rows(space, asked)
    assert (None if shown is None else shown.tolist()) == rows
    if asked:  # what the command line takes is the same
        assert shown_rows(space, (Sql(expression(asked)),)).tolist() == rows


@pytest.mark.parametrize(
    "condition",
    [
        Sql("nonsense > 1"),
        OneOf("no_such_column", (1,)),
        Range("label", low=2),
        OneOf("width", ("\udcff",)),
    ],
)
def test_a_condition_that_does_not_work_is_an_error_in_words(
    space: Space, condition: Condition
) -> None:
    with pytest.raises(UsageError, match="does not work"):
        shown_rows(space, (OneOf("label", ("cat",)), condition))


def test_clusters_are_called_by_their_names(space: Space) -> None:
    assert in_words(space, OneOf("cluster", (0, 1))) == "Cluster is pets or 1"
    assert in_words(space, OneOf("no_such_column", (0,))) == "no_such_column is 0"


def test_fields_are_of_types_that_json_can_be_checked_for() -> None:
    """A new kind whose field `decode` cannot read fails here, and not in somebody's link."""
    for example in EXAMPLES:
        made = decode(example)
        assert set(json.loads(example)) == {"kind"} | {each.name for each in fields(made)}


def test_texts_in_other_quotes_are_left_as_they_are_when_tags_are_renamed() -> None:
    for sql in ("$$old$$ IN tagged", "E'ol\\'d' IN tagged"):
        assert with_tags_renamed(sql, lambda _: "new") == sql
    assert with_tags_renamed("'old' IN tagged", lambda _: "new") == "'new' IN tagged"
