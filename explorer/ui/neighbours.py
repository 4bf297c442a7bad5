"""The page Neighbours: one photo, and those most like it."""

import streamlit as st

from explorer.ui import state
from explorer.ui.html import show
from explorer.ui.panels import (
    image_gallery,
    neighbours_of_query,
    plain_item,
    query_photo,
    selection_tray,
)
from explorer.ui.state import View


def neighbours_page(view: View) -> None:
    """The query and its neighbours; without a query, images to begin with."""
    if view.query is None:
        _choose(view)
        return
    with st.container(key="split"):
        left, right = st.columns([3, 5], gap="medium")
    with left:
        query_photo(view)
        _columns(view)
        st.button("Choose another photo", on_click=state.forget_query)
    with right:
        most = min(500, len(view.space) - 1)
        k = min(48, most)
        if most > 1:
            k = st.slider(
                "How many neighbours", 1, most, k, key="neighbours_k", help="Nearest first."
            )
        show("h2", "Neighbours of #{}", view.query)
        items = neighbours_of_query(view, k)
        other = sum(item.tone == "warn" for item in items)
        if other:
            show("p", "{} of {} have another label (marked).", other, len(items), classes="hint")
        image_gallery(view, items, key="neighbours", label="Neighbours", height=720, size=136)
    selection_tray(view)


def _choose(view: View) -> None:
    show("p", "Click a photo to see those most like it.", classes="hint")
    items = [plain_item(view.space, row) for row in range(min(len(view.space), 2000))]
    image_gallery(view, items, key="choose", label="All images", height=720)


def _columns(view: View) -> None:
    """All that is known of the query."""
    assert view.query_row is not None
    with st.expander("All columns"):
        rows = view.space.table().slice(view.query_row, 1).to_pylist()[0]
        named = {view.space.column_meta(name)["title"]: value for name, value in rows.items()}
        st.dataframe(
            {"column": list(named), "value": [_text(value) for value in named.values()]},
            hide_index=True,
            width="stretch",
        )


def _text(value: object) -> str:
    if value is None:
        return "–"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
