"""Opening datasets for the app: once for all users, and anew when something has been written."""

import os
from pathlib import Path
from typing import Any

import streamlit as st

from explorer.store import Dataset, Space, open_dataset, stamp
from explorer.ui import started
from explorer.ui.server import current, open_space, serve


@st.cache_resource(max_entries=8, show_spinner=False)
def _open(name: str, cache: str, version: Any) -> Dataset:  # noqa: ARG001
    dataset = open_dataset(name, cache=cache)
    serve(dataset)
    return dataset


def fresh(name: str, cache: Path) -> Dataset:
    """The dataset as it is on the disk now."""
    root = open_dataset(name, cache=cache).root
    return current(_open(name, str(cache), stamp(root)))


def first_space(cache: Path) -> Space:
    """The space that a new visitor sees. Raises `ExplorerError` when there is none."""
    dataset = fresh(open_dataset(asked_for(), cache=cache).name, cache)
    return open_space(dataset, dataset.space().id)


def asked_for() -> str | None:
    """The dataset named on the command line (`-- --dataset NAME`)."""
    named = started.values_of("--dataset")
    return named[0] if named else os.environ.get("EXPLORER_DATASET")
