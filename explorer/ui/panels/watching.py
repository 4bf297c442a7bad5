"""While a job writes to what one looks at, and before there is anything to look at."""

from pathlib import Path

import streamlit as st

from explorer.insight.wording import counted, duration
from explorer.store import (
    JobStatus,
    being_written,
    dataset_names,
    folder_name,
    read_jobs,
    running_job,
    stamp,
)
from explorer.ui.html import show
from explorer.ui.view import View

EVERY = 1.0  # seconds


def progress(job: JobStatus) -> None:
    """A bar: what a running job is at, how far, and how long that still takes."""
    of = f": {job.done:,} of {job.total:,}" if job.total else " …"
    left = f" · {duration(job.left)} left" if job.left is not None else ""
    rejected = f" · {counted(job.rejected, 'file')} rejected" if job.rejected else ""
    share = job.done / job.total if job.total else 0.0
    st.progress(min(share, 1.0), f"{job.stage}{of}{left}{rejected}")


def activity(cache: Path, dataset: str) -> bool:
    """Does a job write to a dataset?"""
    return bool(running_job(cache, dataset)) or being_written(cache / folder_name(dataset))


def watch(view: View) -> None:
    """What a running job does to the dataset, and a way to what it has written since.

    Until a space has been analysed for the first time there is nobody who could be disturbed: what
    comes is shown by itself.
    """
    cache, name = view.dataset.root.parent, view.dataset.name
    drawn = stamp(view.dataset.root)
    comes = is_coming(view)

    @st.fragment(run_every=EVERY)
    def tell() -> None:
        is_new = stamp(view.dataset.root) != drawn
        if not activity(cache, name) or (comes and is_new):
            st.rerun()
        if job := running_job(cache, name):
            progress(job)
        else:
            show("p", "Another process is writing to it …", classes="facts working")
        if is_new and st.button(
            "Show what is new", width="stretch", help="More has been written since this was drawn."
        ):
            st.rerun()

    if activity(cache, name):
        tell()


def is_coming(view: View) -> bool:
    """Is the space still to be analysed for the first time, by a job that runs?"""
    there = "map_x" in view.space.column_names
    return not there and running_job(view.dataset.root.parent, view.dataset.name) is not None


def wait(cache: Path) -> None:
    """How far the running jobs are; the page is drawn again as soon as one has written or ended."""
    before = _written(cache)

    @st.fragment(run_every=EVERY)
    def tell() -> None:
        if _written(cache) != before:
            st.rerun()
        for job in read_jobs(cache):
            if job.state == "running":
                show("p", "{}", job.dataset, classes="facts")
                progress(job)

    tell()


def _written(cache: Path) -> object:
    written = [(name, stamp(cache / folder_name(name))) for name in dataset_names(cache)]
    return written, [(job.dataset, job.started, job.state) for job in read_jobs(cache)]
