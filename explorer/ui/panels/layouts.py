"""Which layout the map shows, and laying it out again with other settings."""

import streamlit as st

from explorer.analysis import MapSettings
from explorer.batch import AnalysisRequest, start_job
from explorer.errors import ExplorerError
from explorer.insight.layouts import LAYOUTS, available_layouts, map_quality, settings_in_use
from explorer.insight.learning import CompareRequest
from explorer.serving.hints import job_failure, with_hint
from explorer.store import JobStatus, cache_folder, read_job, running_job
from explorer.ui.html import show, warn
from explorer.ui.panels.watching import is_coming, progress
from explorer.ui.state import now, value_of
from explorer.ui.view import View

LAY_OUT = "lay out"  # the panel closes when it was sent


def chosen_layout(view: View) -> str | None:
    """The layout to show: the one that was asked for, or else the first there is."""
    names = available_layouts(view.space)
    return view.layout if view.layout in names else next(iter(names), None)


def missing_layout(view: View) -> None:
    """Say so when the layout that is asked for has not been computed in this space."""
    shown = chosen_layout(view)
    if shown and is_coming(view):
        show("p", "This is {}; UMAP is on its way.", LAYOUTS[shown].title, classes="facts")
    elif shown and shown != view.layout:
        asked = LAYOUTS[view.layout].title if view.layout in LAYOUTS else f"“{view.layout}”"
        there_is = LAYOUTS[shown].title
        show("p", "There is no layout {} here. This is {}.", asked, there_is, classes="facts")


def layout_choice(view: View) -> None:
    """The choice between the layouts, and a panel to lay the images out again."""
    names = available_layouts(view.space)
    chosen = chosen_layout(view)
    if chosen is None:
        return
    key = f"layout_{view.dataset.name}_{view.space.id}_{view.layout}"

    def choose() -> None:
        now().layout = value_of(key) or chosen

    if len(names) > 1:
        st.segmented_control(
            "Layout",
            names,
            default=chosen,
            format_func=lambda name: LAYOUTS[name].title,
            key=key,
            on_change=choose,
            help=LAYOUTS[chosen].explains,
        )
    with st.popover(
        "Map settings",
        icon=":material/tune:",
        help="How far the map can be trusted, and how to lay it out anew.",
        key=f"lay_out_{now().turns[LAY_OUT]}",
    ):
        _settings(view)


def _settings(view: View) -> None:
    show("p", "{}", map_quality(view.space), classes="hint")
    used = settings_in_use(view.space)
    with st.form("lay_out", border=False):
        neighbors = st.slider(
            "Neighbours",
            2,
            31,
            used.n_neighbors,
            help="How many nearest images hold each one. Few: small groups come out, and the map "
            "falls into pieces. Many: the large shape counts.",
        )
        distance = st.slider(
            "Least distance",
            0.0,
            1.0,
            used.min_dist,
            step=0.05,
            help="How close points may come. 0: tight clumps. 1: spread out evenly.",
        )
        space = st.toggle(
            "3-D as well",
            used.dimensions == 3,
            help="A second layout in three dimensions. Takes as long again.",
        )
        if st.form_submit_button("Lay out again", type="primary"):
            changes = {
                "n_neighbors": neighbors,
                "min_dist": distance,
                "dimensions": 3 if space else 2,
            }
            _start(view, changes, used)
    show(
        "p",
        "The neighbour graph is reused, so this takes seconds. Images that come later are put "
        "among their neighbours; the others stay where they are.",
        classes="facts",
    )


def _start(view: View, changes: dict[str, float], used: MapSettings) -> None:
    if all(getattr(used, name) == value for name, value in changes.items()):
        # The same again: only another seed can give another map.
        changes["seed"] = used.seed + 1
    settings = tuple(f"map.{name}={value}" for name, value in changes.items())
    try:
        start_watched(AnalysisRequest(view.dataset.name, view.space.id, settings))
    except ExplorerError as error:
        warn(with_hint(error))
        return
    now().turns[LAY_OUT] += 1
    st.rerun()


def start_watched(request: AnalysisRequest | CompareRequest) -> None:
    """Start a job that `watch_job` then shows. Raises `ExplorerError` when it cannot begin."""
    before = read_job(cache_folder(), request.dataset)
    start_job(request, cache=cache_folder())
    now().watched = before.started if before else ""


def watch_job(view: View) -> None:
    """Show how far a running analysis is; when it ends, the page shows what it made.

    The first analysis of a space is watched beside every page.
    """
    if is_coming(view):
        return
    if running_job(cache_folder(), view.dataset.name):
        now().watched = ""
    if now().watched is not None:
        _progress(view.dataset.name)


@st.fragment(run_every=0.7)
def _progress(dataset: str) -> None:
    job: JobStatus | None = read_job(cache_folder(), dataset)
    if job is None or job.started == now().watched:
        show("p", "Starting …", classes="facts working")
        return
    if job.state == "running":
        progress(job)
        return
    now().watched = None
    if job.state == "failed":
        warn(job_failure(job))
        return
    st.rerun()
