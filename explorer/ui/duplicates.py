"""The page Duplicates: groups of near-equal images, each with the one to keep."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import streamlit as st

from explorer.errors import StoreError
from explorer.store import Space
from explorer.ui import state
from explorer.ui.columns import numbers
from explorer.ui.components import GalleryItem
from explorer.ui.html import counted, show
from explorer.ui.panels import image_gallery, plain_item, selection_tray
from explorer.ui.state import View

GROUPS_PER_PAGE = 12


@dataclass(frozen=True)
class Group:
    """One group: its rows, the keeper first and then by falling similarity to it."""

    number: int
    rows: npt.NDArray[np.int64]
    similarities: npt.NDArray[np.float32]


def duplicate_groups(space: Space, threshold: float) -> list[Group]:
    """The stored groups, with the members that are at least `threshold` like their keeper.

    Groups of one are left out. The closest groups come first.
    """
    codes = space.column("duplicate_group")
    similarity = numbers(space, "duplicate_similarity")
    surplus = space.column("duplicate_surplus")
    members = np.flatnonzero((codes >= 0) & (similarity >= threshold))
    # By group, the keeper (which is no surplus) first, then by falling similarity.
    order = members[np.lexsort((-similarity[members], surplus[members], codes[members]))]
    cuts = np.flatnonzero(np.diff(codes[order])) + 1
    groups = [
        Group(int(codes[rows[0]]), rows, similarity[rows])
        for rows in np.split(order, cuts)
        if len(rows) > 1
    ]
    return sorted(groups, key=lambda group: -float(group.similarities.min()))


def duplicates_page(view: View) -> None:
    """Groups from a similarity on; the surplus of all of them goes into the selection at once."""
    space = view.space
    if "duplicate_group" not in space.column_names:
        raise StoreError(
            f"The duplicates of {space.id!r} have not been computed. "
            f"Run `explorer analyze {view.dataset.name}`."
        )
    lowest = float(space.column_meta("duplicate_group")["parameters"]["threshold"])
    left, right = st.columns([3, 2], gap="medium", vertical_alignment="bottom")
    threshold = left.slider(
        "Similarity to the keeper, at least",
        lowest,
        1.0,
        lowest,
        0.005,
        format="%.3f",
        key=f"duplicate_threshold_{view.dataset.name}_{space.id}",
        help="Every image of a group is at least so much like the one to keep. For less: "
        f"`explorer analyze {view.dataset.name} --set duplicates.threshold=0.9`.",
    )
    groups = duplicate_groups(space, threshold)
    surplus = [row for group in groups for row in group.rows[1:].tolist()]
    right.button(
        f"Select {counted(len(surplus), 'image')} to drop",
        disabled=not surplus,
        on_click=state.select,
        args=(view, space.image_ids[surplus], "add"),
        width="stretch",
        help="All but one of each group: the one with the most pixels is kept.",
    )
    if not groups:
        show("p", "No two images are as much alike as that.", classes="hint")
    else:
        found = f"{counted(len(groups), 'group')}, {counted(len(surplus), 'image')} too many."
        show("p", "{}", found, classes="hint")
    pages = -(-len(groups) // GROUPS_PER_PAGE)
    page = st.pagination(pages, key="duplicates_page") if pages > 1 else 1
    for group in groups[(page - 1) * GROUPS_PER_PAGE : page * GROUPS_PER_PAGE]:
        _group(view, group)
    selection_tray(view)


def _group(view: View, group: Group) -> None:
    with st.container(key=f"card_group_{group.number}"):
        show(
            "p",
            "{} · lowest similarity {}",
            counted(len(group.rows), "image"),
            f"{group.similarities.min():.3f}",
            classes="facts",
        )
        items = [
            _item(view.space, int(row), float(similarity), keeper=place == 0)
            for place, (row, similarity) in enumerate(
                zip(group.rows, group.similarities, strict=True)
            )
        ]
        image_gallery(
            view,
            items,
            key=f"group_{group.number}",
            label=f"Duplicates, group {group.number}",
            height=245,
            size=136,
            toolbar=False,
        )


def _item(space: Space, row: int, similarity: float, *, keeper: bool) -> GalleryItem:
    item = plain_item(space, row)
    size = f"{space.column('width')[row]} × {space.column('height')[row]}"
    if keeper:
        return GalleryItem(item.id, size, "keep", "good", item.caption)
    return GalleryItem(item.id, size, f"{similarity:.3f}", note=item.caption)
