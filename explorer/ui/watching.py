"""While a job writes to what one looks at, and before there is anything to look at."""

from pathlib import Path

import streamlit as st

from explorer.store import being_written, dataset_names, folder_name, read_job, read_jobs, stamp
from explorer.ui.html import show
from explorer.ui.state import View

EVERY = 2.0  # seconds


def activity(cache: Path, dataset: str) -> str | None:
    """What a job does to a dataset, in words; None when none is running."""
    job = read_job(cache, dataset)
    if job and job.state == "running":
        return f"{job.stage}: {job.done:,} of {job.total:,}" if job.total else f"{job.stage} …"
    if being_written(cache / folder_name(dataset)):
        return "Another process is writing to it …"
    return None


def watch(view: View) -> None:
    """What a running job does to the dataset, and a way to what it has written since."""
    cache, name = view.dataset.root.parent, view.dataset.name
    drawn = stamp(view.dataset.root)

    @st.fragment(run_every=EVERY)
    def tell() -> None:
        doing = activity(cache, name)
        if doing is None:
            st.rerun()
        show("p", "{}", doing, classes="facts working")
        if stamp(view.dataset.root) != drawn and st.button(
            "Show what is new", width="stretch", help="More has been written since this was drawn."
        ):
            st.rerun()

    if activity(cache, name):
        tell()


def wait(cache: Path) -> None:
    """How far the running jobs are; the page is drawn again as soon as one has written more."""
    before = _written(cache)

    @st.fragment(run_every=EVERY)
    def tell() -> None:
        if _written(cache) != before:
            st.rerun()
        for job in read_jobs(cache):
            if job.state == "running":
                doing = activity(cache, job.dataset)
                show("p", "{}: {}", job.dataset, doing or "done", classes="facts working")

    tell()


def _written(cache: Path) -> object:
    return [(name, stamp(cache / folder_name(name))) for name in dataset_names(cache)]
