"""The line at the foot of every page: the query, what is selected, and what can be done with it."""

import streamlit as st

from explorer.insight.columns import label_of
from explorer.insight.markup import piece
from explorer.insight.tag_colors import tag_colors
from explorer.serving.urls import thumb_url
from explorer.store import NamedSet, SeenTag, Step
from explorer.ui import selecting
from explorer.ui.components.gallery import GalleryItem
from explorer.ui.components.keys import page_keys
from explorer.ui.html import as_label, show
from explorer.ui.panels.galleries import image_gallery
from explorer.ui.state import go_to, value_of
from explorer.ui.view import View

MOST_IN_STRIP = 500
PHOTO = 44  # pixels


def selection_bar(view: View, *, shows_query: bool) -> None:
    """The selection on every page, and the keys that work everywhere.

    shows_query: the page itself shows what was clicked; elsewhere it is here.
    """
    count = len(view.selection)
    with st.container(
        key="selection_bar", horizontal=True, vertical_alignment="center", gap="small"
    ):
        if view.query is not None and not shows_query:
            _query(view, view.query)
        with st.container(key="selection_summary", width="content"):
            show("div", "{} selected", f"{count:,}", classes="count" if count else "count none")
        if count:
            _strip(view)
            _buttons(view)
        else:
            show(
                "p",
                "Draw around points, tick photos, or take a whole cluster.",
                classes="facts grow",
            )
        _history(view)
        _key_listener(view)


def _query(view: View, image_id: int) -> None:
    """The photo that was clicked last, and the way to those like it."""
    name = " ".join(filter(None, [f"#{image_id}", label_of(view.space, view.space.row(image_id))]))
    source = thumb_url(view.dataset, image_id)
    with st.container(
        key="query_in_bar",
        horizontal=True,
        vertical_alignment="center",
        gap="xsmall",
        width="content",
    ):
        st.html(piece("img", src=source, alt=f"Clicked: {name}"), width="content")
        if st.button("Neighbours", type="tertiary", help=f"Those most like {as_label(name)}."):
            go_to("neighbours")


def _strip(view: View) -> None:
    ids = view.space.image_ids[view.rows[:MOST_IN_STRIP]].tolist()
    with st.container(key="filmstrip", width="stretch"):
        image_gallery(
            view,
            map(GalleryItem, ids),
            key="filmstrip_gallery",
            label="Selection",
            height=PHOTO + 18,
            size=PHOTO,
            toolbar=False,
            strip=True,
        )


def _buttons(view: View) -> None:
    with st.popover("Tag", type="tertiary", help="Keep the selection under a name."):
        tag_choice(view, "bar")
    st.button(
        "Invert",
        type="tertiary",
        on_click=selecting.invert,
        args=(view,),
        help="Select the others instead, of those that pass the filter.",
    )
    st.button(
        "Clear",
        type="tertiary",
        on_click=selecting.clear,
        args=(view,),
        help="Select nothing. The images themselves stay.",
    )
    if st.button(
        "See all", type="tertiary", help="The page Selection: look at it, combine it, manage tags."
    ):
        go_to("selection")


def tag_choice(view: View, place: str) -> None:
    """The tags as buttons, and a field for a new one; `place` tells two on one page apart."""
    with st.container(key=f"tag_choice_{place}", horizontal=True, gap="xsmall"):
        for digit, tag in enumerate(view.dataset.tagging.sets, start=1):
            st.button(
                as_label(tag.name),
                key=f"tag_with_{tag.id}_{place}",
                on_click=_tag,
                args=(view, tag),
                help=f"Key {digit}" if digit <= selecting.DIGITS else "Give it to the selection.",
            )
    key = f"new_tag_name_{place}"

    def make() -> None:
        if name := value_of(key).strip():
            selecting.tag_selection(view, name)

    with st.form(f"new_tag_{place}", border=False, clear_on_submit=True):
        st.text_input("New tag", key=key, placeholder="a name", help="A tag is a selection kept.")
        st.form_submit_button("Make a tag", on_click=make, width="stretch")


def _tag(view: View, tag: NamedSet) -> None:
    selecting.attempt(
        lambda: selecting.tag_seen(view.curation, SeenTag(int(tag.id or 0), tag.name))
    )


def _history(view: View) -> None:
    undo, redo = view.curation.next_steps() if view.dataset.is_curated else (None, None)
    if undo or redo:
        _step_button(view, "Undo", ":material/undo:", undo)
        _step_button(view, "Redo", ":material/redo:", redo)


def _step_button(view: View, name: str, icon: str, step: Step | None) -> None:
    st.button(
        name,
        icon=icon,
        type="tertiary",
        key=f"{name.lower()}_step",
        disabled=step is None,
        on_click=_turn,
        args=(view, name),
        help=f"{name}: {as_label(step.change)}" if step else f"There is nothing to {name.lower()}.",
    )


def _turn(view: View, name: str) -> None:
    turn = selecting.undo if name == "Undo" else selecting.redo
    selecting.attempt(lambda: turn(view.curation))


def _key_listener(view: View) -> None:
    colors = tag_colors(view.dataset)
    tags = [
        {"id": tag.id, "name": tag.name, "color": colors[tag.name]}
        for tag in view.dataset.tagging.sets[: selecting.DIGITS]
    ]
    with st.container(key="keys", width="content"):
        page_keys(tags, dataset=view.dataset.name)
