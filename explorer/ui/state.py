"""What the user looks at: dataset, space, filter, query, selection, colour. The same on every page.

It is kept for each window (windows.py) and mirrored in the URL, so that any view is a link; but for
the selection, which is in curation.db (see sessions.py). Callbacks of widgets and the events of our
components change it through the functions here, before the page runs that shows the change.
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import streamlit as st

from explorer.errors import ExplorerError, StoreError, UsageError
from explorer.filters import Filter, Sql, decode, encode, expression, shown_mask, shown_rows
from explorer.serving.registry import asked_for, fresh, open_space
from explorer.serving.windows import here, session, tell
from explorer.store import (
    Curation,
    Dataset,
    Ids,
    Mode,
    Rows,
    Space,
    Tags,
    cache_folder,
    dataset_names,
    open_dataset,
    rows_of,
)
from explorer.ui import asked, gone
from explorer.ui.asked import FILTER, WAITING, WHERE

# The name in the URL of each thing that is kept; the same name in the session.
WORDS = "words"  # the query, instead of an image
URL_KEYS = (
    *("dataset", "space", "image", "crop", WORDS, "like", "unlike", "less", "color", "layout"),
)
SELECTION = "selection"  # the key of a kept selection, in a link to it

DEFAULT_LAYOUT = "map"

ARRIVED = "_upload_arrived"  # a photo from outside that no run has taken in yet
NO_UPLOAD = {"_upload": None, ARRIVED: None}

TRAIL = "_trail"  # the queries of this session, the last one last
LONGEST_TRAIL = 50
SAID = "_said"  # the words that this session asked by, the last ones last


@dataclass(frozen=True)
class View:
    """One user's view, resolved for one run of a page."""

    dataset: Dataset
    space: Space
    query: int | None
    selection: Ids
    color: str
    layout: str
    filter: Filter = ()

    @cached_property
    def shown(self) -> Rows | None:
        """The rows that pass the filter, ascending; None, all of them, without one."""
        return shown_rows(self.space, self.filter)

    @property
    def mask(self) -> npt.NDArray[np.bool_]:
        """Which rows pass the filter, (n,) bool. Do not write into it."""
        return shown_mask(self.space, self.filter)

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

    @cached_property
    def rows(self) -> Rows:
        """The selected rows of the space, ascending."""
        return rows_of(self.selection, self.space.image_ids)

    def selects(self, image_ids: npt.ArrayLike) -> npt.NDArray[np.bool_]:
        """Which of some images are selected."""
        asked = np.asarray(image_ids, np.int64)
        if not len(self.selection):
            return np.zeros(len(asked), bool)
        last = len(self.selection) - 1
        places = np.minimum(np.searchsorted(self.selection, asked), last)
        return np.asarray(self.selection[places] == asked)

    @property
    def curation(self) -> Curation:
        """What this user selects and changes."""
        return self.dataset.curation.of(session())

    @property
    def tags(self) -> Tags:
        """The tags, to be changed by this user."""
        return Tags(self.curation)

    @property
    def query_row(self) -> int | None:
        """The query's row in the space."""
        return None if self.query is None else self.space.row(self.query)


def resolve(cache: Path) -> View:
    """The view that session and URL ask for. Raises `ExplorerError` when there is nothing to see.

    What is asked for and not there (an image that has left, an unknown space) is dropped, which the
    user is told.
    """
    window = here()
    opened = "dataset" not in window.view
    if opened:
        _from_url()
    before = dict(window.view)
    name = _dataset_name(cache)
    dataset = fresh(name, cache)
    space_id = _space_id(dataset)
    space = open_space(dataset, space_id)
    if not len(space):
        raise StoreError(
            f"The dataset {name!r} holds no embedded image yet. If a job is running, come back in "
            f"a moment; if not, run `explorer embed {dataset.source}`."
        )
    view = View(
        dataset,
        space,
        query=asked.query(space),
        selection=_selection(dataset),
        color=asked.color(space, opened=opened),
        layout=str(window.view.get("layout") or DEFAULT_LAYOUT),
        filter=asked.filter_of(space),
    )
    window.settle(before, dataset=name, space=space_id, image=view.query, color=view.color)
    return view


def default_cache() -> Path:
    """The cache that the app shows."""
    return cache_folder()


def _from_url() -> None:
    looks = here().view
    looks.update({key: st.query_params.get(key) for key in URL_KEYS})
    image = looks["image"]
    looks["image"] = int(image) if image and image.isdecimal() else None
    if image and not image.isdecimal():
        tell(f"“{image}” is no number of an image.")
    looks[FILTER] = _filter_from_url()
    looks[SELECTION] = st.query_params.get(SELECTION)


