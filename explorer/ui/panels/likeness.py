"""Why two images are alike: their similarity taken apart, by place and by dimension."""

import numpy as np
import streamlit as st

from explorer.analysis import similarity_by_dimension, similarity_by_place
from explorer.insight.dimensions import dimension_title
from explorer.search import sees_places
from explorer.serving.urls import thumb_template
from explorer.ui.components.gallery import GalleryData, gallery
from explorer.ui.elements import split
from explorer.ui.html import show
from explorer.ui.page_parts import open_dimension
from explorer.ui.panels.galleries import image_gallery, neighbor_items, plain_items
from explorer.ui.panels.heat import Floats, heat_grid, sights
from explorer.ui.state import now
from explorer.ui.view import View

DIMENSIONS = 8
TO_BEGIN = 200


def likeness(view: View) -> None:
    """The query beside one of its neighbours, with what makes them alike."""
    if view.query is None:
        show("h2", "Begin with a photo")
        items = plain_items(view, view.passing[:TO_BEGIN])
        image_gallery(view, items, key="likeness_begin", label="All images", height=560)
        return
    partner = _choose_partner(view)
    if partner is None:
        show("p", "There is no other image that passes the filter.", classes="empty")
        return
    pair = (view.query, partner)
    left, right = split(5, 2)
    vectors = view.space.vectors([view.space.row(each) for each in pair])
    shares = similarity_by_dimension(*vectors)
    with left:
        show("h2", "#{} and #{}: similarity {}", *pair, f"{shares.sum():.2f}")
        _places(view, pair)
    with right:
        show("h2", "What they share")
        show("p", "The dimensions that add most to their similarity.", classes="facts")
        for number in np.argsort(-shares, kind="stable")[:DIMENSIONS].tolist():
            part = shares[number] / max(float(shares.sum()), 1e-6)
            st.button(
                f"{dimension_title(view.space, number)}: {part:.1%}",
                key=f"shared_{number}",
                on_click=open_dimension,
                args=(number,),
                width="stretch",
                help="See the images that have most of it.",
            )


def _choose_partner(view: View) -> int | None:
    """A click on one of the neighbours; at first the nearest."""
    items = neighbor_items(view, *view.neighbors)
    ids = [item.id for item in items]
    show("h3", "Neighbours of #{}: click the one to compare with", view.query)
    data = GalleryData(
        items,
        thumb_template(view.dataset),
        "Compare with",
        view.dataset.name,
        size=92,
        toolbar=False,
        strip=True,
        empty="There is none.",
        opens="compare with",
    )
    gallery(data, key="likeness_partner", height=136)
    chosen = now().partner
    return chosen if chosen in ids else ids[0] if ids else None


def _places(view: View, pair: tuple[int, int]) -> None:
    """Both photos, with what each place adds to their similarity."""
    first = second = None
    if sees_places(view.space):
        first, second = sights(view, pair)
    heats: list[Floats | None] = [None, None]
    if first and second:
        heats[:] = similarity_by_place(first.maps, second.maps)
        words = "Bright places add most to the similarity above, be it high or low."
    elif sees_places(view.space):
        words = "The file of one of them cannot be read, so where they are alike cannot be shown."
    else:
        words = (
            "This extractor does not tell where in an image it finds what: only what they share "
            "as a whole can be shown."
        )
    paths = [view.dataset.image(image_id)["path"] for image_id in pair]
    heat_grid(view, pair, (first, second), heats, paths, label="Where they are alike", wide=True)
    show("p", "{}", words, classes="facts")
