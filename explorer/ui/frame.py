"""The frame around every page: navigation, dataset and space, the selection, errors, styles."""

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import streamlit as st

from explorer.analysis import read_label_accuracy
from explorer.errors import ExplorerError
from explorer.insight.wording import counted
from explorer.serving.hints import job_failure, with_hint
from explorer.serving.windows import begin_run
from explorer.store import cache_folder, dataset_names, read_jobs
from explorer.ui.address import write_url
from explorer.ui.html import show, warn
from explorer.ui.panels.behind import behind
from explorer.ui.panels.filter_bar import filter_bar
from explorer.ui.panels.notes import news, notes
from explorer.ui.panels.selection_bar import selection_bar
from explorer.ui.panels.watching import activity, wait, watch
from explorer.ui.state import go_to, now, value_of
from explorer.ui.view import View, resolve

# Ours comes last: where both say something it holds.
STYLES = [Path(__file__).with_name(name) for name in ("streamlit.css", "app.css")]
ICON = Path(__file__).with_name("icon.svg")
LOGO = Path(__file__).with_name("logo.svg")

# (section, file and address of the page, title, icon)
PAGES = (
    ("Explore", "overview", "Overview", ":material/dashboard:"),
    ("Explore", "map", "Map", ":material/scatter_plot:"),
    ("Explore", "neighbours", "Neighbours", ":material/image_search:"),
    ("Explore", "clusters", "Clusters", ":material/workspaces:"),
    ("Explore", "outliers", "Outliers", ":material/flare:"),
    ("Explore", "duplicates", "Duplicates", ":material/content_copy:"),
    ("Judge", "labels", "Labels", ":material/label:"),
    ("Judge", "compare", "Compare spaces", ":material/compare:"),
    ("Judge", "features", "Features", ":material/visibility:"),
    ("Curate", "selection", "Selection", ":material/check_box:"),
    ("Curate", "choose", "Choose", ":material/auto_awesome:"),
    ("Curate", "export", "Export", ":material/output:"),
    ("Data", "add_images", "Add images", ":material/add_photo_alternate:"),
)


def run_app(folder: Path) -> None:
    """One run of the app: the frame, then the page the user is on."""
    begin_run()
    st.set_page_config(page_title="Explorer", page_icon=str(ICON), layout="wide")
    for style in STYLES:
        st.html(style)
    st.logo(str(LOGO), icon_image=str(ICON), size="large")
    sections: dict[str, list[st.Page]] = {}
    for section, name, title, icon in PAGES:
        first = name == PAGES[0][1]
        page = st.Page(folder / f"{name}.py", title=title, icon=icon, url_path=name, default=first)
        sections.setdefault(section, []).append(page)
    pages = {page.url_path or PAGES[0][1]: page for group in sections.values() for page in group}
    now().pages = pages
    page = st.navigation(sections, expanded=True)
    page.run()


def show_page(
    title: str, explains: str, content: Callable[[View], None], *, shows_query: bool = False
) -> None:
    """What every page file calls: resolve the view, draw the frame, then the content.

    shows_query: the content shows the photo that was clicked last; elsewhere the frame does.
    """
    now().add_to = None  # the form of Add images begins with nothing next time
    try:
        view = _resolved()
        if view is not None:
            _sidebar(view)
            _heading(title, explains, view)
            notes()
            behind(view.space)
            filter_bar(view)
            _content(view, content)
            selection_bar(view, shows_query=shows_query)
            news()
    except (OSError, pa.ArrowException) as error:
        # What is read at this moment may be written, or removed.
        _unsteady(str(error))


def _resolved() -> View | None:
    try:
        view = resolve(cache_folder())
    except ExplorerError as error:
        _nothing_to_show(with_hint(error))
        return None
    write_url()
    return view


def _content(view: View, content: Callable[[View], None]) -> None:
    try:
        if view.count:
            content(view)
        else:
            show("p", "No image passes the filter. Take a condition away.", classes="empty")
    except ExplorerError as error:
        if not (view.dataset.root / "dataset.json").exists():
            _unsteady(f"The dataset {view.dataset.name!r} has been removed")
            return
        show("p", "{}", with_hint(error), classes="empty")
        if activity(view.dataset.root.parent, view.dataset.name):
            wait(view.dataset.root.parent)


def show_plain_page(title: str, explains: str, content: Callable[[], None]) -> None:
    """The same for a page that looks at no dataset."""
    _title(title, explains, [])
    try:
        content()
    except ExplorerError as error:
        warn(with_hint(error))


def _sidebar(view: View) -> None:
    with st.sidebar:
        st.selectbox(
            "Dataset",
            names := dataset_names(cache_folder()),
            index=names.index(view.dataset.name),
            key=(dataset_key := f"choose_dataset_{view.dataset.name}"),
            on_change=lambda: now().look_at(value_of(dataset_key)),
            help="The folders that have been embedded, the newest first.",
        )
        spaces = view.dataset.space_ids
        st.selectbox(
            "Space",
            spaces,
            index=spaces.index(view.space.id),
            key=(space_key := f"choose_space_{view.space.id}"),
            on_change=lambda: setattr(now(), "space", value_of(space_key)),
            help="Through which extractor the images are seen. Another one shows other likenesses.",
        )
        watch(view)


def _heading(title: str, explains: str, view: View) -> None:
    facts = [counted(len(view.space), "image")]
    if accuracy := read_label_accuracy(view.space.figures.of):
        facts.append(accuracy.says)
    if view.space.is_stale and not activity(view.dataset.root.parent, view.dataset.name):
        facts.append(f"out of date: run `explorer analyze {view.dataset.name}`")
    _title(title, explains, facts)


def _title(title: str, explains: str, facts: list[str]) -> None:
    with st.container(key="heading"):
        show("h1", "{}", title)
        show("p", "{}", explains)
        if facts:
            show("p", "{}", " · ".join(facts), classes="facts")


def _nothing_to_show(reason: str) -> None:
    cache = cache_folder()
    with st.container(key="empty_state"):
        jobs = read_jobs(cache)
        if any(job.state == "running" for job in jobs):
            show("h1", "The first photos are on their way")
            wait(cache)
            return
        show("h1", "Nothing to show yet")
        if jobs and jobs[0].state == "failed":
            warn(f"{jobs[0].dataset}: {job_failure(jobs[0])}")
        show("p", "{}", reason)
        wait(cache)
        st.code("explorer embed path/to/photos", language="bash")
        again, add = st.columns(2)
        again.button("Look again", width="stretch", help="After the command has run.")
        if add.button("Add images here", width="stretch", help="Embed a folder from the app."):
            go_to("add_images")


def _unsteady(reason: str) -> None:
    """What was there a moment ago could not be read."""
    with st.container(key="empty_state"):
        show("h1", "This has changed just now")
        show("p", "{}. A job may be writing to it, or it was removed.", reason.rstrip("."))
        st.button("Look again", type="primary", help="Show what there is now.")
