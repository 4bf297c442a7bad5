"""A card per cluster, their places on the map, and two of them side by side."""

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd
import streamlit as st

from explorer.errors import StoreError
from explorer.insight.clarity import clearer_than_chance, modularities
from explorer.insight.clustering import (
    DEFAULT_GRANULARITY,
    GRANULARITIES,
    Cluster,
    cluster_links,
    cluster_summaries,
)
from explorer.insight.wording import counted
from explorer.store import MY_GROUP
from explorer.ui.elements import one_page, split
from explorer.ui.frame import show_page
from explorer.ui.html import show
from explorer.ui.panels.cluster_card import (
    about_cluster,
    actions,
    apart,
    look_key,
    nearest,
    typical_photos,
)
from explorer.ui.panels.map import draw_map
from explorer.ui.panels.user_groups import GRANULARITY, grouping_bar
from explorer.ui.state import set_value, value_of
from explorer.ui.view import View

CARDS_PER_PAGE = 8


def clusters_page(view: View) -> None:
    """The granularity, the map and the table in it, and cards by falling size."""
    granularity = _granularity(view)
    found = cluster_summaries(view.space, granularity, view.filter)
    if not found and view.shown is not None:
        show("p", "No image that passes the filter is in one of them.", classes="empty")
        return
    if not found:
        raise StoreError(
            f"There are no clusters in {view.space.id!r} yet: there are too few images, or they "
            f"have not been analysed (`explorer analyze {view.dataset.name}`)."
        )
    left, right = split(3, 2)
    with left:
        draw_map(replace(view, color=granularity), key="cluster_map", height=420)
    with right:
        _table(view, found, "group" if granularity == MY_GROUP else "cluster")
    by_number = {cluster.number: cluster for cluster in found}
    chosen = st.multiselect(
        "Look at",
        list(by_number),
        format_func=lambda number: f"{by_number[number].name} ({by_number[number].size:,})",
        key=look_key(view, granularity),
        placeholder="all of them; choose two to see them side by side",
        help="One alone, or two side by side with what tells them apart.",
    )
    chosen = [number for number in chosen if number in by_number]  # the filter hides the others
    if len(chosen) == 2:
        _side_by_side(view, [by_number[number] for number in chosen], granularity)
    else:
        _cards(view, [by_number[number] for number in chosen] or found, granularity)


def _granularity(view: View) -> str:
    """The column to look at, and beside it what makes one's own groups of it."""
    granularities = {
        name: title for name, title in GRANULARITIES.items() if name in view.space.column_names
    }
    if granularities and view.dataset.grouping.sets:
        granularities[MY_GROUP] = "mine"
    if value_of(GRANULARITY) not in granularities:  # at first, and what another window has undone
        set_value(GRANULARITY, DEFAULT_GRANULARITY)
    granularity = DEFAULT_GRANULARITY
    with st.container(horizontal=True, vertical_alignment="bottom", key="grain_row"):
        if len(granularities) > 1:
            granularity = st.select_slider(
                "How many clusters",
                list(granularities),
                format_func=lambda name: granularities[name],
                key=GRANULARITY,
                persist_state="session",
                help="The same images, grouped more or less finely; or the groups you have made.",
            )
        if granularities:
            grouping_bar(view, granularity)
    return granularity


def _table(view: View, found: Sequence[Cluster], noun: str) -> None:
    noise = view.count - sum(cluster.size for cluster in found)
    show("p", "{}", counted(len(found), noun), classes="big")
    says = f"{counted(noise, 'image')} in none of them." if noise else ""
    show("p", "{}", says or "Every image is in one of them.", classes="facts")
    if noun == "cluster" and (how := clearer_than_chance(view.space)):
        says = "Clusters are found in any data. Here they are {} where there are none ({})."
        show("p", says, how, modularities(view.space), classes="facts")
    frame = pd.DataFrame(
        {
            "name": [cluster.name for cluster in found],
            "images": [cluster.size for cluster in found],
            "share": [100 * cluster.size / view.count for cluster in found],
            "density": [cluster.density for cluster in found],
        }
    )
    st.dataframe(
        frame,
        hide_index=True,
        width="stretch",
        column_config={
            "name": st.column_config.TextColumn("Name", width=140),
            "images": st.column_config.NumberColumn("Images", format="localized", width=62),
            "share": st.column_config.ProgressColumn(
                "Share",
                format="%.0f %%",
                max_value=float(frame["share"].max()),
                color="gray",
                width=90,
            ),
            "density": st.column_config.NumberColumn(
                "Density",
                format="%.2f",
                width=62,
                help="Mean similarity of its images to their neighbours.",
            ),
        },
    )


def _cards(view: View, found: Sequence[Cluster], granularity: str) -> None:
    for cluster in one_page(found, size=CARDS_PER_PAGE, key=f"clusters_page_{granularity}"):
        with st.container(key=f"card_{granularity}_{cluster.number}"):
            about, photos = st.columns([2, 5], gap="medium")
            with about:
                about_cluster(view, cluster)
                apart(view, cluster, granularity)
                nearest(view, cluster, granularity)
                actions(view, cluster, granularity)
            with photos:
                typical_photos(view, cluster, granularity, height=288)


def _side_by_side(view: View, pair: Sequence[Cluster], granularity: str) -> None:
    """Two clusters, and what there is between them."""
    one, other = pair
    links = cluster_links(view.space, granularity)
    there, back = links[one.number, other.number], links[other.number, one.number]
    says = "{} of the neighbours of {} are in {}; {} the other way."
    show("p", says, f"{there:.1%}", one.name, other.name, f"{back:.1%}", classes="hint")
    sides = split(1, 1, key="split_pair")
    for side, cluster, against in zip(sides, pair, reversed(pair), strict=True):
        with side, st.container(key=f"card_{granularity}_{cluster.number}"):
            about_cluster(view, cluster)
            apart(view, cluster, granularity, against=against)
            typical_photos(view, cluster, granularity, height=424)
            actions(view, cluster, granularity)


show_page(
    "Clusters", "Groups of images with many neighbours in common, the largest first.", clusters_page
)
