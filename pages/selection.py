"""Look at what is selected, combine it, keep it, and go back."""

from collections.abc import Callable
from functools import partial
from urllib.parse import urlencode

import streamlit as st

from explorer.insight.clustering import GRANULARITIES, cluster_summaries
from explorer.insight.markup import piece
from explorer.insight.wording import counted
from explorer.store import MY_GROUP, Mode, Rows, rows_of
from explorer.ui.address import SELECTION
from explorer.ui.elements import split
from explorer.ui.frame import show_page
from explorer.ui.html import show
from explorer.ui.panels.galleries import image_gallery, plain_items
from explorer.ui.panels.selection_bar import tag_choice
from explorer.ui.panels.tag_list import tag_list
from explorer.ui.view import View

STEPS_SHOWN = 8
MODES: dict[Mode, tuple[str, str]] = {
    "add": ("Add", "Union: what is selected, and these."),
    "subtract": ("Take out", "What is selected, without these."),
    "intersect": ("Keep only these", "Intersection: what is selected and among these."),
    "replace": ("Select these", "These instead of what is selected."),
}


def selection_page(view: View) -> None:
    """The selected images, and beside them what can be done with all of them."""
    left, right = split(5, 3)
    with left:
        _photos(view)
    with right:
        with st.container(key="card_combine"):
            _combine(view)
        with st.container(key="card_tags"):
            tag_list(view)
        if len(view.selection):
            with st.container(key="card_keep"):
                show("h2", "Keep it")
                tag_choice(view, "page")
                _link(view)
        if view.dataset.is_curated:
            _steps(view)


def _photos(view: View) -> None:
    rows = view.rows
    if not len(view.selection):
        show(
            "p",
            "Nothing is selected yet. Draw around points on the map, tick photos in a gallery, "
            "take a whole cluster, select what a filter shows, or begin with a tag.",
            classes="empty",
        )
        return
    show("h2", "{}", counted(len(view.selection), "image"))
    facts = []
    if hidden := len(rows) - len(view.keep(rows)):
        facts.append(f"{hidden:,} of them hidden by the filter elsewhere")
    if elsewhere := len(view.selection) - len(rows):
        facts.append(f"{elsewhere:,} not in this space")
    if facts:
        show("p", "{}", " · ".join(facts), classes="facts")
    image_gallery(
        view,
        plain_items(view, rows),
        key="selection_gallery",
        label="Selected images",
        of=len(rows),
        height=600,
    )


# --- combine


def _combine(view: View) -> None:
    """Union, difference and intersection with anything that has a name."""
    show("h2", "Combine")
    sources = _sources(view)
    kind = st.selectbox(
        "With", list(sources), key="combine_with", help="What the selection is combined with."
    )
    named = sources[kind]
    names = list(named)
    name = names[0]
    if len(names) > 1 or kind != name:
        name = st.selectbox("Which", names, key=f"combine_which_{kind}", help="One of them.")
    rows = named[name]()
    selected = int(view.selects(view.space.image_ids[rows]).sum())
    images = counted(len(rows), "image")
    show("p", "{}, {} of them selected", images, f"{selected:,}", classes="facts")
    with st.container(horizontal=True, gap="xsmall", key="combine_modes"):
        for mode, (label, says) in MODES.items():
            st.button(
                label,
                key=f"combine_{mode}",
                on_click=view.select,
                args=(view.space.image_ids[rows], mode, f"{label.lower()}: {name}"),
                disabled=mode in ("subtract", "intersect") and not len(view.selection),
                help=says,
            )


def _sources(view: View) -> dict[str, dict[str, Callable[[], Rows]]]:
    """What there is to combine with, by kind and name; the rows are worked out when asked for."""
    space = view.space
    found: dict[str, dict[str, Callable[[], Rows]]] = {}
    if view.shown is not None:
        found["What the filter shows"] = {"What the filter shows": lambda: view.passing}
    tags = view.dataset.tagging.sets
    if tags:
        found["Tag"] = {tag.name: partial(rows_of, tag.ids, space.image_ids) for tag in tags}
    granularities = {name: f"Clusters: {title}" for name, title in GRANULARITIES.items()}
    for column, title in {MY_GROUP: "My groups", **granularities}.items():
        if column in space.column_names:
            clusters = cluster_summaries(space, column)
            if clusters:
                found[title] = {
                    f"{each.name} ({each.size:,})": partial(_same, each.rows) for each in clusters
                }
    found["All images"] = {"All images": lambda: view.passing}
    return found


def _same(rows: Rows) -> Rows:
    return rows


# --- keep, and go back


def _link(view: View) -> None:
    if st.button(
        "Make a link",
        type="tertiary",
        icon=":material/link:",
        help="An address that selects exactly these images, for a colleague on this server.",
    ):
        key = view.curation.save_selection(view.selection)
        asked = {"dataset": view.dataset.name, "space": view.space.id, SELECTION: key}
        address = str(st.context.url).partition("?")[0]
        st.code(f"{address}?{urlencode(asked)}", language=None, wrap_lines=True)


def _steps(view: View) -> None:
    """What this user did last, the latest first."""
    steps = view.curation.steps(STEPS_SHOWN)
    if not steps:
        return
    with st.container(key="card_steps"):
        show("h2", "What you did")
        items = "".join(
            piece("li", "{}", step.change, classes="undone" if step.undone else "")
            for step in steps
        )
        st.html(f'<ol class="steps">{items}</ol>')
        show("p", "Undo and redo are at the foot of every page.", classes="facts")


show_page(
    "Selection",
    "What you have selected, on whatever page; kept under a name it is a tag.",
    selection_page,
)
