"""The page Labels: labels in doubt, images in two splits, and what training does not reach."""

import json
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import streamlit as st

from explorer.analysis import read_label_accuracy
from explorer.errors import StoreError
from explorer.filters import encode
from explorer.insight.columns import numbers
from explorer.insight.labelling import class_table, confusion, doubts, label_codes, most_confused
from explorer.insight.wording import counted
from explorer.serving.windows import here
from explorer.store import Rows, Space
from explorer.ui import state
from explorer.ui.components.gallery import GalleryItem
from explorer.ui.components.matrix import Cell, MatrixData, matrix
from explorer.ui.html import show
from explorer.ui.panels import MOST_IN_GALLERY, image_gallery, plain_item
from explorer.ui.splits import coverage, leaks
from explorer.ui.state import View
from explorer.ui.thresholds import Threshold, threshold_slider

CELL = "_confused"  # the two labels chosen of the table, and of which table


@dataclass(frozen=True)
class Ranking:
    """A column that labels in doubt are ranked by, and the slider that cuts it off."""

    column: str
    at_least: str
    start: float
    low: float


RANKINGS = {
    "Label trouble": Ranking("label_trouble", "Trouble, at least", 0.5, 0.0),
    "Lead of another label": Ranking("label_margin", "Lead, at least", 0.0, -1.0),
}


def labels_page(view: View) -> None:
    """What there is to judge: the labels themselves, and how the images were split."""
    sections = _sections(view.space)
    if not sections:
        raise StoreError(
            f"There is nothing to judge: {view.dataset.name!r} has no labels, or only one, and no "
            "splits. Labels come from sub-folders, from a list, or by `explorer annotate`."
        )
    section: str | None = next(iter(sections))
    if len(sections) > 1:
        st.session_state.setdefault(_section_key(view.space), section)
        section = st.segmented_control(
            "Judge",
            list(sections),
            required=True,
            key=_section_key(view.space),
            persist_state="session",
            label_visibility="collapsed",
        )
    sections[str(section)](view)


def _sections(space: Space) -> dict[str, Callable[[View], None]]:
    found: dict[str, Callable[[View], None]] = {}
    if "label_trouble" in space.column_names:
        found["Labels in doubt"] = _in_doubt
    if "split_similarity" in space.column_names:
        found |= {"In two splits": leaks, "Not covered by training": coverage}
    return found


def _section_key(space: Space) -> str:
    return f"labels_section_{len(_sections(space))}"


def open_section(space: Space, section: str) -> None:
    """Let the page show this section when it is next opened."""
    st.session_state[_section_key(space)] = section


def _in_doubt(view: View) -> None:
    """A ranked gallery with the reason on every card, beside what is taken for what."""
    accuracy = read_label_accuracy(view.space.figures)
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
    with st.container(key="split"):
        left, right = st.columns([2, 5], gap="medium")
    with left:
        ranking = _ranking(view)
        threshold = _threshold(view, ranking)
        count, select = st.empty(), st.empty()
        pair = _confusion(view)
        label = None if pair else _label(view)
        _classes(view)
    ranked = view.keep(_ranked(view.space, ranking, threshold, pair=pair, label=label))
    with count.container():
        clear = int((view.space.column("label_issue")[ranked] == 1).sum())
        show("p", "{} in doubt", counted(len(ranked), "label"), classes="big")
        show("p", "Of {} another label is clearly likelier.", f"{clear:,}", classes="facts")
    select.button(
        f"Select {counted(len(ranked), 'image')}",
        disabled=not len(ranked),
        on_click=state.select,
        args=(view, view.space.image_ids[ranked], "add"),
        width="stretch",
        help="Add them to the selection, also those not shown: to look again, or to export.",
    )
    with right:
        _gallery(view, ranking, ranked, pair)


def _ranking(view: View) -> Ranking:
    """What comes first: what fits nothing, or what is taken for a like label."""
    offered = [name for name, each in RANKINGS.items() if each.column in view.space.column_names]
    if len(offered) < 2:
        return RANKINGS[offered[0]]
    meta = view.space.column_meta
    chosen = st.segmented_control(
        "Sort by",
        offered,
        default=offered[0],
        required=True,
        key="labels_ranking",
        persist_state="session",
        help="\n\n".join(
            f"**{name}**: {meta(RANKINGS[name].column)['explains']}" for name in offered
        ),
    )
    return RANKINGS[str(chosen)]


