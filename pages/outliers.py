"""The images that stand apart, the oddest first."""

import numpy as np
import numpy.typing as npt
import streamlit as st

from explorer.analysis import FAULTS
from explorer.errors import StoreError
from explorer.insight.columns import numbers
from explorer.insight.oddness import (
    FAMILIES,
    FAULT,
    Measure,
    families,
    far_out,
    faults,
    faulty_rows,
    reason,
    stand_apart,
    titled,
)
from explorer.insight.wording import counted
from explorer.store import Rows, Space
from explorer.ui.components.gallery import GalleryItem
from explorer.ui.elements import one_of, split
from explorer.ui.frame import show_page
from explorer.ui.html import show
from explorer.ui.page_parts import family_key, measure_key
from explorer.ui.panels.galleries import image_gallery, plain_item, select_button
from explorer.ui.panels.thresholds import Threshold, threshold_slider
from explorer.ui.state import begin_with
from explorer.ui.view import View

USUAL = 90  # per cent of the images that a threshold leaves out at first


def outliers_page(view: View) -> None:
    """A ranked gallery beyond a threshold that is dragged beside its histogram."""
    if not families(view.space):
        raise StoreError(
            f"The outliers of {view.space.id!r} have not been computed. "
            f"Run `explorer analyze {view.dataset.name}`."
        )
    measure = _measure(view)
    left, right = split(2, 5)
    with left:
        title, finds = titled(view.space, measure)
        show("h2", "{}", title)
        show("p", "{}", finds, classes="hint")
        if measure.column == "outlier_score" and not stand_apart(view.space).any():
            says = "No image stands far apart from the others; these come nearest to it."
            show("p", says, classes="hint")
        ranked = _of_faults(view) if measure.column == FAULT else _beyond(view, measure)
        _count(view, ranked)
    with right:
        show("h2", "The oddest first")
        image_gallery(
            view,
            (_item(view, measure.column, int(row)) for row in ranked),
            key="outliers",
            label="Outliers",
            empty="No image is as odd as that.",
            height=720,
            size=168,
            of=len(ranked),
        )


def _measure(view: View) -> Measure:
    """Which measure to rank by, chosen by what it looks at."""
    found = families(view.space)
    with st.container(key="outlier_choice", horizontal=True, vertical_alignment="bottom"):
        begin_with(family_key(view.space), next(iter(found)))
        family = one_of(
            "Odd against what",
            list(found),
            key=family_key(view.space),
            persist_state="session",
            help="Each measure finds what others miss.",
        )
        by_title = {titled(view.space, each)[0]: each for each in found[family]}
        title: str | None = next(iter(by_title))
        if len(by_title) > 1:
            begin_with(measure_key(view.space, family), title)
            title = st.pills(
                FAMILIES[family].asks,
                list(by_title),
                required=True,
                key=measure_key(view.space, family),
                persist_state="session",
                help="What each finds and misses is told below.",
            )
    return by_title[str(title)]


def _beyond(view: View, measure: Measure) -> Rows:
    """Where to cut, and the rows beyond, oddest first."""
    values = numbers(view.space, measure.column)
    known = values[np.isfinite(values)]
    if not len(known):
        raise StoreError("There are too few images to tell which of them stand apart.")
    threshold = threshold_slider(
        Threshold(
            "At least" if measure.upwards else "At most",
            "Only images with such a value are listed: the marked part of the histogram.",
            values[view.mask],
            start=_start(view.space, measure, known),
            low=float(known.min()),
            high=float(known.max()),
            upwards=measure.upwards,
        ),
        key=f"outliers_{view.dataset.name}_{view.space.id}_{measure.column}_{measure.upwards}",
    )
    signed = values if measure.upwards else -values
    beyond = signed >= (threshold if measure.upwards else -threshold)
    rows = np.flatnonzero(beyond & view.mask)
    return rows[np.argsort(-signed[rows], kind="stable")]


def _start(space: Space, measure: Measure, known: npt.NDArray[np.float32]) -> float:
    """Where to cut at first: where the analysis does, or else at the oddest few percent."""
    if measure.column == "outlier_score" and stand_apart(space).any():
        return far_out(space)
    return float(np.percentile(known, USUAL if measure.upwards else 100 - USUAL))


def _of_faults(view: View) -> Rows:
    """Which faults to list, and the rows that have them."""
    found = [fault for fault, passes in zip(faults(view.space), view.mask, strict=True) if passes]
    there = [fault for fault in FAULTS if fault in found]
    if not there:
        return np.empty(0, np.int64)
    chosen = st.pills(
        "Only",
        there,
        selection_mode="multi",
        format_func=lambda fault: f"{fault} {found.count(fault):,}",
        key="outlier_faults",
        persist_state="session",
        help="The gravest fault of each picture; nothing chosen lists all of them.",
    )
    return view.keep(faulty_rows(view.space, chosen or there))


def _count(view: View, ranked: Rows) -> None:
    show("p", "{}", counted(len(ranked), "image"), classes="big")
    share = len(ranked) / view.count
    show("p", "{} of {}", f"{share:.1%}", counted(view.count, "image"), classes="facts")
    select_button(
        view, ranked, help="Add every listed image to the selection, also those not shown."
    )


def _item(view: View, column: str, row: int) -> GalleryItem:
    badge = "" if column == FAULT else f"{numbers(view.space, column)[row]:.3g}"
    return plain_item(view.space, row, badge, reason(view.space, column, row))


show_page("Outliers", "Images with no company: nothing else is much like them.", outliers_page)
