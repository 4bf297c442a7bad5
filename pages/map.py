"""Every image as a point, and beside the map the photo that was clicked with its neighbours."""

import streamlit as st

from explorer.insight.columns import colorable
from explorer.ui.elements import split
from explorer.ui.frame import show_page
from explorer.ui.html import show
from explorer.ui.panels.galleries import image_gallery, neighbor_items, query_photo
from explorer.ui.panels.layouts import layout_choice, missing_layout, watch_job
from explorer.ui.panels.map import draw_map
from explorer.ui.state import now, value_of
from explorer.ui.view import View


def map_page(view: View) -> None:
    """The map, and beside it the query with its neighbours."""
    left, right = split(5, 3)
    with left:
        with st.container(horizontal=True, vertical_alignment="bottom", key="map_controls"):
            _color_choice(view)
            layout_choice(view)
            missing_layout(view)
        watch_job(view)
        draw_map(view, key="map", height=620)
    with right, st.container(key="inspector"):
        if view.query is None:
            show("h2", "No photo chosen")
            show(
                "p",
                "Click a point on the map: the photo appears here with those most like it. "
                "Draw around points to select them.",
                classes="hint",
            )
        else:
            _inspector(view)


def _inspector(view: View) -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute", key="inspector_head"):
        show("h2", "Neighbours of #{}", view.query)
        st.button(
            "Close", on_click=now().forget_query, type="tertiary", help="Look at no one photo."
        )
    query_photo(view)
    items = neighbor_items(view, *view.neighbors)
    image_gallery(view, items, key="beside", label="Neighbours", height=330, size=104)


def _color_choice(view: View) -> None:
    names = colorable(view.space)
    titles = {name: view.space.column_meta(name).title for name in names}
    key = f"color_{view.dataset.name}_{view.space.id}_{view.color}"

    def choose() -> None:
        now().color = value_of(key)

    st.selectbox(
        "Colour by",
        names,
        index=names.index(view.color),
        format_func=lambda name: titles[name],
        key=key,
        on_change=choose,
        help=view.space.column_meta(view.color).explains,
    )


show_page(
    "Map",
    "Every point is a photo; near points look alike to the extractor.",
    map_page,
    shows_query=True,
)
