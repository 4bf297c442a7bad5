"""The datasets that the app has opened: once for all users, and anew when something was written."""

import hashlib
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import streamlit as st

from explorer.environment import DATASET, value_of
from explorer.errors import UnknownNameError
from explorer.images import Source, open_source
from explorer.serving import started
from explorer.store import Dataset, Space, open_dataset, stamp


@dataclass
class Served:
    """A snapshot that the app has opened, and what its URLs call it."""

    dataset: Dataset
    version: str
    spaces: dict[str, Space] = field(default_factory=dict)

    @cached_property
    def source(self) -> Source:
        """Where the photos are; opened once, since an archive is searched when it is opened."""
        return open_source(self.dataset.source)


_served: dict[str, Served] = {}


def fresh(name: str, cache: Path) -> Dataset:
    """The dataset as it is on the disk now."""
    root = open_dataset(name, cache=cache).root
    return current(_open(name, str(cache), stamp(root)))


@st.cache_resource(max_entries=8, show_spinner=False)
def _open(name: str, cache: str, version: object) -> Dataset:  # noqa: ARG001
    dataset = open_dataset(name, cache=cache)
    serve(dataset)
    return dataset


def first_space(cache: Path) -> Space:
    """The space that a new visitor sees. Raises `ExplorerError` when there is none."""
    dataset = fresh(open_dataset(asked_for(), cache=cache).name, cache)
    return open_space(dataset, dataset.space().id)


def asked_for() -> str | None:
    """The dataset named on the command line (`-- --dataset NAME`)."""
    named = started.values_of("--dataset")
    return named[0] if named else value_of(DATASET) or None


def serve(dataset: Dataset) -> None:
    """Let the routes serve this dataset, instead of an older snapshot of the same name."""
    version = hashlib.blake2b(repr(stamp(dataset.root)).encode(), digest_size=6).hexdigest()
    _served[dataset.name] = Served(dataset, version)


def current(dataset: Dataset) -> Dataset:
    """The dataset as it is served, with groups and tags as they are now.

    What is kept of a snapshot, by whoever asked for it, goes with the snapshot: so another step of
    the groups makes another one, that shares all that was read from the files.
    """
    served = find(dataset.name)
    if not served.dataset.is_recent:
        served.dataset = served.dataset.recurated()
        served.spaces = {
            name: space.within(served.dataset) for name, space in served.spaces.items()
        }
    return served.dataset


def original_bytes(dataset: Dataset, image_id: int) -> bytes:
    """The file of an image as it is. Raises `ImageError` when it cannot be read."""
    return find(dataset.name).source.read(dataset.relative_path(image_id))


def open_space(dataset: Dataset, space_id: str) -> Space:
    """A space of a served dataset, opened once for pages and routes alike."""
    spaces = find(dataset.name).spaces
    if space_id not in spaces:
        spaces[space_id] = dataset.space(space_id)
    return spaces[space_id]


def served_names() -> list[str]:
    """The names of the datasets that the app has opened."""
    return list(_served)


def find(name: str) -> Served:
    """A dataset that the app has opened. Raises `UsageError` for any other name."""
    if name not in _served:
        raise UnknownNameError(f"The dataset {name!r} is not open in this app.")
    return _served[name]
