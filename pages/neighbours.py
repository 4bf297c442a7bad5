"""One photo or several, and those most like them."""

from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np
import numpy.typing as npt
import streamlit as st

from explorer.insight.columns import categories
from explorer.search import Examples, Words, by_examples, by_words, surplus_copies, unfamiliar
from explorer.ui.components.crop import photo_with_box
from explorer.ui.components.gallery import Action, GalleryItem
from explorer.ui.elements import split
from explorer.ui.frame import show_page
from explorer.ui.html import show, warn
from explorer.ui.panels import examples, word_search
from explorer.ui.panels.galleries import (
    image_gallery,
    neighbor_items,
    plain_item,
    plain_items,
    query_photo,
)
from explorer.ui.panels.photo_facts import photo_facts
from explorer.ui.state import Side, go_to, now
from explorer.ui.view import View

MOST = 500
LABELS = {"any": "Any label", "same": "Same label", "other": "Another label"}
ACTIONS = (Action("like", "More like this", "+"), Action("unlike", "Less like this", "−"))
TITLES: dict[Side, str] = {"like": "More like", "unlike": "Less like"}
TAKE_OUT = (Action("out", "Take out", "×"),)


@dataclass(frozen=True)
class NeighborChoice:
    """Which neighbours to show: how many, of which label, and what not."""

    k: int
    label: Literal["any", "same", "other"]
    hide_duplicates: bool
    hide_seen: bool


def neighbors_page(view: View) -> None:
    """The query and its neighbours; without a query, images to begin with."""
    examples.take_in(view)
    words = word_search.asked_words(view)
    asked = words or examples.asked_for(view)
    left, right = split(3, 5)
    with left:
        word_search.words_field(view)
        _query(view)
        _examples(view)
        examples.place_for_photo(view)
        if view.query is not None:
            photo_facts(view)
    with right:
        if asked is None:
            _begin(view)
        else:
            _trail(view)
            _answers(view, asked, _choices(view))


def _query(view: View) -> None:
    uploaded = now().upload
    if uploaded:
        with st.container(key="query_photo"):
            _photo_to_crop(view, uploaded.preview, f"Your photo: {uploaded.name}")
            show("p", "{}", uploaded.name, classes="path")
            show("p", "Your photo; it is not kept.", classes="facts")
    elif view.query is not None:
        query_photo(view, partial(_photo_to_crop, view))
    if not uploaded and view.query is None:
        return
    with st.container(horizontal=True, key="query_actions"):
        if view.query is not None and st.button(
            "Show on the map", icon=":material/scatter_plot:", help="Where it stands."
        ):
            now().look_for(view.query)
            go_to("map")
        st.button(
            "Choose another", on_click=now().forget_query, type="tertiary", help="Begin again."
        )


def _photo_to_crop(view: View, source: str, alt: str) -> None:
    """The query photo, in which a part can be chosen."""
    photo_with_box(source, alt, now().crop, dataset=view.dataset.name)


def _examples(view: View) -> None:
    """What the answers shall be like, and unlike, besides the query; and how much."""
    for side, title in TITLES.items():
        ids = examples.chosen(view, side)
        if ids:
            show("h3", "{}", title)
            image_gallery(
                view,
                [plain_item(view.space, view.space.row(image_id)) for image_id in ids],
                key=f"examples_{side}",
                label=title,
                height=112,
                size=84,
                toolbar=False,
                actions=TAKE_OUT,
            )
    if examples.chosen(view, "unlike"):
        examples.less_slider()


def _trail(view: View) -> None:
    """The queries before this one: a way back."""
    steps = [step for step in now().trail if step != view.query]
    ids = view.space.image_ids
    rows = np.searchsorted(ids, np.array(steps, np.int64)).clip(max=len(ids) - 1)
    there = ids[rows] == steps
    items = plain_items(view, rows[there])
    if items or now().said:
        show("h3", "Before")
        word_search.words_before()
    if items:
        image_gallery(view, items, key="trail", label="Before", height=92, size=64, toolbar=False)


