"""Start the embedding job on a folder, and watch it."""

import contextlib
import os
import signal

import streamlit as st

from explorer import extractors
from explorer.batch import JobRequest, start_job
from explorer.errors import ExplorerError
from explorer.images import open_source
from explorer.serving.folders import ADD, Folders, folders
from explorer.serving.hints import job_failure, with_hint
from explorer.store import JobStatus, cache_folder, dataset_names, read_jobs
from explorer.ui.elements import split
from explorer.ui.frame import show_plain_page
from explorer.ui.html import as_label, show, warn
from explorer.ui.panels.watching import progress
from explorer.ui.state import Beginning, now

CLOSED = (
    "Others may see this page as well, so no folder of the computer that runs Explorer is read "
    "from here. Whoever starts it there can allow one (`explorer serve --allow-add FOLDER`), or "
    "embed it by the command line (`explorer embed FOLDER`)."
)


def adding_page() -> None:
    """A form for a new job, and all jobs with their progress."""
    form, jobs = split(2, 3)
    with form, st.container(key="card_add"):
        show("h2", "Embed a folder")
        if (allowed := folders(ADD)).is_none:
            show("p", "{}", CLOSED, classes="hint")
        else:
            _form(allowed)
    with jobs:
        _jobs()


def _form(allowed: Folders) -> None:
    begun = now().add_to or Beginning()
    known = [each.id for each in extractors.available() if not each.needs]
    with st.form("add", border=False):
        source = st.text_input(
            "Folder", begun.source, placeholder="/data/photos", help=_where(allowed)
        )
        name = st.text_input(
            "Name",
            begun.name,
            placeholder="the folder's name",
            help="A name that exists already: what is new or changed is added to that dataset.",
        )
        chosen = st.multiselect(
            "Extractors",
            list(dict.fromkeys([*known, *begun.extractors])),
            list(begun.extractors),
            help="Each one makes a space of its own. All of them share one reading of the files.",
        )
        if not st.form_submit_button("Start", type="primary"):
            return
    if not source.strip() or not chosen:
        warn("A folder and at least one extractor are needed.")
        return
    try:
        place = allowed.source(source.strip())
        dataset = name.strip() or open_source(place).name
        request = JobRequest(place, dataset, tuple(chosen))
        start_job(request, cache=cache_folder())
    except ExplorerError as error:
        warn(with_hint(error))


def _where(allowed: Folders) -> str:
    """What the field takes."""
    if allowed.within is None:
        kinds = "A list (CSV, Parquet), an archive or a URL does as well."
        return f"On the computer that runs Explorer. Sub-folders become labels. {kinds}"
    listed = as_label(", ".join(map(str, allowed.within)))
    return f"Something in {listed}, on the computer that runs Explorer. Sub-folders become labels."


@st.fragment(run_every=1.0)
def _jobs() -> None:
    show("h2", "Jobs")
    found = read_jobs(cache_folder())
    if not found:
        show(
            "p",
            "None yet. A job runs in a process of its own: close the tab, and it goes on.",
            classes="hint",
        )
    for job in found:
        _job(job)


def _job(job: JobStatus) -> None:
    with st.container(key=f"card_job_{job.pid}"):
        show("h2", "{}", job.dataset)
        show("p", "{}", job.source, classes="path")
        if job.state == "running":
            progress(job)
            st.button(
                "Stop",
                key=f"stop_{job.pid}",
                on_click=_stop,
                args=(job.pid,),
                help="After the images in hand; start it again to go on.",
            )
            _look(job)
        elif job.state == "failed":
            warn(job_failure(job))
        else:
            show("p", "{}", f"{job.state.capitalize()}: {job.message}", classes="facts")
            _look(job)


def _look(job: JobStatus) -> None:
    """A way to what there is of a dataset; a running job's photos are there part by part."""
    if job.dataset in dataset_names(cache_folder()) and st.button(
        "Look at it", key=f"look_{job.pid}"
    ):
        now().look_at(job.dataset)
        st.rerun()


def _stop(pid: int) -> None:
    # It may have ended in the meantime.
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)


show_plain_page("Add images", "Embed a folder, or bring a dataset up to date.", adding_page)
