"""The panel that makes a condition: a column, and what fits its kind."""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import streamlit as st

from explorer.filters import (
    Condition,
    Contains,
    Days,
    Filter,
    OneOf,
    Present,
    Range,
    Tagged,
    shown_mask,
    value_names,
    without,
)
from explorer.insight.columns import categories, filterable, is_group_codes, is_known, numbers
from explorer.insight.rounding import A_DAY, day_of, decimals, on_grid, round_step, seconds_of
from explorer.store import MY_TAGS, Space, rows_of
from explorer.ui.charts.histograms import range_histogram
from explorer.ui.elements import one_of
from explorer.ui.html import show
from explorer.ui.panels.thresholds import STEPS
from explorer.ui.view import View

MOST_VALUES = 1000  # in the list of a column's values
SOME, ANY, NONE = "These", "Any value", "No value"


Kind = TypeVar("Kind", OneOf, Contains, Range, Days, Tagged)


@dataclass(frozen=True)
class _Question:
    """What the panel asks: of which column, and what the filter has to say of it already."""

    space: Space
    column: str
    filter: Filter
    key: str

    def asked(self, kind: type[Kind]) -> Kind | None:
        """The condition of that kind on the column, if there is one."""
        found = (each for each in self.filter if isinstance(each, kind))
        return next((each for each in found if each.columns == {self.column}), None)

    @property
    def others(self) -> npt.NDArray[np.bool_]:
        """What all conditions on other columns let through, (n,) bool."""
        return shown_mask(self.space, without(self.filter, self.column))


def control(view: View, turn: int) -> Condition | None:
    """Choose a column and what is wanted of it; None while nothing is."""
    space = view.space
    names = filterable(space)
    titles = {name: space.column_meta(name).title for name in names}
    column = st.selectbox(
        "Column",
        names,
        format_func=lambda name: titles[name],
        key=f"filter_column_{turn}",
        help="Every column can be filtered by; typing finds one.",
    )
    show("p", "{}", space.column_meta(column).explains, classes="facts")
    question = _Question(space, column, view.filter, f"filter_{turn}_{column}")
    presence = _presence(question)
    if presence != SOME:
        return Present(column, presence == ANY, codes=is_group_codes(space, column))
    if column == MY_TAGS:
        return _tags(question)
    controls = {"category": _values, "text": _text, "number": _range, "time": _days}
    return controls[space.column_meta(column).kind](question)


def _presence(question: _Question) -> str:
    known = is_known(question.space, question.column)
    if known.all():
        return SOME
    count = int(known.sum())
    named = {SOME: SOME, ANY: f"{ANY} ({count:,})", NONE: f"{NONE} ({len(known) - count:,})"}
    return one_of(
        "Values",
        [SOME, ANY, NONE] if count else [NONE],
        default=SOME if count else NONE,
        format_func=lambda each: named[each],
        key=f"{question.key}_presence",
        label_visibility="collapsed",
        help="Some of its values, or only whether it has one.",
    )


def _values(question: _Question) -> Condition | None:
    space, column = question.space, question.column
    found = categories(space, column)
    counts = np.bincount(found.codes[question.others], minlength=len(found.names))
    names = found.names[:MOST_VALUES]
    values: list[str | int] = [*map(int, names)] if is_group_codes(space, column) else [*names]
    count_of = dict(zip(values, counts.tolist(), strict=False))
    called = value_names(space, column)
    asked = question.asked(OneOf)
    chosen = st.multiselect(
        "Values",
        values,
        default=[each for each in (asked.values if asked else ()) if each in count_of],
        format_func=lambda value: f"{called.get(value, value)} ({count_of[value]:,})",
        key=question.key,
        placeholder="one or several",
        wrap=False,  # the button below stays where it is
        help="Images that have one of these values; in brackets how many there are.",
    )
    if len(found.names) > len(values):
        more = f"The {len(values):,} most frequent of {len(found.names):,}; SQL reaches the others."
        show("p", "{}", more, classes="facts")
    return OneOf(column, tuple(chosen)) if chosen else None


def _tags(question: _Question) -> Condition | None:
    space = question.space
    others = question.others
    counts = {
        tag.name: int(others[rows_of(tag.ids, space.image_ids)].sum())
        for tag in space.dataset.tagging.sets
    }
    asked = question.asked(Tagged)
    wanted = one_of(
        "Which images",
        ["With any of", "With none of"],
        default="With none of" if asked and not asked.holds else "With any of",
        key=f"{question.key}_holds",
        label_visibility="collapsed",
        help="Images that have one of these tags, or images that have none of them.",
    )
    chosen = st.multiselect(
        "Tags",
        list(counts),
        default=[name for name in (asked.names if asked else ()) if name in counts],
        format_func=lambda name: f"{name} ({counts[name]:,})",
        key=question.key,
        placeholder="one or several",
        wrap=False,
        help="In brackets how many images have it.",
    )
    return Tagged(tuple(chosen), holds=wanted == "With any of") if chosen else None


def _text(question: _Question) -> Condition | None:
    asked = question.asked(Contains)
    text = st.text_input(
        "Contains", asked.text if asked else "", key=question.key, help="In capitals or not."
    )
    return Contains(question.column, text.lower()) if text else None


def _range(question: _Question) -> Condition | None:
    column = question.column
    values = numbers(question.space, column)
    finite = values[np.isfinite(values)].astype(np.float64)
    if not len(finite):
        show("p", "No finite number.", classes="hint")
        return None
    first, last = float(finite.min()), float(finite.max())
    if first == last:
        show("p", "{} everywhere.", f"{first:,.6g}", classes="hint")
        return None
    step = round_step((last - first) / STEPS)
    if pa.types.is_integer(question.space.arrow_column(column).type):
        step = max(step, 1.0)
    low, high = on_grid(first, step, np.floor), on_grid(last, step, np.ceil)
    asked = question.asked(Range) or Range(column)
    start = low if asked.low is None else min(max(asked.low, low), high)
    end = high if asked.high is None else max(min(asked.high, high), start)
    chart = st.empty()
    chosen = st.slider(
        "From and to",
        low,
        high,
        (start, end),
        step,
        format=f"%.{decimals(step)}f",
        key=question.key,
        help="Both ends are included. Images without a value do not pass.",
    )
    chart.html(range_histogram(values[question.others], chosen, ends=(low, high)))
    if chosen == (low, high):
        return Present(column, True)
    start, end = chosen
    return Range(column, None if start == low else start, None if end == high else end)


def _days(question: _Question) -> Condition | None:
    seconds = numbers(question.space, question.column)
    finite = seconds[np.isfinite(seconds)]
    first, last = day_of(finite.min()), day_of(finite.max())
    if first == last:
        show("p", "All of {}.", first, classes="hint")
        return None
    asked = question.asked(Days) or Days(question.column, first, last)
    chart = st.empty()
    start, end = st.slider(
        "From and to",
        first,
        last,
        (min(max(asked.first, first), last), max(min(asked.last, last), first)),
        key=question.key,
        help="Both days are included. Images without a time do not pass.",
    )
    ends = (seconds_of(first), seconds_of(last) + A_DAY)
    meant = (seconds_of(start), seconds_of(end) + A_DAY)
    chart.html(range_histogram(seconds[question.others], meant, ends=ends))
    return Days(question.column, start, end)
