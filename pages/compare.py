"""Spaces of one dataset side by side, and which of them fits the labels."""

import streamlit as st

from explorer import probe
from explorer.errors import ExplorerError
from explorer.insight.learning import CompareRequest
from explorer.insight.markup import piece
from explorer.insight.wording import counted
from explorer.probe import MEASURES, Comparison
from explorer.serving.hints import job_failure, with_hint
from explorer.serving.registry import open_space
from explorer.store import Space, cache_folder, read_job, stamp
from explorer.ui.charts import comparison as charts
from explorer.ui.elements import show_chart, split
from explorer.ui.frame import show_page
from explorer.ui.html import show, warn
from explorer.ui.panels.behind import add_to, behind
from explorer.ui.panels.disagreement import disagreement
from explorer.ui.panels.layouts import start_watched, watch_job
from explorer.ui.panels.linked_maps import linked_maps
from explorer.ui.state import now
from explorer.ui.view import View

MOST_AT_FIRST = 4  # spaces that are compared before the user chooses


def comparison_page(view: View) -> None:
    """The verdict, the maps, what the spaces disagree on, and what each costs."""
    chosen = _choose_spaces(view)
    if not chosen:
        show("p", "Choose two spaces or more; one alone is measured, too.", classes="empty")
        return
    for other in chosen:
        if other != view.space.id:  # of that one the frame tells
            behind(open_space(view.dataset, other))
    found = _compared(str(view.dataset.root), stamp(view.dataset.root), tuple(chosen), view)
    _verdict(view, found)
    if len(chosen) == 1:
        _another(view)
        return
    pair = _choose_pair(view, chosen)
    linked_maps(view, pair)
    disagreement(view, pair)
    _costs(found)


def _another(view: View) -> None:
    """What to do where there is nothing to compare with."""
    show("h2", "Would another extractor do better?")
    others = len(view.dataset.space_ids) - 1
    says = "Embed the same images with a second extractor, and both stand here side by side."
    show("p", "{}", "Choose a second space above." if others else says, classes="hint")
    if not others and st.button("Add images", key="another", help="Choose an extractor there."):
        add_to(view.dataset)


def _choose_spaces(view: View) -> list[str]:
    spaces = view.dataset.space_ids
    if len(spaces) < 2:
        return spaces
    first = [view.space.id, *(each for each in spaces if each != view.space.id)]
    return st.multiselect(
        "Spaces",
        spaces,
        first[:MOST_AT_FIRST],
        key=f"compared_{view.dataset.name}",
        persist_state="session",
        help="The extractors to put side by side. `explorer embed --extractor ID` adds one.",
    )


@st.cache_resource(max_entries=8, show_spinner="Comparing the spaces …")
def _compared(
    root: str,  # noqa: ARG001
    version: object,  # noqa: ARG001
    spaces: tuple[str, ...],
    _view: View,
) -> Comparison:
    """What is known without learning, and what has been learned before."""
    return probe.compare(_view.dataset, spaces=spaces, learning=False)


# --- which separates the labels


def _verdict(view: View, found: Comparison) -> None:
    one = len(found.spaces) == 1
    show("h2", "{}", "Are your labels separable?" if one else "Which separates your labels?")
    if found.why_not:
        show("p", "{}", found.why_not, classes="empty")
        return
    for measure in MEASURES:
        if said := probe.verdict(found, measure):
            show("p", "{}", said, classes="verdict")
    everything = [] if view.shown is None else ["Judged by all images, whatever the filter shows."]
    for note in [*found.notes, *everything]:
        show("p", "{}", note, classes="facts")
    if not found.learned:
        _offer_to_learn(view, found)
    left, right = split(3, 4, key="split_verdict")
    with left:
        show("h3", "Accuracy, with intervals of 95 %")
        show_chart(charts.ranking_chart(found), key="ranking")
        judged = counted(found.judged, "image"), counted(found.labels, "label")
        says = "Judged are {} with {}; the commonest label is {}, which guessing reaches."
        show("p", says, *judged, f"{found.commonest:.1%}", classes="facts")
    with right:
        show("h3", "Label accuracy by number of labels")
        if found.learned:
            show_chart(charts.curve_chart(found), key="curves")
            show(
                "p", "The band holds eight in ten random choices of those images.", classes="facts"
            )
        else:
            show("p", "Not measured yet.", classes="empty")


