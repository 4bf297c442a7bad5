"""Groups of near-equal images, each with the one to keep."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from explorer.analysis import KINDS
from explorer.curate import duplicate_threshold
from explorer.errors import StoreError
from explorer.filters import Tagged, added
from explorer.insight.columns import numbers
from explorer.insight.grouping import (
    NO_ROWS,
    SURPLUS,
    DuplicateGroup,
    duplicate_groups,
    forget_surplus,
    set_aside,
    settled_ids,
    take_back,
)
from explorer.insight.wording import counted
from explorer.store import Space
from explorer.ui.components.gallery import GalleryItem
from explorer.ui.elements import one_page, split
from explorer.ui.frame import show_page
from explorer.ui.html import show
from explorer.ui.panels.comparing import compare_dialog, similarity_dialog
from explorer.ui.panels.galleries import image_gallery, plain_item
from explorer.ui.panels.thresholds import Threshold, threshold_slider
from explorer.ui.state import now
from explorer.ui.view import View

GROUPS_PER_PAGE = 12
PER_ROW = 5  # images of a group beside each other
PLURALS = {
    "exact copy": "exact copies",
    "same picture": "same picture",
    "mirrored or turned": "mirrored or turned",
    "look-alike": "look-alikes",
}


def duplicates_page(view: View) -> None:
    """The threshold with its histogram beside the groups that it gives."""
    if "nearest_similarity" not in view.space.column_names:
        raise StoreError(
            f"The duplicates of {view.space.id!r} have not been computed. "
            f"Run `explorer analyze {view.dataset.name}`."
        )
    left, right = split(2, 5)
    with left:
        threshold = _threshold(view)
        found = duplicate_groups(view.space, threshold, view.filter)
        shown = _of_kinds(found)
        settled = settled_ids(view.dataset)
        _all_groups(view, shown, settled)
    with right:
        _groups(view, shown, settled, key=f"duplicates_page_{threshold}")


def _threshold(view: View) -> float:
    """From which similarity to the keeper on an image belongs to its group."""
    space = view.space
    nearest = numbers(space, "nearest_similarity")
    known = nearest[np.isfinite(nearest)]
    stored = duplicate_threshold(space)
    # Below the median half of all images would be duplicates, which is not what that word means.
    low = min(stored - 0.05, float(np.median(known))) if len(known) else stored
    return threshold_slider(
        Threshold(
            "Similarity to the keeper, at least",
            "Every image of a group is at least so much like the one to keep, or shows the same "
            "picture by its pixels. Above: how alike each image and its nearest one are; to the "
            "right of the line they make groups.",
            nearest[view.mask],
            start=stored,
            low=low,
            high=1.0,
        ),
        key=f"duplicates_{view.dataset.name}_{space.id}",
    )


def _of_kinds(groups: Sequence[DuplicateGroup]) -> list[DuplicateGroup]:
    """The groups, with those kinds of members that are asked for."""
    kinds = [kind for group in groups for kind in group.kinds[1:]]
    there = [kind for kind in KINDS if kind in kinds]
    if len(there) < 2:
        return list(groups)
    chosen = st.pills(
        "Kind",
        there,
        selection_mode="multi",
        format_func=lambda kind: f"{PLURALS[kind]} {kinds.count(kind):,}",
        key="duplicate_kinds",
        persist_state="session",
        help="Exact copies: equal files. Same picture: recompressed, resized, cropped a little. "
        "Mirrored or turned: the same from its other side, or turned by a quarter or a half. "
        "Look-alikes: other pictures that the extractor finds alike.",
    )
    if not chosen:
        return list(groups)
    fitting = [group.only(chosen) for group in groups]
    return [group for group in fitting if len(group.others)]


def _all_groups(view: View, groups: Sequence[DuplicateGroup], settled: set[int]) -> None:
    """The live count, and what can be done with all groups at once."""
    surplus = np.concatenate([NO_ROWS, *(group.surplus for group in groups)])
    alike = sum(len(group.others) for group in groups) - len(surplus)
    too_many = counted(len(surplus), "image")
    show("p", "{}, {} too many", counted(len(groups), "group"), too_many, classes="big")
    if alike:
        looks = "looks" if alike == 1 else "look"
        show("p", "{} only {} alike", counted(alike, "other image"), looks, classes="facts")
    st.button(
        "Keep the best of each group",
        type="primary",
        disabled=settled.issuperset(view.space.image_ids[surplus].tolist()),
        on_click=set_aside,
        args=(view.tags, view.space, surplus),
        width="stretch",
        help="Sets aside all of which a better version of the same picture is there, under the tag "
        f"“{SURPLUS}”. Look-alikes stay: decide on them group by group. No file is touched, and it "
        "can be undone.",
    )
    if settled:
        _all_settled(view, settled)


def _all_settled(view: View, settled: set[int]) -> None:
    """What was set aside, and what can be done with it."""
    hidden = added(view.filter, Tagged((SURPLUS,), holds=False))
    with st.container(key="card_settled"):
        show("p", "{} set aside as “{}”", counted(len(settled), "image"), SURPLUS, classes="facts")
        rest = np.setdiff1d(view.space.image_ids[view.mask], list(settled))
        with st.container(horizontal=True, gap="small", key="settled_actions"):
            st.button(
                "Hide them",
                on_click=now().filter_by,
                args=(hidden,),
                disabled=hidden == view.filter,
                help="On every page: a filter, which can be taken away there.",
            )
            for label, ids, says in (
                ("Select them", sorted(settled), "To look at them, or to export a list of them."),
                ("Select the rest", rest, "Everything but these: the dataset without duplicates."),
            ):
                st.button(label, on_click=view.select, args=(ids, "replace"), help=says)
            st.button(
                "Undo",
                on_click=forget_surplus,
                args=(view.tags,),
                type="tertiary",
                help="Takes the tag away: nothing is set aside any more.",
            )


def _groups(view: View, groups: Sequence[DuplicateGroup], settled: set[int], *, key: str) -> None:
    if not groups:
        closest = np.nanmax(numbers(view.space, "nearest_similarity"), initial=-1)
        hint = f" The closest two are {closest:.3f} alike: drag the line to the left to see them."
        says = "No two images are as much alike as that."
        show("p", "{}", says + (hint if closest > -1 else ""), classes="empty")
        return
    for group in one_page(groups, size=GROUPS_PER_PAGE, key=key):
        _group(view, group, settled)


def _group(view: View, group: DuplicateGroup, settled: set[int]) -> None:
    number = int(view.space.image_ids[group.keeper])
    done = settled.issuperset(view.space.image_ids[group.others].tolist())
    with st.container(key=f"card_group_{number}"):
        with st.container(horizontal=True, vertical_alignment="center", key=f"group_head_{number}"):
            facts = f"{counted(len(group.rows), 'image')} · lowest similarity {group.lowest:.3f}"
            show("p", "{}", facts, classes="facts grow")
            _actions(view, group, number, done=done)
        items = [_item(view.space, group, place, settled) for place in range(len(group.rows))]
        image_gallery(
            view,
            items,
            key=f"group_{number}",
            label=f"Duplicates of #{number}",
            height=174 if len(items) <= PER_ROW else 342,
            size=120,
            toolbar=False,
            of=len(items),
        )


def _actions(view: View, group: DuplicateGroup, number: int, *, done: bool) -> None:
    """What can be done with one group."""
    rows = group.rows.tolist()
    if len(rows) > 2 and st.button(
        "Similarities", key=f"matrix_{number}", type="tertiary", help="Each image to each other."
    ):
        similarity_dialog(view, rows)
    if st.button("Compare", key=f"compare_{number}", type="tertiary", help="One over the other."):
        compare_dialog(view, rows)
    st.button(
        "Undo" if done else "Keep the best",
        key=f"keep_{number}",
        on_click=take_back if done else set_aside,
        args=(view.tags, view.space, group.others),
        help="Take back what was set aside of this group."
        if done
        else f"Keep the first; the others get the tag “{SURPLUS}”.",
    )


def _item(space: Space, group: DuplicateGroup, place: int, settled: set[int]) -> GalleryItem:
    row = int(group.rows[place])
    item = plain_item(space, row)
    size = " × ".join(f"{numbers(space, side)[row]:.0f}" for side in ("width", "height"))
    if place == 0:
        return GalleryItem(item.id, size, "keep", "good", item.caption)
    if item.id in settled:
        return GalleryItem(item.id, size, "set aside", "bad", group.kinds[place])
    return GalleryItem(item.id, size, f"{group.similarities[place]:.3f}", note=group.kinds[place])


show_page(
    "Duplicates", "The same picture more than once, byte for byte or nearly.", duplicates_page
)
