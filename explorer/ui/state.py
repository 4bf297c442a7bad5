"""What the user looks at: dataset, space, filter, query, selection, colour. The same on every page.

It lives in the session and is mirrored in the URL, so that any view is a link. Callbacks of widgets
and components change it through the functions here, before the page runs.
"""

import contextlib
import os
import re
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import streamlit as st

from explorer.errors import ExplorerError, StoreError, UsageError
from explorer.store import Dataset, Space, cache_folder, dataset_names, open_dataset, stamp
from explorer.ui.bits import Mode, Rows, combine_rows
from explorer.ui.conditions import Where
from explorer.ui.filtering import say, shown_mask, shown_rows
from explorer.ui.server import current, open_space, serve

# The name in the URL of each thing that is kept; the same name in the session.
URL_KEYS = ("dataset", "space", "image", "like", "unlike", "color", "layout", "selection")
WHERE = "where"  # the conditions of the filter: the URL repeats it for each
NOTES = "_notes"  # what the user has to be told: what was asked for and is not there

DEFAULT_LAYOUT = "map"

TRAIL = "_trail"  # the queries of this session, the last one last
LONGEST_TRAIL = 50


@dataclass(frozen=True)
class View:
    """One user's view, resolved for one run of a page."""

    dataset: Dataset
    space: Space
    query: int | None
    selection: npt.NDArray[np.int64]
    color: str
    layout: str
    where: Where = ()

    @cached_property
    def shown(self) -> Rows | None:
        """The rows that pass the filter, ascending; None, all of them, without one."""
        return shown_rows(self.space, self.where)

    @property
    def mask(self) -> npt.NDArray[np.bool_]:
        """Which rows pass the filter, (n,) bool. Do not write into it."""
        return shown_mask(self.space, self.where)

    @property
    def count(self) -> int:
        """How many images pass the filter."""
        return len(self.space) if self.shown is None else len(self.shown)

    def keep(self, rows: Rows) -> Rows:
        """Those of some rows that pass the filter, in their order."""
        return rows if self.shown is None else rows[self.mask[rows]]

    def accept(self, image_ids: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        """Which of some images pass the filter."""
        return self.mask[np.searchsorted(self.space.image_ids, image_ids)]

    @property
    def rows(self) -> Rows:
        """The selected rows of the space."""
        return np.flatnonzero(np.isin(self.space.image_ids, self.selection))

    @property
    def query_row(self) -> int | None:
        """The query's row in the space."""
        return None if self.query is None else self.space.row(self.query)


@st.cache_resource(max_entries=8, show_spinner=False)
def _open(name: str, cache: str, version: Any) -> Dataset:  # noqa: ARG001
    dataset = open_dataset(name, cache=cache)
    serve(dataset)
    return dataset


def resolve(cache: Path) -> View:
    """The view that session and URL ask for. Raises `ExplorerError` when there is nothing to see.

    What is asked for and no longer there (an image that has left, an unknown space) is dropped.
    """
    if "dataset" not in st.session_state:
        _from_url()
    names = dataset_names(cache)
    name = st.session_state.get("dataset")
    if name not in names:
        asked = name
        name = open_dataset(_asked_for(), cache=cache).name
        if asked:
            look_at(name)
            tell(f"The dataset “{asked}” is not there any more. This is “{name}”.")
    dataset = _fresh(name, cache)
    space_id = st.session_state.get("space")
    if space_id not in dataset.space_ids:
        space_id = dataset.space().id
    space = open_space(dataset, space_id)
    if not len(space):
        raise StoreError(
            f"The dataset {name!r} holds no embedded image yet. If a job is running, come back in "
            f"a moment; if not, run `explorer embed {dataset.source}`."
        )
    view = View(
        dataset,
        space,
        query=_query(space),
        selection=_selection(dataset),
        color=_color(space),
        layout=str(st.session_state.get("layout") or DEFAULT_LAYOUT),
        where=_where(space),
    )
    st.session_state.update(dataset=name, space=space_id, image=view.query, color=view.color)
    return view


def _fresh(name: str, cache: Path) -> Dataset:
    root = open_dataset(name, cache=cache).root
    return current(_open(name, str(cache), stamp(root)))


def first_space(cache: Path) -> Space:
    """The space that a new visitor sees. Raises `ExplorerError` when there is none."""
    dataset = _fresh(open_dataset(_asked_for(), cache=cache).name, cache)
    return open_space(dataset, dataset.space().id)


def _asked_for() -> str | None:
    """The dataset named on the command line (`-- --dataset NAME`)."""
    arguments = sys.argv[1:]
    if "--dataset" in arguments[:-1]:
        return arguments[arguments.index("--dataset") + 1]
    return os.environ.get("EXPLORER_DATASET")


def default_cache() -> Path:
    """The cache that the app shows."""
    return cache_folder()


def _from_url() -> None:
    for key in URL_KEYS:
        st.session_state[key] = st.query_params.get(key)
    image = st.session_state["image"]
    st.session_state["image"] = int(image) if image and image.isdecimal() else None
    st.session_state[WHERE] = tuple(st.query_params.get_all(WHERE))


def write_url() -> None:
    """Mirror the state in the URL."""
    wanted = {
        key: [str(value)] for key in URL_KEYS if (value := st.session_state.get(key)) or value == 0
    }
    if where := st.session_state.get(WHERE):
        wanted[WHERE] = list(where)
    if {key: st.query_params.get_all(key) for key in st.query_params} != wanted:
        st.query_params.from_dict(wanted)


def _query(space: Space) -> int | None:
    image_id = st.session_state.get("image")
    if image_id is None:
        return None
    with contextlib.suppress(ExplorerError):
        space.row(image_id)
        return int(image_id)
    return None


def _where(space: Space) -> Where:
    """The conditions that work on this space; those that don't are dropped with a message."""
    works = []
    for condition in dict.fromkeys(st.session_state.get(WHERE) or ()):
        try:
            shown_rows(space, (condition,))
            works.append(condition)
        except UsageError:
            tell(f"The filter “{say(space, condition)}” does not work here and was taken away.")
    st.session_state[WHERE] = tuple(works)
    return tuple(works)


def tell(note: str) -> None:
    """Leave a message, shown until it has been read."""
    notes = st.session_state.setdefault(NOTES, [])
    if note not in notes:
        notes.append(note)


def _color(space: Space) -> str:
    color = st.session_state.get("color")
    return str(color) if color in colorable(space) else first_color(space)


def first_color(space: Space) -> str:
    """The column that points are coloured by until the user chooses one."""
    with_labels = space.dataset.arrow_column("label").null_count < len(space.dataset)
    preferred = "label" if with_labels else "cluster"
    return preferred if preferred in colorable(space) else colorable(space)[0]


def colorable(space: Space) -> list[str]:
    """The columns that points can be coloured by."""
    places = re.compile(r"image_id|(map|map_3d|pca)_[xyz]")
    kinds = {name: space.column_meta(name)["kind"] for name in space.column_names}
    return [name for name, kind in kinds.items() if kind != "text" and not places.fullmatch(name)]


# --- the selection


def _selection(dataset: Dataset) -> npt.NDArray[np.int64]:
    """The selection of this session; a link's is read from the dataset it was saved in."""
    key = st.session_state.get("selection")
    if not key:
        return np.empty(0, np.int64)
    if st.session_state.get("_selection_key") != (dataset.name, key):
        try:
            ids = dataset.curation.selection(key)
        except ExplorerError:
            st.session_state["selection"] = None
            return np.empty(0, np.int64)
        st.session_state["_selection_key"] = (dataset.name, key)
        st.session_state["_selection_ids"] = ids
    ids = st.session_state["_selection_ids"]
    return ids[np.isin(ids, dataset.image_ids)]


def select(view: View, image_ids: npt.ArrayLike, mode: Mode) -> None:
    """Change the selection, and save it, so that a reload or a link shows it again."""
    change = np.unique(np.asarray(image_ids, np.int64))
    ids = combine_rows(view.selection, change, mode)
    if not len(ids):
        st.session_state["selection"] = None
        return
    key = view.dataset.curation.save_selection(ids)
    st.session_state["selection"] = key
    st.session_state["_selection_key"] = (view.dataset.name, key)
    st.session_state["_selection_ids"] = ids


def ask(image_id: int) -> None:
    """Make an image the query, and the last step of the trail; back to it, if it was one."""
    begun = st.session_state.get("image")
    trail = [*st.session_state.get(TRAIL, ())] or ([begun] if begun is not None else [])
    steps = trail[: trail.index(image_id)] if image_id in trail else trail
    st.session_state.update(
        image=int(image_id), _trail=(*steps, int(image_id))[-LONGEST_TRAIL:], _upload=None
    )


def look_for(image_id: int) -> None:
    """Let the map move to an image when it is next shown."""
    _, turn = st.session_state.get("_look", (0, 0))
    st.session_state["_look"] = (image_id, turn + 1)


def looked_for(space: Space) -> tuple[int, int] | None:
    """The row that the map shall move to, and how often it was told to."""
    image_id, turn = st.session_state.get("_look", (0, 0))
    return (space.row(image_id), turn) if turn and image_id in space.image_ids else None


def look_at(dataset: str) -> None:
    """Look at another dataset, where ids mean other images."""
    st.session_state.update(
        dataset=dataset, space=None, image=None, selection=None, like=None, unlike=None
    )
    st.session_state.update({WHERE: (), TRAIL: (), "_upload": None})


def filter_by(where: Where) -> None:
    """Show only the images for which all of these conditions are true."""
    st.session_state[WHERE] = where


def forget_query() -> None:
    """Look at nothing in particular."""
    st.session_state.update(image=None, like=None, unlike=None, _upload=None)
