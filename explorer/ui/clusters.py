"""The page Clusters: a card per cluster."""

import streamlit as st

from explorer.errors import StoreError
from explorer.ui import state
from explorer.ui.clustering import DEFAULT_GRAIN, GRAINS, Cluster, cluster_summaries
from explorer.ui.html import counted, piece, show
from explorer.ui.palette import CATEGORIES, OTHER
from explorer.ui.panels import image_gallery, plain_item, selection_tray
from explorer.ui.state import View

CARDS_PER_PAGE = 12


def clusters_page(view: View) -> None:
    """Cards by falling size: name, size, labels in it, the most typical photos."""
    grains = [name for name in GRAINS if name in view.space.column_names]
    grain = DEFAULT_GRAIN
    if len(grains) > 1:
        grain = st.select_slider(
            "How many clusters",
            grains,
            DEFAULT_GRAIN,
            format_func=lambda name: GRAINS[name],
            key="grain",
            help="The same images, grouped more or less finely. Colour the map by it to see where.",
        )
    found = cluster_summaries(view.space, grain)
    if not found:
        raise StoreError(
            f"There are no clusters in {view.space.id!r} yet: there are too few images, or they "
            f"have not been analysed (`explorer analyze {view.dataset.name}`)."
        )
    noise = len(view.space) - sum(cluster.size for cluster in found)
    rest = f" In none of them: {counted(noise, 'image')}." if noise else ""
    show("p", "{}.{}", counted(len(found), "cluster"), rest, classes="hint")
    pages = -(-len(found) // CARDS_PER_PAGE)
    page = st.pagination(pages, key=f"clusters_page_{grain}") if pages > 1 else 1
    for cluster in found[(page - 1) * CARDS_PER_PAGE : page * CARDS_PER_PAGE]:
        _card(view, cluster, grain)
    selection_tray(view)


def _card(view: View, cluster: Cluster, grain: str) -> None:
    with st.container(key=f"card_{grain}_{cluster.number}"):
        about, photos = st.columns([2, 5], gap="medium")
        with about:
            show("h2", "{}", cluster.name)
            share = cluster.size / len(view.space)
            show("p", "{} · {}", counted(cluster.size, "image"), f"{share:.0%}", classes="facts")
            st.html(_label_bar(cluster))
            st.button(
                "Select all",
                key=f"select_{grain}_{cluster.number}",
                on_click=state.select,
                args=(view, view.space.image_ids[cluster.rows], "add"),
                help="Add every image of this cluster to the selection.",
            )
        with photos:
            items = [plain_item(view.space, int(row)) for row in cluster.representatives]
            image_gallery(
                view,
                items,
                key=f"{grain}_{cluster.number}",
                label=f"Typical of {cluster.name}",
                height=150,
                size=104,
                toolbar=False,
            )


def _label_bar(cluster: Cluster) -> str:
    """The labels in a cluster as one bar, and in words."""
    if not cluster.labels:
        return ""
    parts = [*cluster.labels]
    rest = cluster.size - sum(count for _, count in parts)
    colours = dict(zip((label for label, _ in parts), CATEGORIES, strict=False))
    if rest:
        parts.append(("others", rest))
    bar = "".join(
        piece(
            "span",
            style=f"flex:{count};background:{colours.get(label, OTHER)}",
            title=f"{label}: {count}",
        )
        for label, count in parts
    )
    words = ", ".join(f"{label} {count}" for label, count in parts)
    return f'<div class="label-bar" aria-hidden="true">{bar}</div>' + piece(
        "p", "{}", words, classes="facts"
    )