def _choices(view: View) -> NeighborChoice:
    most = max(1, min(MOST, len(view.space) - 1))
    with st.container(horizontal=True, vertical_alignment="bottom", key="neighbour_choices"):
        k = min(48, most)
        if most > 1:
            k = st.slider("How many", 1, most, k, key="neighbours_k", help="Nearest first.")
        label = "any"
        if view.query is not None and now().upload is None:
            label = (
                st.segmented_control(
                    "Labels",
                    list(LABELS),
                    default="any",
                    format_func=lambda key: LABELS[key],
                    key="neighbours_label",
                    help="Those with the query's label, or those with another one.",
                )
                or "any"
            )
        with st.container(horizontal=True, width="content", key="neighbour_hiding"):
            copies = st.toggle(
                "Hide duplicates",
                key="neighbours_copies",
                help="Of images that are nearly the same only the best is shown.",
            )
            seen = st.toggle(
                "Hide seen", key="neighbours_seen", help="Without those you have clicked before."
            )
    return NeighborChoice(k, label, copies, seen)  # type: ignore[arg-type]


def _answers(view: View, asked: Words | Examples, wanted: NeighborChoice) -> None:
    seen = frozenset(now().trail)
    if isinstance(asked, Words):
        word_search.show_words(asked)
    else:
        show("h2", "{}", _title(view))
        if warning := unfamiliar(view.space, asked):
            warn(warning)
    items = answers(view, asked, wanted, seen)
    same = sum(item.tone != "warn" for item in items)
    if same < len(items) and wanted.label == "any":
        says = "{} of {} have the same label; the others are marked."
        show("p", says, same, len(items), classes="hint")
    image_gallery(
        view,
        items,
        key="neighbours",
        label="Neighbours",
        empty=word_search.no_answers(asked),
        height=720,
        size=136,
        actions=ACTIONS,
    )


def _title(view: View) -> str:
    if examples.chosen(view, "like") or examples.chosen(view, "unlike"):
        return "Like all of these"
    if view.query is None:
        return "Neighbours"
    return f"Neighbours of {'a part of ' if now().crop else ''}#{view.query}"


def answers(
    view: View, asked: Words | Examples, wanted: NeighborChoice, seen: frozenset[int]
) -> list[GalleryItem]:
    """What is asked for, without what is not wanted, nearest first."""
    space = view.space
    labels = categories(space, "label").codes
    surplus = _surplus(view) if wanted.hide_duplicates else None

    def accept(ids: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        rows = np.searchsorted(space.image_ids, ids)
        passed = view.mask[rows]
        if wanted.label != "any" and view.query_row is not None:
            same = labels[rows] == labels[view.query_row]
            passed &= same if wanted.label == "same" else ~same
        if surplus is not None:
            passed &= ~surplus[rows]
        if wanted.hide_seen:
            passed &= ~np.isin(ids, list(seen))
        return passed

    if isinstance(asked, Words):
        with st.spinner("Looking for what you said …"):  # the first time takes a while
            found = by_words(space, asked, wanted.k, accept=accept)
        return neighbor_items(view, *found)
    return neighbor_items(view, *by_examples(space, asked, wanted.k, accept=accept))


def _surplus(view: View) -> npt.NDArray[np.bool_]:
    """Images of which a better copy is shown, and copies of the query itself."""
    if "duplicate_group" not in view.space.column_names:
        return np.zeros(len(view.space), bool)
    return surplus_copies(view.space, () if view.query is None else (view.query,))


def _begin(view: View) -> None:
    show("h2", "Begin with a photo")
    show(
        "p",
        "Click one to see those most like it, bring your own, or say what you look for.",
        classes="hint",
    )
    items = plain_items(view, view.passing)
    image_gallery(view, items, key="choose", label="All images", height=720, of=view.count)


show_page(
    "Neighbours",
    "One photo, and those most like it, nearest first.",
    neighbors_page,
    shows_query=True,
)