def _filter_from_url() -> Filter:
    """The conditions in the URL; what was SQL in the links of before is one condition."""
    found = []
    for text in st.query_params.get_all(FILTER):
        try:
            found.append(decode(text))
        except UsageError as error:
            tell(f"A filter in the address was left out: {error}")
    old = tuple(map(Sql, st.query_params.get_all(WHERE)))
    return (*found, Sql(expression(old))) if old else tuple(found)


def write_url() -> None:
    """Mirror the state in the URL."""
    wanted = {
        key: [str(value)] for key in URL_KEYS if (value := here().view.get(key)) or value == 0
    }
    if conditions := [*(here().view.get(FILTER) or ()), *asked.waiting()]:
        wanted[FILTER] = list(map(encode, conditions))
    if {key: st.query_params.get_all(key) for key in st.query_params} != wanted:
        st.query_params.from_dict(wanted)


def _dataset_name(cache: Path) -> str:
    """The dataset that is asked for, or else the one to begin with."""
    names = dataset_names(cache)
    wanted = here().view.get("dataset")
    if wanted in names:
        return str(wanted)
    name = open_dataset(asked_for(), cache=cache).name
    if wanted:
        look_at(name)
        here().view[SELECTION] = None
        tell(gone.no_dataset(wanted, names, name))
    return name


def _space_id(dataset: Dataset) -> str:
    """The space that is asked for, or else the first."""
    wanted = here().view.get("space")
    if wanted in dataset.space_ids:
        return str(wanted)
    first = dataset.space().id
    if wanted:
        tell(gone.no_space(dataset, wanted, first))
    return first


# --- the selection


def _selection(dataset: Dataset) -> Ids:
    """What this user has selected of the images that are there."""
    if key := here().view.get(SELECTION):
        here().view[SELECTION] = None
        _take_over(dataset, key)
    if not dataset.is_curated:
        return rows_of(np.empty(0, np.int64), dataset.image_ids)
    curation = dataset.curation.of(session())
    version = (dataset.root, curation.basket_version())
    known, images, selected = st.session_state.get("_selected", (None, None, None))
    if known != version or images is not dataset.image_ids:
        selected = dataset.image_ids[rows_of(curation.basket(), dataset.image_ids)]
        st.session_state["_selected"] = (version, dataset.image_ids, selected)
    return np.asarray(selected, np.int64)


def _take_over(dataset: Dataset, key: str) -> None:
    """Select what a link says; what was selected before comes back by undo."""
    try:
        ids = dataset.curation.selection(key)
    except ExplorerError as error:
        tell(str(error))
        return
    dataset.curation.of(session()).select(ids, "replace", "opened a link to a selection")


def select(view: View, image_ids: npt.ArrayLike, mode: Mode, words: str = "") -> None:
    """Change the selection; `words` say what was done, for undo."""
    view.curation.select(image_ids, mode, words)


def ask(image_id: int) -> None:
    """Make an image the query, and the last step of the trail; back to it, if it was one."""
    looks = here().view
    begun = looks.get("image")
    trail = [*looks.get(TRAIL, ())] or ([begun] if begun is not None else [])
    steps = trail[: trail.index(image_id)] if image_id in trail else trail
    looks.update(
        image=int(image_id),
        _trail=(*steps, int(image_id))[-LONGEST_TRAIL:],
        crop=None,
        words=None,
        **NO_UPLOAD,
    )


def ask_words(words: str) -> None:
    """Make words the query, instead of images."""
    forget_query()
    said = [other for other in here().view.get(SAID, ()) if other != words]
    here().view.update({WORDS: words, SAID: (*said, words)[-LONGEST_TRAIL:]})


def look_for(image_id: int) -> None:
    """Let the map move to an image when it is next shown."""
    _, turn = here().view.get("_look", (0, 0))
    here().view["_look"] = (image_id, turn + 1)


def looked_for(space: Space) -> tuple[int, int] | None:
    """The row that the map shall move to, and how often it was told to."""
    image_id, turn = here().view.get("_look", (0, 0))
    return (space.row(image_id), turn) if turn and image_id in space.image_ids else None


def look_at(dataset: str) -> None:
    """Look at another dataset, where ids mean other images."""
    forget_query()
    here().view.update({"dataset": dataset, "space": None, FILTER: (), WAITING: (), TRAIL: ()})


def filter_by(conditions: Filter) -> None:
    """Show only the images for which all of these conditions are true."""
    here().view[FILTER] = conditions


def forget_query() -> None:
    """Look at nothing in particular."""
    here().view.update(image=None, crop=None, words=None, like=None, unlike=None, **NO_UPLOAD)
