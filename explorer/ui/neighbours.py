"""The page Neighbours: one photo or several, and those most like them."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import streamlit as st

from explorer.images import read_exif
from explorer.search import by_examples
from explorer.ui import asking, state
from explorer.ui.columns import categories
from explorer.ui.components import Action, GalleryItem
from explorer.ui.html import piece, show
from explorer.ui.panels import (
    MOST_IN_GALLERY,
    image_gallery,
    neighbour_items,
    plain_item,
    query_photo,
)
from explorer.ui.server import original_bytes
from explorer.ui.state import View

MOST = 500
LABELS = {"any": "Any label", "same": "Same label", "other": "Another label"}
ACTIONS = (Action("like", "More like this", "+"), Action("unlike", "Less like this", "−"))
TAKE_OUT = (Action("out", "Take out", "×"),)


@dataclass(frozen=True)
class Wanted:
    """Which neighbours to show: how many, of which label, and what not."""

    k: int
    label: Literal["any", "same", "other"]
    hide_duplicates: bool
    hide_seen: bool


def neighbours_page(view: View) -> None:
    """The query and its neighbours; without a query, images to begin with."""
    asked = asking.examples(view)
    with st.container(key="split"):
        left, right = st.columns([3, 5], gap="medium")
    with left:
        _query(view)
        _examples(view)
        asking.photo_drop(view)
        if view.query is not None:
            _known(view)
    with right:
        if asked is None:
            _begin(view)
        else:
            _trail(view)
            _answers(view, _choices(view))


def _query(view: View) -> None:
    uploaded = asking.upload(view)
    if uploaded:
        with st.container(key="query_photo"):
            photo = piece("img", src=uploaded.preview, alt=f"Your photo: {uploaded.name}")
            st.html(f'<figure class="photo">{photo.removesuffix("</img>")}</figure>')
            show("p", "{}", uploaded.name, classes="path")
            show("p", "Your photo; it is not kept.", classes="facts")
    elif view.query is not None:
        query_photo(view)
    if not uploaded and view.query is None:
        return
    with st.container(horizontal=True, key="query_actions"):
        if view.query is not None and st.button(
            "Show on the map", icon=":material/scatter_plot:", help="Where it stands."
        ):
            state.look_for(view.query)
            st.switch_page(st.session_state["_pages"]["map"])
        st.button(
            "Choose another", on_click=state.forget_query, type="tertiary", help="Begin again."
        )


def _examples(view: View) -> None:
    """What the answers shall be like, and unlike, besides the query."""
    for side, title in (("like", "More like"), ("unlike", "Less like")):
        ids = asking.chosen(view, side)  # type: ignore[arg-type]
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
                on_action=lambda _, image_id: asking.take_out(view, image_id),
            )


def _trail(view: View) -> None:
    """The queries before this one: a way back."""
    steps = [step for step in st.session_state.get(state.TRAIL, ()) if step != view.query]
    ids = view.space.image_ids
    rows = np.searchsorted(ids, np.array(steps, np.int64)).clip(max=len(ids) - 1)
    here = ids[rows] == steps
    items = [plain_item(view.space, row) for row in rows[here].tolist()]
    if items:
        show("h3", "Before")
        image_gallery(view, items, key="trail", label="Before", height=92, size=64, toolbar=False)


def _choices(view: View) -> Wanted:
    most = max(1, min(MOST, len(view.space) - 1))
    with st.container(horizontal=True, vertical_alignment="bottom", key="neighbour_choices"):
        k = min(48, most)
        if most > 1:
            k = st.slider("How many", 1, most, k, key="neighbours_k", help="Nearest first.")
        label = "any"
        if view.query is not None and asking.upload(view) is None:
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
        copies = st.toggle(
            "Hide duplicates",
            key="neighbours_copies",
            help="Of images that are nearly the same only the best is shown.",
        )
        seen = st.toggle(
            "Hide seen", key="neighbours_seen", help="Without those you have clicked before."
        )
    return Wanted(k, label, copies, seen)  # type: ignore[arg-type]


def _answers(view: View, wanted: Wanted) -> None:
    items = answers(view, wanted, frozenset(st.session_state.get(state.TRAIL, ())))
    title = f"Neighbours of #{view.query}" if view.query is not None else "Neighbours"
    if asking.chosen(view, "like") or asking.chosen(view, "unlike"):
        title = "Like all of these"
    show("h2", "{}", title)
    other = sum(item.tone == "warn" for item in items)
    if other and wanted.label == "any":
        show("p", "{} of {} have another label (marked).", other, len(items), classes="hint")
    image_gallery(
        view,
        items,
        key="neighbours",
        label="Neighbours",
        empty="No image is left: allow more above.",
        height=720,
        size=136,
        actions=ACTIONS,
        on_action=lambda side, image_id: asking.choose(view, side, image_id),  # type: ignore[arg-type]
    )


def answers(view: View, wanted: Wanted, seen: frozenset[int]) -> list[GalleryItem]:
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

    asked = asking.examples(view)
    assert asked is not None
    return neighbour_items(view, *by_examples(space, asked, wanted.k, accept=accept))


def _surplus(view: View) -> npt.NDArray[np.bool_]:
    """Images of which a better copy is shown, and copies of the query itself."""
    space = view.space
    if "duplicate_group" not in space.column_names:
        return np.zeros(len(space), bool)
    groups = space.column("duplicate_group")
    surplus = np.asarray(space.column("duplicate_surplus") == 1)
    if view.query_row is not None and groups[view.query_row] >= 0:
        surplus |= groups == groups[view.query_row]
    return surplus


def _begin(view: View) -> None:
    show("h2", "Begin with a photo")
    show("p", "Click one to see those most like it, or bring your own.", classes="hint")
    rows = np.arange(len(view.space)) if view.shown is None else view.shown
    items = [plain_item(view.space, row) for row in rows[:MOST_IN_GALLERY].tolist()]
    image_gallery(view, items, key="choose", label="All images", height=720)


def _known(view: View) -> None:
    """All that is known of the query, and what its camera wrote."""
    assert view.query is not None
    known = view.space.image(view.query)
    columns = {view.space.column_meta(name)["title"]: value for name, value in known.items()}
    with st.expander("All columns"):
        _table({title: _text(value) for title, value in columns.items()})
    with st.expander("EXIF", on_change="rerun", key=f"exif_{view.query}") as opened:
        if opened.open:
            entries = read_exif(original_bytes(view.dataset, view.query))
            if entries:
                _table(entries)
            else:
                show("p", "The file holds none.", classes="hint")


def _table(values: dict[str, str]) -> None:
    st.dataframe(
        {"column": list(values), "value": list(values.values())},
        hide_index=True,
        width="stretch",
    )


def _text(value: object) -> str:
    if value is None:
        return "–"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
