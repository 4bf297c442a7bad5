"""What there is, what is worth looking at, and how well the space sees."""

import streamlit as st

from explorer.filters import added, encode
from explorer.insight.finding import Finding
from explorer.insight.findings import findings
from explorer.insight.markup import piece
from explorer.insight.summary import (
    Counts,
    facts,
    is_analyzed,
    quality,
    rejections,
    size_counts,
    value_counts,
)
from explorer.insight.wording import counted
from explorer.ui.components.bars import BarsData, bars
from explorer.ui.elements import split
from explorer.ui.frame import show_page
from explorer.ui.html import show
from explorer.ui.page_parts import open_part
from explorer.ui.panels.galleries import image_gallery, plain_items
from explorer.ui.panels.watching import is_coming
from explorer.ui.state import go_to, now
from explorer.ui.view import View

CARDS_PER_ROW = 2
FIRST_PHOTOS = 200
MOST_FILES = 200  # of one reason


def overview_page(view: View) -> None:
    """Figures, then what is worth looking at beside what there is."""
    _facts(view)
    left, right = split(5, 3, gap="large")
    with left:
        _worth_looking_at(view)
    with right:
        _quality(view)
        _charts(view)
        _rejected(view)


def _facts(view: View) -> None:
    pairs = "".join(
        f"<div>{piece('dt', '{}', name)}{piece('dd', '{}', value)}</div>"
        for name, value in facts(view.space, view.filter)
    )
    st.html(f'<dl class="tiles">{pairs}</dl>')


# --- what is worth looking at


def _worth_looking_at(view: View) -> None:
    if is_coming(view):
        _first_photos(view)
        return
    show("h2", "Worth looking at")
    found = findings(view.space, view.filter)
    if not found:
        says = "Nothing stands out."
        if not is_analyzed(view.space):
            says = "Nothing stands out yet. Run `explorer analyze {}`, or wait until it has ended."
        show("p", says, view.dataset.name, classes="empty")
    for start in range(0, len(found), CARDS_PER_ROW):
        with st.container(key=f"findings_{start}"):
            columns = st.columns(CARDS_PER_ROW, gap="small")
        for column, finding in zip(columns, found[start : start + CARDS_PER_ROW], strict=False):
            with column:
                _card(view, finding)


def _first_photos(view: View) -> None:
    show("h2", "The first photos")
    show("p", "More are on their way, and what is worth looking at after them.", classes="facts")
    image_gallery(
        view,
        plain_items(view, view.passing[:FIRST_PHOTOS]),
        key="first_photos",
        label="The first photos",
        height=480,
    )


def _card(view: View, finding: Finding) -> None:
    with st.container(key=f"card_finding_{finding.kind}", height="stretch"):
        with st.container(
            horizontal=True, vertical_alignment="center", key=f"finding_head_{finding.kind}"
        ):
            show("h3", "{}", finding.title)
            if st.button(
                "Look",
                key=f"look_{finding.kind}",
                type="tertiary",
                icon=":material/arrow_forward:",
                icon_position="right",
                help=f"All of it, on the page {finding.page.capitalize()}.",
            ):
                _go(view, finding)
        show("p", "{}", finding.says, classes="says")
        image_gallery(
            view,
            plain_items(view, finding.rows),
            key=f"finding_{finding.kind}",
            label=finding.title,
            height=120,
            size=84,
            toolbar=False,
        )


def _go(view: View, finding: Finding) -> None:
    """To the page that shows it, with what that needs."""
    conditions = view.filter
    for condition in finding.filter:
        conditions = added(conditions, condition)
    now().filter_by(conditions)
    open_part(view.space, finding.page, finding.section)
    go_to(finding.page)


# --- what there is


def _charts(view: View) -> None:
    with st.container(key="charts"):
        show("h2", "What there is")
        show("p", "Click a bar to see only these images.", classes="facts")
        for column, title in (("label", "Labels"), ("split", "Splits"), ("format", "Formats")):
            _chart(view, title, value_counts(view.space, column, view.filter))
        _chart(view, "Shorter side", size_counts(view.space, view.filter))


def _chart(view: View, title: str, found: Counts) -> None:
    if not found.names:
        return
    show("h3", "{}", title)
    conditions = [encode(each) for each in found.conditions]
    data = BarsData(found.names, found.counts, found.asked, conditions, title)
    bars(data, dataset=view.dataset.name, key=f"chart_{title}")
    if found.more:
        show("p", "and {} more: “Add filter” offers all.", f"{found.more:,}", classes="facts")


def _quality(view: View) -> None:
    show("h2", "How well this space sees")
    sees = view.space.info.sees
    show("p", "{}", f"{view.space.id}: {sees}" if sees else view.space.id, classes="facts")
    for each in quality(view.space):
        figure = piece("dt", "{}", each.figure)
        words = piece("strong", "{}", each.title) + piece("span", "{}", each.says)
        st.html(f'<dl class="quality">{figure}<dd>{words}</dd></dl>')


def _rejected(view: View) -> None:
    found = rejections(view.dataset)
    if not found:
        return
    total = sum(len(paths) for _, paths in found)
    show("h2", "{} could not be read", counted(total, "file"))
    for reason, paths in found:
        listed = "".join(piece("li", "{}", path) for path in paths[:MOST_FILES])
        if len(paths) > MOST_FILES:
            listed += piece("li", "and {} more", f"{len(paths) - MOST_FILES:,}")
        summary = piece("summary", "{} · {}", f"{len(paths):,}", reason)
        st.html(f'<details class="rejected">{summary}<ul>{listed}</ul></details>')


show_page("Overview", "What is there, and what is worth looking at first.", overview_page)
