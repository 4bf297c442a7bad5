"""The filter on every page: its conditions as chips, and a panel to add one."""

import hashlib

import streamlit as st

from explorer.errors import UsageError
from explorer.filters import Condition, Sql, added, encode, expression, in_words, shown_rows
from explorer.insight.markup import piece
from explorer.insight.wording import counted
from explorer.serving.hints import with_hint
from explorer.ui.elements import one_of
from explorer.ui.html import show, warn
from explorer.ui.panels.filter_controls import control
from explorer.ui.state import now
from explorer.ui.view import View

ADD = "add filter"  # the panel closes when a condition was added
EXAMPLE = "label = 'fish' AND outlier_score < 2"


def filter_bar(view: View) -> None:
    """What is shown of the images, how many that are, and how to change it."""
    with st.container(key="filter_bar", horizontal=True, vertical_alignment="center", gap="small"):
        _panel(view)
        for number, condition in enumerate(view.filter, start=1):
            _chip(view, condition, number)
        if view.filter:
            _shown(view)
    for number, condition in enumerate(now().waiting, start=1):
        _waiting(condition, number)


def _waiting(condition: Condition, number: int) -> None:
    with st.container(key=f"filter_waiting_{number}", gap="small"):
        show(
            "p",
            "This filter in SQL is not run: it came with the address, or took too much. "
            "It can read the columns of this dataset and nothing else.",
            classes="hint",
        )
        st.code(expression((condition,)), language="sql", wrap_lines=True)
        with st.container(horizontal=True, gap="small"):
            st.button(
                "Run this filter",
                key=f"run_filter_{_short(condition)}",
                on_click=now().run_waiting,
                args=(condition,),
                help="Show only the images for which it is true. It may take 10 s.",
            )
            st.button(
                "Remove it",
                type="tertiary",
                key=f"drop_filter_{_short(condition)}",
                on_click=now().drop_waiting,
                args=(condition,),
                help="Forget this filter.",
            )


def _short(condition: Condition) -> str:
    """A condition in a key: by its place another one could be meant by the time of the click."""
    return hashlib.blake2b(encode(condition).encode(errors="replace"), digest_size=6).hexdigest()


def _chip(view: View, condition: Condition, number: int) -> None:
    with st.container(
        key=f"chip_{number}",
        horizontal=True,
        vertical_alignment="center",
        width="content",
        gap=None,
        wrap=False,
    ):
        words = in_words(view.space, condition)
        st.html(
            piece("span", "{}", words, classes="words", title=expression((condition,))),
            width="content",
        )
        st.button(
            f"Remove filter {number}",
            icon=":material/close:",
            type="tertiary",
            key=f"remove_filter_{_short(condition)}",
            on_click=now().drop,
            args=(condition,),
            help="Remove this filter",
        )


def _shown(view: View) -> None:
    ids = view.space.image_ids[view.passing]
    count = f"{view.count:,} of {counted(len(view.space), 'image')}"
    st.html(piece("p", "{}", count, classes="count", role="status"), width="content")
    st.button(
        "Select what is shown",
        type="tertiary",
        disabled=not view.count,
        on_click=view.select,
        args=(ids, "add", f"added what the filter shows: {counted(len(ids), 'image')}"),
        help="Add every image that passes the filter to the selection.",
    )
    st.button(
        "Clear all", type="tertiary", on_click=now().filter_by, args=((),), help="Show all images."
    )


@st.fragment
def _panel(view: View) -> None:
    """A fragment: what is tried in the panel does not draw the page again."""
    turn = now().turns[ADD]
    with st.popover(
        "Add filter",
        icon=":material/filter_list:",
        key=f"filter_{turn}",
        on_change="rerun",
        help="Show only some of the images, on every page.",
    ) as panel:
        if not panel.open:
            return
        way = one_of(
            "Filter by",
            ["Column", "SQL"],
            default="Column",
            key=f"filter_way_{turn}",
            label_visibility="collapsed",
            help="Choose a column and its values, or write an expression.",
        )
        if way == "SQL":
            _expression(view, turn)
        else:
            _by_column(view, turn)


def _by_column(view: View, turn: int) -> None:
    condition = control(view, turn)
    if condition is None:
        return
    rows = shown_rows(view.space, added(view.filter, condition))
    count = len(view.space) if rows is None else len(rows)
    if st.button(
        f"Show {counted(count, 'image')}",
        type="primary",
        width="stretch",
        key=f"filter_add_{turn}",
        help="Add this to the filter.",
    ):
        _apply(view, condition)


def _expression(view: View, turn: int) -> None:
    with st.form(f"filter_sql_{turn}", border=False):
        written = st.text_area(
            "True for the images to show",
            placeholder=EXAMPLE,
            height=96,
            key=f"filter_expression_{turn}",
            help="SQL over the columns; `explorer export --where` takes the same.",
        )
        sent = st.form_submit_button("Add", type="primary")
    if view.filter:
        show("p", "The filter as it is, for the command line or for Python:", classes="facts")
        st.code(expression(view.filter), language="sql", wrap_lines=True)
    if sent and written.strip():
        condition = Sql(written.strip())
        try:
            shown_rows(view.space, (condition,))
        except UsageError as error:
            warn(with_hint(error))
            return
        now().agree(condition)
        _apply(view, condition)


def _apply(view: View, condition: Condition) -> None:
    now().filter_by(added(view.filter, condition))
    now().turns[ADD] += 1
    st.rerun()