def _offer_to_learn(view: View, found: Comparison) -> None:
    watch_job(view)
    if now().watched is not None:
        return
    job = read_job(cache_folder(), view.dataset.name)
    if job and job.state == "failed" and job.source.startswith("comparison"):
        warn(job_failure(job))
    missing = [space.id for space in found.spaces if space.curve is None]
    st.button(
        "Measure label accuracy",
        icon=":material/model_training:",
        type="primary",
        key="learn",
        on_click=_learn,
        args=(view, tuple(space.id for space in found.spaces)),
        help=f"Trains classifiers on the vectors of {', '.join(missing)}, which may take "
        "minutes. It runs in a process of its own, and what it finds is kept.",
    )
    window = now()
    if window.job_failed:
        warn(window.job_failed)
        window.job_failed = None


def _learn(view: View, spaces: tuple[str, ...]) -> None:
    try:
        start_watched(CompareRequest(view.dataset.name, spaces))
    except ExplorerError as error:
        now().job_failed = with_hint(error)


# --- two of them


def _choose_pair(view: View, spaces: list[str]) -> tuple[Space, Space]:
    """The two that are looked at closely."""
    show("h2", "Two spaces, image by image")
    left, right = spaces[:2]
    with st.container(horizontal=True, key="pair_choice", vertical_alignment="bottom"):
        left = st.selectbox("Left", spaces, key="pair_left", help="Shown left, and above.")
        others = [each for each in spaces if each != left]
        right = st.selectbox("Right", others, key="pair_right", help="Shown right, and below.")
    return open_space(view.dataset, left), open_space(view.dataset, right)


# --- what each is like


def _costs(found: Comparison) -> None:
    show("h2", "What each costs, and what it is like")
    accuracies = {
        space.id: (space.label_accuracy or space.nearest).value  # type: ignore[union-attr]
        for space in found.spaces
        if space.label_accuracy or space.nearest
    }
    left, right = split(1, 1, key="split_costs")
    with left:
        show("h3", "Accuracy and speed")
        timed = charts.with_speed(found, accuracies)
        if timed:
            show_chart(charts.trade_off_chart(found, accuracies), key="trade_off")
        untimed = [space.id for space in found.spaces if space not in timed]
        if untimed:
            says = "The speed of {} has not been measured on this machine: `explorer compare {}` "
            show("p", says + "does it.", ", ".join(untimed), found.dataset, classes="facts")
    with right:
        show("h3", "How alike they are as a whole (linear CKA)")
        show_chart(charts.likeness_chart(found), key="likeness")
    st.html(_table(found))


HEADS = {
    "Dimensions": "The length of a vector.",
    "Intrinsic": "How many dimensions the images really fill (TwoNN).",
    "Hubness": "Skewness of how often an image is among the 10 nearest of others: above 2, a few "
    "images are near everything.",
    "Nobody's": "The share of images that are among the 10 nearest of no other image.",
    "On disk": "Vectors, index, graph and columns.",
    "Images/s": "Of the extractor alone on this machine, without reading and decoding.",
}


def _table(found: Comparison) -> str:
    """What there is to know of each space, as an HTML table."""
    heads = [piece("th", "{}", name, title=says, scope="col") for name, says in HEADS.items()]
    lines = ["<tr><td></td>" + "".join(heads) + "</tr>"]
    for space in found.spaces:
        speed = space.images_per_second
        cells = (
            f"{space.dimension:,}",
            f"{space.intrinsic_dimension:.1f}".replace("nan", "–"),
            f"{space.hubness.skewness:.1f}",
            f"{space.hubness.never:.0%}",
            f"{space.bytes_on_disk / 1e6:,.1f} MB",
            "–" if speed is None else f"{speed:,.0f}",
        )
        name = piece("div", "{}", space.id) + piece("div", "{}", space.sees, classes="words")
        line = f'<th scope="row">{name}</th>' + "".join(piece("td", "{}", cell) for cell in cells)
        lines.append(f"<tr>{line}</tr>")
    table = f'<table class="figures">{"".join(lines)}</table>'
    return f'<div class="wide" role="region" aria-label="Costs" tabindex="0">{table}</div>'


show_page(
    "Compare spaces",
    "The same images through different extractors: which of them tells your labels apart?",
    comparison_page,
)
