"""Labels in doubt, images in two splits, and what training does not reach."""

import numpy as np
import streamlit as st

from explorer.analysis import read_label_accuracy
from explorer.errors import StoreError
from explorer.insight.columns import numbers
from explorer.insight.labeling import (
    IN_DOUBT,
    IN_TWO,
    RANKINGS,
    UNCOVERED,
    LabelRanking,
    class_table,
    doubts,
    label_codes,
    label_sections,
    most_doubtful,
)
from explorer.insight.wording import counted
from explorer.store import Rows, Space
from explorer.ui.components.gallery import GalleryItem
from explorer.ui.elements import one_of, split
from explorer.ui.frame import show_page
from explorer.ui.html import show
from explorer.ui.page_parts import section_key
from explorer.ui.panels.confusion import confused_pair
from explorer.ui.panels.galleries import MOST_IN_GALLERY, image_gallery, plain_item, select_button
from explorer.ui.panels.splits import coverage, leaks
from explorer.ui.panels.thresholds import Threshold, threshold_slider
from explorer.ui.state import begin_with
from explorer.ui.view import View


def labels_page(view: View) -> None:
    """What there is to judge: the labels themselves, and how the images were split."""
    sections = label_sections(view.space)
    if not sections:
        raise StoreError(
            f"There is nothing to judge: {view.dataset.name!r} has no labels, or only one, and no "
            "splits. Labels come from sub-folders, from a list, or by `explorer annotate`."
        )
    section = sections[0]
    if len(sections) > 1:
        begin_with(section_key(view.space), section)
        section = one_of(
            "Judge",
            sections,
            key=section_key(view.space),
            persist_state="session",
            label_visibility="collapsed",
        )
    {IN_DOUBT: _in_doubt, IN_TWO: leaks, UNCOVERED: coverage}[section](view)


def _in_doubt(view: View) -> None:
    """A ranked gallery with the reason on every card, beside what is taken for what."""
    accuracy = read_label_accuracy(view.space.figures.of)
    if not np.isfinite(numbers(view.space, "label_trouble")).any():
        says = "No label can be judged: none is shared by two different pictures."
        show("p", says, classes="empty")
        return
    if accuracy and not accuracy.told:
        says = "In this space, {}. So nothing in it speaks for or against a label."
        if accuracy.too_few:
            says = "In this space, {}. So no label is doubted here; more labelled images may tell."
        show("p", says + " Another space may.", accuracy.says, classes="empty")
        return
    left, right = split(2, 5)
    with left:
        ranking = _ranking(view)
        threshold = _threshold(view, ranking)
        count, select = st.empty(), st.empty()
        pair = confused_pair(view)
        label = None if pair else _label(view)
        _classes(view)
    ranked = view.keep(most_doubtful(view.space, ranking, threshold, pair=pair, label=label))
    with count.container():
        clear = int((view.space.column("label_issue")[ranked] == 1).sum())
        show("p", "{} in doubt", counted(len(ranked), "label"), classes="big")
        show("p", "Of {} another label is clearly likelier.", f"{clear:,}", classes="facts")
    with select:
        explains = "Add them to the selection, also those not shown: to look again, or to export."
        select_button(view, ranked, help=explains)
    with right:
        _gallery(view, ranking, ranked, pair)


def _ranking(view: View) -> LabelRanking:
    """What comes first: what fits nothing, or what is taken for a like label."""
    offered = [name for name, each in RANKINGS.items() if each.column in view.space.column_names]
    if len(offered) < 2:
        return RANKINGS[offered[0]]
    meta = view.space.column_meta
    chosen = one_of(
        "Sort by",
        offered,
        default=offered[0],
        key="labels_ranking",
        persist_state="session",
        help="\n\n".join(f"**{name}**: {meta(RANKINGS[name].column).explains}" for name in offered),
    )
    return RANKINGS[chosen]


def _threshold(view: View, ranking: LabelRanking) -> float:
    return threshold_slider(
        Threshold(
            ranking.at_least,
            view.space.column_meta(ranking.column).explains,
            numbers(view.space, ranking.column)[view.mask],
            start=ranking.start,
            low=ranking.low,
            high=1.0,
        ),
        key=f"{ranking.column}_{view.dataset.name}_{view.space.id}",
    )


def _label(view: View) -> int | None:
    names = label_codes(view.space).names
    chosen = st.selectbox(
        "Label",
        ["all labels", *sorted(names)],
        key=f"label_class_{view.dataset.name}",
        help="Only the images that have this label.",
    )
    return names.index(chosen) if chosen in names else None


def _classes(view: View) -> None:
    with st.expander("Label by label"):
        st.dataframe(
            class_table(view.space, view.filter),
            hide_index=True,
            width="stretch",
            height=320,
            column_config={
                "label": st.column_config.TextColumn("Label"),
                "images": st.column_config.NumberColumn("Images", format="localized"),
                "told_right": st.column_config.NumberColumn(
                    "Told right",
                    format="percent",
                    help="The share of its images whose label is told right by a classifier that "
                    "has not seen the image; over all labels, the figure in the heading.",
                ),
                "issues": st.column_config.NumberColumn(
                    "Probably wrong", help=view.space.column_meta("label_issue").explains
                ),
                "taken_for": st.column_config.TextColumn("Taken for"),
            },
        )


def _gallery(view: View, ranking: LabelRanking, ranked: Rows, pair: tuple[int, int] | None) -> None:
    labels = label_codes(view.space)
    if pair:
        given, suggested = (labels.names[code] for code in pair)
        show("h2", "Labelled {}, rather {}", given, suggested)
    else:
        show("h2", "The most doubtful first")
    shown = ranked[:MOST_IN_GALLERY]
    items = [
        _item(view.space, ranking, int(row), why)
        for row, why in zip(shown, doubts(view.space, shown.tolist()), strict=True)
    ]
    image_gallery(
        view,
        items,
        key="label_gallery",
        label="Labels in doubt",
        empty="No label is in doubt as much as that.",
        height=720,
        size=168,
        of=len(ranked),
    )


def _item(space: Space, ranking: LabelRanking, row: int, why: str) -> GalleryItem:
    labels = label_codes(space)
    item = plain_item(space, row)
    suggested = labels.suggested[row]
    other = suggested >= 0 and suggested != labels.given[row]
    caption = f"{item.caption} → {labels.names[suggested]}" if other else item.caption
    doubt = f"{numbers(space, ranking.column)[row]:.2f}"
    return GalleryItem(item.id, caption, doubt, "warn", why)


show_page("Labels", "Images whose label the rest of the dataset doubts, worst first.", labels_page)
