"""How the images were split: what stands in two splits, and what training does not reach."""

import numpy as np
import numpy.typing as npt
import pandas as pd
import streamlit as st

from explorer.curate import threshold_of
from explorer.insight.clustering import cluster_summaries
from explorer.insight.columns import label_of, numbers
from explorer.insight.splits import LeakingPair, leaking_pairs, split_codes
from explorer.insight.wording import counted
from explorer.store import Rows, Space
from explorer.ui.components.gallery import GalleryItem
from explorer.ui.elements import one_page, split
from explorer.ui.html import as_label, show
from explorer.ui.panels.comparing import compare_dialog
from explorer.ui.panels.galleries import image_gallery, plain_item, select_button
from explorer.ui.panels.thresholds import Threshold, threshold_slider
from explorer.ui.view import View

PAIRS_PER_PAGE = 12
PAIRS_PER_ROW = 2
ROW_HEIGHT = 35  # pixels of a line of a table
MOST_REGIONS = 8


def leaks(view: View) -> None:
    """Pairs of images in two splits, side by side."""
    space = view.space
    similarity = numbers(space, "split_similarity")
    left, right = split(2, 5)
    with left:
        show("h2", "The same in two splits")
        show("p", "{}", space.column_meta("split_similarity").explains, classes="hint")
        stored = threshold_of(space, "split_leak", "leak_threshold")
        known = similarity[np.isfinite(similarity)]
        threshold = threshold_slider(
            Threshold(
                "Similarity across splits, at least",
                "Pairs that are at least so much alike are shown, and those that are the same by "
                "their pixels or their content.",
                similarity[view.mask],
                start=stored,
                low=min(stored - 0.05, float(np.median(known)) if len(known) else 1),
                high=1.0,
            ),
            key=f"leaks_{view.dataset.name}_{space.id}",
        )
        pairs = leaking_pairs(space, threshold, view.filter)
        show("p", "{}", counted(len(pairs), "pair"), classes="big")
        _leaked_by_split(space, pairs)
        rows = view.keep(np.unique(np.array([pair.row for pair in pairs], np.int64)))
        explains = "Of each pair the one in the smaller split."
        select_button(view, rows, help=explains, purpose=" to drop")
    with right:
        _pairs(view, pairs)


def _leaked_by_split(space: Space, pairs: list[LeakingPair]) -> None:
    names, codes = split_codes(space)
    for code, name in enumerate(names):
        rows = {row for pair in pairs for row in (pair.row, pair.other) if codes[row] == code}
        if rows:
            size = int((codes == code).sum())
            share = f"{len(rows) / size:.1%}"
            show("p", "{}: {} of {} ({})", name, len(rows), f"{size:,}", share, classes="facts")


def _pairs(view: View, pairs: list[LeakingPair]) -> None:
    if not pairs:
        show("p", "No two images of different splits are as much alike as that.", classes="empty")
        return
    shown = one_page(pairs, size=PAIRS_PER_PAGE, key="leaks_page")
    for start in range(0, len(shown), PAIRS_PER_ROW):
        with st.container(key=f"pairs_{start}"):
            columns = st.columns(PAIRS_PER_ROW, gap="small")
        for column, pair in zip(columns, shown[start : start + PAIRS_PER_ROW], strict=False):
            with column:
                _pair(view, pair)


def _pair(view: View, pair: LeakingPair) -> None:
    names, codes = split_codes(view.space)
    key = f"{pair.row}_{pair.other}"
    with st.container(key=f"card_pair_{key}"):
        with st.container(horizontal=True, vertical_alignment="center", key=f"pair_head_{key}"):
            show("p", "{} alike", f"{pair.similarity:.3f}", classes="facts grow")
            if st.button("Compare", key=f"pair_compare_{key}", type="tertiary", help="Overlay."):
                compare_dialog(view, [pair.row, pair.other])
        items = [
            GalleryItem(
                int(view.space.image_ids[row]), label_of(view.space, row), names[codes[row]]
            )
            for row in (pair.row, pair.other)
        ]
        image_gallery(
            view,
            items,
            key=f"pair_{key}",
            label=f"Pair {items[0].id} and {items[1].id}",
            height=190,
            size=150,
            toolbar=False,
        )


def coverage(view: View) -> None:
    """Images of the smaller splits that are unlike all that is trained on, the farthest first."""
    space = view.space
    names, codes = split_codes(space)
    reach = numbers(space, "training_similarity")
    every = (codes > 0) & np.isfinite(reach)
    judged = every & view.mask
    uncovered = space.column("uncovered") == 1
    left, right = split(2, 5)
    with left:
        show("h2", "Far from all training images")
        show("p", "{}", space.column_meta("training_similarity").explains, classes="hint")
        if not uncovered.any():
            says = "No image is further off than chance brings about; these come nearest to it."
            show("p", says, classes="hint")
        start = reach[uncovered].max(initial=np.nan)
        if not np.isfinite(start):
            start = np.percentile(reach[every], 1) if every.any() else 0.0
        threshold = threshold_slider(
            Threshold(
                f"Similarity to “{as_label(names[0])}”, at most",
                "Images of the other splits that are less like every training image than that.",
                reach[judged],
                start=float(start),
                low=float(reach[every].min(initial=1)),
                high=float(reach[every].max(initial=0)),
                upwards=False,
            ),
            key=f"coverage_{view.dataset.name}_{space.id}",
        )
        rows = np.flatnonzero(judged & (reach <= threshold))
        rows = rows[np.argsort(reach[rows], kind="stable")]
        show("p", "{}", f"{len(rows):,} of {judged.sum():,} images", classes="big")
        select_button(view, rows, help="What to collect more training images of.")
        _regions(view, rows, judged)
    with right:
        show("h2", "The farthest first")
        items = (
            plain_item(
                space,
                int(row),
                f"{reach[row]:.2f}",
                f"{names[codes[row]]}; nearest in {names[0]} only {reach[row]:.2f} alike",
            )
            for row in rows
        )
        image_gallery(
            view, items, key="coverage", label="Not covered", height=720, size=168, of=len(rows)
        )


def _regions(view: View, rows: Rows, judged: npt.NDArray[np.bool_]) -> None:
    """In which clusters the uncovered images are."""
    far = np.zeros(len(view.space), bool)
    far[rows] = True
    found = [
        (each.name, int(far[each.rows].sum()), int(judged[each.rows].sum()))
        for each in cluster_summaries(view.space, conditions=view.filter)
    ]
    frame = pd.DataFrame(found, columns=["Cluster", "Not covered", "Of"])
    frame = frame[frame["Not covered"] > 0].sort_values("Not covered", ascending=False)
    if not len(frame):
        return
    show("p", "Where they are", classes="facts")
    height = ROW_HEIGHT * (min(len(frame), MOST_REGIONS) + 1) + 2
    st.dataframe(frame, hide_index=True, width="stretch", height=height)
    alone = len(rows) - int(frame["Not covered"].sum())
    if alone:
        show("p", "{} in no cluster: they stand apart.", f"{alone:,}", classes="facts")
