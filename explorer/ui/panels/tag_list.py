"""The tags with what can be done with each: select, rename, colour, merge, delete; and new ones."""

from collections.abc import Callable, Sequence

import streamlit as st

from explorer.filters import Tagged, added
from explorer.insight.markup import piece
from explorer.insight.tag_colors import tag_colors
from explorer.store import NamedSet
from explorer.ui import selecting
from explorer.ui.html import show
from explorer.ui.state import now, value_of
from explorer.ui.view import View


def tag_list(view: View) -> None:
    """All tags, in the order of their digits."""
    show("h2", "Tags")
    tags = view.dataset.tagging.sets
    colors = tag_colors(view.dataset)
    if not tags:
        show(
            "p",
            "There are none yet. A tag is a selection kept, for all who work here.",
            classes="hint",
        )
    for place, tag in enumerate(tags, start=1):
        with st.container(
            horizontal=True, vertical_alignment="center", gap="xsmall", key=f"tag_row_{place}"
        ):
            _line(tag, colors.get(tag.name, ""), place)
            st.button(
                "Select",
                type="tertiary",
                key=f"select_tag_{tag.id}",
                on_click=_select,
                args=(view, tag.name),
                help="Select its images, instead of what is selected.",
            )
            st.button(
                "Show",
                type="tertiary",
                key=f"show_tag_{tag.id}",
                on_click=now().filter_by,
                args=(added(view.filter, Tagged((tag.name,))),),
                help="Filter: show only its images, on every page.",
            )
            with st.popover(
                "Change", type="tertiary", key=f"change_tag_{tag.id}", help="Name, colour …"
            ):
                _change(view, tag, colors.get(tag.name, ""), [each.name for each in tags])
    _new(view)


def _line(tag: NamedSet, color: str, place: int) -> None:
    swatch = piece("span", classes="swatch", style=f"background:{color}", **{"aria-hidden": "true"})
    name = piece("span", "{}", tag.name)
    key = f" · key {place}" if place <= selecting.DIGITS else ""
    number = piece("span", "{}", f"{len(tag.ids):,}{key}", classes="number")
    st.html(f'<p class="tag grow">{swatch}{name}{number}</p>')


def _select(view: View, name: str) -> None:
    selecting.attempt(
        lambda: view.select(view.tags.ids(name), "replace", f"selected the tag “{name}”")
    )


def _change(view: View, tag: NamedSet, color: str, names: Sequence[str]) -> None:
    key = f"{tag.name}_{view.dataset.tagging.version}"
    with st.form(f"tag_{key}", border=False):
        name = st.text_input("Name", tag.name, help="No two tags have the same name.")
        chosen = st.color_picker("Colour", color or "#888888", help="On the map and on photos.")
        if st.form_submit_button("Save", width="stretch"):
            _save(view, tag, name=name, color=chosen if chosen != color else tag.color)
    others = [each for each in names if each != tag.name]
    if others:
        with st.form(f"merge_tag_{key}", border=False):
            into = st.selectbox("Merge into", others, help="Its images get that tag instead.")
            if st.form_submit_button("Merge", width="stretch"):
                _and_again(lambda: view.tags.merge(tag.name, into=into))
    if st.button(
        "Delete the tag",
        key=f"delete_tag_{key}",
        width="stretch",
        help="The images stay, and it can be undone.",
    ):
        _and_again(lambda: view.tags.delete(tag.name))


def _save(view: View, tag: NamedSet, *, name: str, color: str) -> None:
    def change() -> None:
        if name.strip() != tag.name:
            view.tags.rename(tag.name, name)
        if color != tag.color:
            view.tags.recolor(name.strip(), color)

    _and_again(change)


def _and_again(change: Callable[[], object]) -> None:
    """Do it, and draw the page as it is then."""
    selecting.attempt(change)
    st.rerun()


def _new(view: View) -> None:
    key = "empty_tag_name"

    def make() -> None:
        selecting.attempt(lambda: view.tags.add(value_of(key), []))

    with (
        st.form("empty_tag", border=False, clear_on_submit=True),
        st.container(horizontal=True, vertical_alignment="bottom", gap="small"),
    ):
        st.text_input(
            "New tag",
            key=key,
            placeholder="a name",
            help="Empty at first: digits give it to photos.",
        )
        st.form_submit_button("Make a tag", on_click=make)
