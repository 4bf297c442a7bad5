"""What to choose: the form, and what it comes to."""

import numpy as np
import streamlit as st

from explorer import curate
from explorer.curate import STRATEGIES, ChooseSettings
from explorer.errors import UsageError
from explorer.insight.exporting import sortable
from explorer.serving.hints import with_hint
from explorer.store import Rows
from explorer.ui.html import as_label, show, warn
from explorer.ui.view import View

AMONG_SHOWN = "What is shown"
AMONG_SELECTED = "The selection"
NOBODY = "none"


def asked_for(view: View) -> tuple[ChooseSettings, Rows, list[str]] | None:
    """What the form says; None when that cannot be done, which is told."""
    try:
        return _settings(view)
    except UsageError as error:
        warn(with_hint(error))
        return None


def _settings(view: View) -> tuple[ChooseSettings, Rows, list[str]]:
    """What to choose, among which rows, and the tags that count as chosen already.

    The fields have no bounds of their own: Streamlit keeps a number that is out of bounds in red
    and goes on with the one before.
    """
    how = str(
        st.selectbox(
            "How",
            list(STRATEGIES),
            format_func=lambda name: STRATEGIES[name].title,
            key="choose_how",
            persist_state="session",
            help="What each one does stands below.",
        )
    )
    strategy = STRATEGIES[how]
    show("p", "{}", strategy.explains, classes="facts")
    among = _among(view)
    count = None
    if strategy.count != "none":
        count = st.number_input(
            "How many",
            value=min(100, len(among) // 8 or 1) if strategy.count == "needed" else None,
            placeholder="all that count as outliers",
            key=f"choose_count_{strategy.count}_{len(among)}",
            help="How many images to choose.",
        )
    by = _by(view, how) if strategy.grouped else None
    threshold = _likeness(view) if strategy.likeness else None
    parts = _parts() if how == "split" else ChooseSettings().parts
    given = _given(view)
    seed = st.number_input("Seed", value=0, help="The same seed chooses the same.")
    return (
        ChooseSettings(how, None if count is None else int(count), by, threshold, parts, int(seed)),
        among,
        given,
    )


def _by(view: View, how: str) -> str | None:
    """The column whose values are balanced, or spread evenly."""
    return st.selectbox(
        "Balance" if how == "balanced" else "Spread evenly",
        sortable(view.space),
        format_func=lambda name: as_label(view.space.column_meta(name).title),
        help="The column whose values are looked at.",
    )


def _likeness(view: View) -> float:
    return st.slider(
        "Near-duplicates from similarity",
        0.5,
        1.0,
        curate.duplicate_threshold(view.space),
        0.005,
        format="%.3f",
        help="Cosine similarity from which two images are near-duplicates. The page Duplicates "
        "shows what that means.",
    )


def _given(view: View) -> list[str]:
    """The tags whose images count as chosen already."""
    tags = [tag.name for tag in view.tags.all()]
    if not tags:
        return []
    return st.multiselect(
        "Already chosen",
        tags,
        format_func=as_label,
        placeholder=NOBODY,
        help="Images of these tags count as chosen: what is chosen now is to go with them.",
    )


def _among(view: View) -> Rows:
    groups = {AMONG_SHOWN: view.passing}
    if len(view.selection):
        groups[AMONG_SELECTED] = view.rows
    tags = {f"Tag “{tag}”": tag for tag in (each.name for each in view.tags.all())}
    name = str(
        st.selectbox(
            "Among",
            [*groups, *tags],
            format_func=as_label,
            key=f"choose_among_{len(groups)}_{len(tags)}",
            help="What is shown are the images that pass the filter above.",
        )
    )
    if name in groups:
        return groups[name]
    ids = view.tags.ids(tags[name])
    return np.flatnonzero(np.isin(view.space.image_ids, ids))


def _parts() -> tuple[tuple[str, float], ...]:
    cells = st.columns(3)
    sizes = {
        name: cell.number_input(
            name,
            value=size * 100,
            step=5.0,
            format="%g",
            help="Its share, in any unit; 0 leaves the part out.",
        )
        for cell, (name, size) in zip(cells, ChooseSettings().parts, strict=True)
    }
    return tuple((name, size) for name, size in sizes.items() if size)
