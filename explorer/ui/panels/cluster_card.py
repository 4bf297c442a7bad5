"""All that is told of one cluster, and what can be done with it."""

import numpy as np
import streamlit as st

from explorer.insight.clustering import (
    Cluster,
    cluster_links,
    cluster_names,
    cluster_summaries,
    in_words,
    nearest_clusters,
    traits,
)
from explorer.insight.markup import piece
from explorer.insight.palette import CATEGORIES, OTHER
from explorer.insight.wording import counted
from explorer.serving.windows import session
from explorer.store import MY_GROUP
from explorer.ui.html import as_label, show
from explorer.ui.panels.galleries import image_gallery, plain_item
from explorer.ui.panels.user_groups import group_actions
from explorer.ui.state import set_value, value_of
from explorer.ui.view import View


def look_key(view: View, granularity: str) -> str:
    """The key of what is looked at, which is kept by number."""
    return f"look_at_{view.dataset.name}_{view.space.id}_{numbering(view, granularity)}"


def numbering(view: View, granularity: str) -> str:
    """What keys by number begin with: once they are made anew, the numbers mean other clusters."""
    if granularity == MY_GROUP:
        return f"{granularity}{view.dataset.grouping.version}"
    return f"{granularity}_{view.space.made_by(granularity).fingerprint}"


def about_cluster(view: View, cluster: Cluster) -> None:
    show("h2", "{}", cluster.name)
    facts = [counted(cluster.size, "image"), f"{cluster.size / view.count:.0%} of all"]
    show("p", "{}", " · ".join([*facts, f"density {cluster.density:.2f}"]), classes="facts")
    if cluster.labels:
        st.html(label_bar(cluster))


def label_bar(cluster: Cluster) -> str:
    """The labels in a cluster as one bar, and in words."""
    parts = [*cluster.labels]
    rest = cluster.size - sum(count for _, count in parts)
    colors = dict(zip((label for label, _ in parts), CATEGORIES, strict=False))
    if rest:
        parts.append(("others", rest))
    bar = "".join(
        piece(
            "span",
            style=f"flex:{count};background:{colors.get(label, OTHER)}",
            title=f"{label}: {count}",
        )
        for label, count in parts
    )
    words = ", ".join(f"{label} {count}" for label, count in parts)
    return f'<div class="label-bar" aria-hidden="true">{bar}</div>' + piece(
        "p", "{}", words, classes="facts"
    )


def apart(
    view: View, cluster: Cluster, granularity: str, *, against: Cluster | None = None
) -> None:
    """What sets it apart, in the other columns."""
    number = against.number if against else None
    found = traits(view.space, granularity, cluster.number, number)
    if found:
        title = f"Unlike {against.name}" if against else "Unlike the others"
        lines = "".join(piece("li", "{}", in_words(view.space, each)) for each in found)
        st.html(piece("p", "{}", title, classes="facts") + f'<ul class="traits">{lines}</ul>')


def nearest(view: View, cluster: Cluster, granularity: str) -> None:
    """The clusters next to it; a click puts both side by side."""
    near = nearest_clusters(view.space, granularity, cluster.number)
    if not near:
        return
    names = {each.number: each.name for each in cluster_summaries(view.space, granularity)}
    show("p", "Next to it", classes="facts")
    key = look_key(view, granularity)
    with st.container(horizontal=True, gap="small", key=f"near_{granularity}_{cluster.number}"):
        for other, share in near:
            st.button(
                f"{as_label(names.get(other, str(other)))} {share:.0%}",
                key=f"near_{numbering(view, granularity)}_{cluster.number}_{other}",
                on_click=set_value,
                args=(key, [cluster.number, other]),
                help="The share of its images' neighbours that are there. Click to compare.",
            )


def actions(view: View, cluster: Cluster, granularity: str) -> None:
    ids = view.space.image_ids[cluster.rows]
    with st.container(horizontal=True, gap="small", key=f"do_{granularity}_{cluster.number}"):
        st.button(
            "Select all",
            key=f"select_{numbering(view, granularity)}_{cluster.number}",
            on_click=view.select,
            args=(ids, "add", f"added “{cluster.name}”"),
            help="Add every image in it to the selection.",
        )
        if view.selects(ids).any():
            st.button(
                "Take out",
                type="tertiary",
                key=f"subtract_{numbering(view, granularity)}_{cluster.number}",
                on_click=view.select,
                args=(ids, "subtract", f"took “{cluster.name}” out"),
                help="Take every image in it out of the selection.",
            )
        if granularity != MY_GROUP:
            with st.popover("Rename", type="tertiary", help="Give it a name of your own."):
                _rename(view, cluster, granularity)
    if granularity == MY_GROUP:
        group_actions(view, cluster, _by_nearness(view, cluster))


def _by_nearness(view: View, group: Cluster) -> list[str]:
    """The names of all other groups of one's own, the one with most of its neighbours first."""
    shares = cluster_links(view.space, MY_GROUP)[group.number]
    names = list(cluster_names(view.space, MY_GROUP).values())
    order = np.argsort(-shares, kind="stable")
    return [names[number] for number in order if number != group.number]


def _rename(view: View, cluster: Cluster, granularity: str) -> None:
    key = f"name_{numbering(view, granularity)}_{cluster.number}"

    def save() -> None:
        name = value_of(key)
        view.space.rename_cluster(granularity, cluster.number, name, session=session())

    with st.form(f"re{key}", border=False):
        st.text_input(
            "Name", cluster.name, key=key, help="Kept in curation.db. Empty: its own name again."
        )
        st.form_submit_button("Save", on_click=save)


def typical_photos(view: View, cluster: Cluster, granularity: str, *, height: int) -> None:
    items = [
        plain_item(view.space, int(row), "most typical" if place == 0 else "")
        for place, row in enumerate(cluster.representatives)
    ]
    image_gallery(
        view,
        items,
        key=f"{granularity}_{cluster.number}",
        label=f"Typical of {cluster.name}",
        height=height,
        size=104,
        toolbar=False,
    )
