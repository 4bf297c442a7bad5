"""The page Clusters: a card per cluster, their places on the map, and two of them side by side."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import streamlit as st

from explorer.errors import StoreError
from explorer.insight.clarity import clearer_than_chance, modularities
from explorer.insight.clustering import (
    DEFAULT_GRAIN,
    GRAINS,
    Cluster,
    cluster_links,
    cluster_names,
    cluster_summaries,
    in_words,
    nearest_clusters,
    traits,
)
from explorer.insight.wording import counted
from explorer.serving.windows import session
from explorer.store import MY_GROUP
from explorer.ui import state
from explorer.ui.html import as_label, piece, show
from explorer.ui.mapping import draw_map
from explorer.ui.my_groups import GRAIN, group_actions, grouping_bar
from explorer.ui.palette import CATEGORIES, OTHER
from explorer.ui.panels import image_gallery, plain_item
from explorer.ui.state import View

CARDS_PER_PAGE = 8


def clusters_page(view: View) -> None:
    """The grain, the map and the table in it, and cards by falling size."""
    grain = _grain(view)
    found = cluster_summaries(view.space, grain, view.filter)
    if not found and view.shown is not None:
        show("p", "No image that passes the filter is in one of them.", classes="empty")
        return
    if not found:
        raise StoreError(
            f"There are no clusters in {view.space.id!r} yet: there are too few images, or they "
            f"have not been analysed (`explorer analyze {view.dataset.name}`)."
        )
    with st.container(key="split"):
        left, right = st.columns([3, 2], gap="medium")
    with left:
        draw_map(replace(view, color=grain), key="cluster_map", height=420)
    with right:
        _table(view, found, "group" if grain == MY_GROUP else "cluster")
    by_number = {cluster.number: cluster for cluster in found}
    chosen = st.multiselect(
        "Look at",
        list(by_number),
        format_func=lambda number: f"{by_number[number].name} ({by_number[number].size:,})",
        key=_look_key(view, grain),
        placeholder="all of them; choose two to see them side by side",
        help="One alone, or two side by side with what tells them apart.",
    )
    chosen = [number for number in chosen if number in by_number]  # the filter hides the others
    if len(chosen) == 2:
        _side_by_side(view, [by_number[number] for number in chosen], grain)
    else:
        _cards(view, [by_number[number] for number in chosen] or found, grain)


def _grain(view: View) -> str:
    """The column to look at, and beside it what makes one's own groups of it."""
    grains = {name: title for name, title in GRAINS.items() if name in view.space.column_names}
    if grains and view.dataset.grouping.sets:
        grains[MY_GROUP] = "mine"
    if st.session_state.get(GRAIN) not in grains:  # at first, and what another window has undone
        st.session_state[GRAIN] = DEFAULT_GRAIN
    grain = DEFAULT_GRAIN
    with st.container(horizontal=True, vertical_alignment="bottom", key="grain_row"):
        if len(grains) > 1:
            grain = st.select_slider(
                "How many clusters",
                list(grains),
                format_func=lambda name: grains[name],
                key=GRAIN,
                persist_state="session",
                help="The same images, grouped more or less finely; or the groups you have made.",
            )
        if grains:
            grouping_bar(view, grain)
    return grain


def _look_key(view: View, grain: str) -> str:
    """The key of what is looked at, which is kept by number."""
    return f"look_at_{view.dataset.name}_{view.space.id}_{_numbering(view, grain)}"


def _numbering(view: View, grain: str) -> str:
    """What keys by number begin with: once they are made anew, the numbers mean other clusters."""
    if grain == MY_GROUP:
        return f"{grain}{view.dataset.grouping.version}"
    return f"{grain}_{view.space.column_meta(grain)['fingerprint']}"


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