def _threshold(view: View, ranking: Ranking) -> float:
    return threshold_slider(
        Threshold(
            ranking.at_least,
            view.space.column_meta(ranking.column)["explains"],
            numbers(view.space, ranking.column)[view.mask],
            start=ranking.start,
            low=ranking.low,
            high=1.0,
        ),
        key=f"{ranking.column}_{view.dataset.name}_{view.space.id}",
    )


def _confusion(view: View) -> tuple[int, int] | None:
    """The table of what is taken for what; the cell that was chosen, as codes."""
    space = view.space
    counts = confusion(space, view.filter)
    shown = most_confused(counts)
    apart = counts[np.ix_(shown, shown)] * ~np.eye(len(shown), dtype=bool)
    if not apart.any():
        return None
    names = label_codes(space).names
    show("h2", "Mistaken for")
    says = "Rows: the label it has. Columns: what it looks like. Choose a cell."
    show("p", says, classes="facts")
    key = f"confusion_{space.dataset.name}_{space.id}"
    table = json.dumps([key, *map(encode, view.filter)])
    listed = [names[code] for code in shown]
    chosen = _chosen_cell(table, listed)
    chosen = chosen if chosen and apart[chosen] else None
    matrix(
        MatrixData(
            listed,
            apart,
            counts.sum(axis=1)[shown],
            "What is mistaken for what. Arrows move, Enter shows the images of a cell.",
            table,
            chosen,
        ),
        dataset=space.dataset.name,
        key=key,
    )
    if chosen is None:
        return None
    st.button("Show all labels", on_click=_forget_cell, help="Let go of the chosen cell.")
    return int(shown[chosen[0]]), int(shown[chosen[1]])


def choose_cell(table: str, pair: tuple[str, str]) -> None:
    """Look at the images with one label that look like another, in one of the tables."""
    here().view[CELL] = (table, pair)


def _chosen_cell(table: str, listed: list[str]) -> Cell | None:
    """Where the two labels stand that were chosen of this table; other labels may be listed now."""
    of, pair = here().view.get(CELL, (None, ()))
    if of != table or not set(pair) <= set(listed):
        return None
    return listed.index(pair[0]), listed.index(pair[1])


def _forget_cell() -> None:
    here().view.pop(CELL, None)


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
                    "Probably wrong", help=view.space.column_meta("label_issue")["explains"]
                ),
                "taken_for": st.column_config.TextColumn("Taken for"),
            },
        )


def _ranked(
    space: Space,
    ranking: Ranking,
    threshold: float,
    *,
    pair: tuple[int, int] | None,
    label: int | None,
) -> Rows:
    """The rows in doubt, worst first; of one cell of the chart, all that it counts."""
    values, labels = numbers(space, ranking.column), label_codes(space)
    if pair:
        wanted = (labels.given == pair[0]) & (labels.suggested == pair[1]) & np.isfinite(values)
    else:
        wanted = values >= threshold
        if label is not None:
            wanted &= labels.given == label
    rows = np.flatnonzero(wanted)
    return rows[np.argsort(-values[rows], kind="stable")]


def _gallery(view: View, ranking: Ranking, ranked: Rows, pair: tuple[int, int] | None) -> None:
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
    )
    if len(ranked) > len(shown):
        show("p", "The first {} are shown.", f"{len(shown):,}", classes="facts")


def _item(space: Space, ranking: Ranking, row: int, why: str) -> GalleryItem:
    labels = label_codes(space)
    item = plain_item(space, row)
    suggested = labels.suggested[row]
    other = suggested >= 0 and suggested != labels.given[row]
    caption = f"{item.caption} → {labels.names[suggested]}" if other else item.caption
    doubt = f"{numbers(space, ranking.column)[row]:.2f}"
    return GalleryItem(item.id, caption, doubt, "warn", why)