def _cards(view: View, found: Sequence[Cluster], grain: str) -> None:
    pages = -(-len(found) // CARDS_PER_PAGE)
    page = st.pagination(pages, key=f"clusters_page_{grain}_{pages}") if pages > 1 else 1
    for cluster in found[(page - 1) * CARDS_PER_PAGE : page * CARDS_PER_PAGE]:
        with st.container(key=f"card_{grain}_{cluster.number}"):
            about, photos = st.columns([2, 5], gap="medium")
            with about:
                _about(view, cluster)
                _apart(view, cluster, grain)
                _nearest(view, cluster, grain)
                _actions(view, cluster, grain)
            with photos:
                _photos(view, cluster, grain, height=288)


def _side_by_side(view: View, pair: Sequence[Cluster], grain: str) -> None:
    """Two clusters, and what there is between them."""
    one, other = pair
    links = cluster_links(view.space, grain)
    show(
        "p",
        "{} of the neighbours of {} are in {}; {} the other way.",
        f"{links[one.number, other.number]:.1%}",
        one.name,
        other.name,
        f"{links[other.number, one.number]:.1%}",
        classes="hint",
    )
    with st.container(key="split_pair"):
        sides = st.columns(2, gap="medium")
    for side, cluster, against in zip(sides, pair, reversed(pair), strict=True):
        with side, st.container(key=f"card_{grain}_{cluster.number}"):
            _about(view, cluster)
            _apart(view, cluster, grain, against=against)
            _photos(view, cluster, grain, height=424)
            _actions(view, cluster, grain)


def _about(view: View, cluster: Cluster) -> None:
    show("h2", "{}", cluster.name)
    facts = [counted(cluster.size, "image"), f"{cluster.size / view.count:.0%} of all"]
    show("p", "{}", " · ".join([*facts, f"density {cluster.density:.2f}"]), classes="facts")
    if cluster.labels:
        st.html(label_bar(cluster))


def _apart(view: View, cluster: Cluster, grain: str, *, against: Cluster | None = None) -> None:
    """What sets it apart, in the other columns."""
    number = against.number if against else None
    found = traits(view.space, grain, cluster.number, number)
    if found:
        title = f"Unlike {against.name}" if against else "Unlike the others"
        lines = "".join(piece("li", "{}", in_words(view.space, each)) for each in found)
        st.html(piece("p", "{}", title, classes="facts") + f'<ul class="traits">{lines}</ul>')


def _nearest(view: View, cluster: Cluster, grain: str) -> None:
    """The clusters next to it; a click puts both side by side."""
    near = nearest_clusters(view.space, grain, cluster.number)
    if not near:
        return
    names = {each.number: each.name for each in cluster_summaries(view.space, grain)}
    show("p", "Next to it", classes="facts")
    key = _look_key(view, grain)
    with st.container(horizontal=True, gap="small", key=f"near_{grain}_{cluster.number}"):
        for other, share in near:
            st.button(
                f"{as_label(names.get(other, str(other)))} {share:.0%}",
                key=f"near_{_numbering(view, grain)}_{cluster.number}_{other}",
                on_click=_look_at,
                args=(key, [cluster.number, other]),
                help="The share of its images' neighbours that are there. Click to compare.",
            )


def _look_at(key: str, numbers: list[int]) -> None:
    st.session_state[key] = numbers


def _actions(view: View, cluster: Cluster, grain: str) -> None:
    ids = view.space.image_ids[cluster.rows]
    with st.container(horizontal=True, gap="small", key=f"do_{grain}_{cluster.number}"):
        st.button(
            "Select all",
            key=f"select_{_numbering(view, grain)}_{cluster.number}",
            on_click=state.select,
            args=(view, ids, "add", f"added “{cluster.name}”"),
            help="Add every image in it to the selection.",
        )
        if view.selects(ids).any():
            st.button(
                "Take out",
                type="tertiary",
                key=f"subtract_{_numbering(view, grain)}_{cluster.number}",
                on_click=state.select,
                args=(view, ids, "subtract", f"took “{cluster.name}” out"),
                help="Take every image in it out of the selection.",
            )
        if grain != MY_GROUP:
            with st.popover("Rename", type="tertiary", help="Give it a name of your own."):
                _rename(view, cluster, grain)
    if grain == MY_GROUP:
        group_actions(view, cluster, _by_nearness(view, cluster))


def _by_nearness(view: View, group: Cluster) -> list[str]:
    """The names of all other groups of one's own, the one with most of its neighbours first."""
    shares = cluster_links(view.space, MY_GROUP)[group.number]
    names = list(cluster_names(view.space, MY_GROUP).values())
    order = np.argsort(-shares, kind="stable")
    return [names[number] for number in order if number != group.number]


def _rename(view: View, cluster: Cluster, grain: str) -> None:
    key = f"name_{_numbering(view, grain)}_{cluster.number}"

    def save() -> None:
        name = st.session_state[key]
        view.space.rename_cluster(grain, cluster.number, name, session=session())

    with st.form(f"re{key}", border=False):
        st.text_input(
            "Name", cluster.name, key=key, help="Kept in curation.db. Empty: its own name again."
        )
        st.form_submit_button("Save", on_click=save)


def _photos(view: View, cluster: Cluster, grain: str, *, height: int) -> None:
    items = [
        plain_item(view.space, int(row), "most typical" if place == 0 else "")
        for place, row in enumerate(cluster.representatives)
    ]
    image_gallery(
        view,
        items,
        key=f"{grain}_{cluster.number}",
        label=f"Typical of {cluster.name}",
        height=height,
        size=104,
        toolbar=False,
    )


def label_bar(cluster: Cluster) -> str:
    """The labels in a cluster as one bar, and in words."""
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
