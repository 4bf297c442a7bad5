"""What one user looks at, resolved for one run of a page: the same on every page.

What a link, or the window, asks for and is not there (an image that has left, an unknown space) is
dropped, which the user is told.
"""

import contextlib
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from explorer.errors import (
    BadValueError,
    ExplorerError,
    LimitError,
    NotAnalyzedError,
    StoreError,
    UsageError,
)
from explorer.filters import Filter, Sql, shown_mask, shown_rows, with_names_now
from explorer.insight import gone
from explorer.insight.columns import colorable, first_color
from explorer.search import Examples, Similarities, by_examples
from explorer.serving.hints import with_hint
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
    dataset_names,
    open_dataset,
    rows_of,
)
from explorer.ui.address import read_url
from explorer.ui.state import SIDES, now, settle

DEFAULT_LAYOUT = "map"
NEIGHBORS = 24  # of the query, on the map and beside it


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
    def passing(self) -> Rows:
        """The rows that pass the filter, ascending, without one all of them."""
        return np.arange(len(self.space)) if self.shown is None else self.shown

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

    @cached_property
    def neighbors(self) -> tuple[Ids, Similarities]:
        """The images most like the query that pass the filter, nearest first: ids, similarities.

        A query that came after the graph was made is asked for by its vector.
        """
        assert self.query is not None
        accept = None if self.shown is None else self.accept
        asked = Examples(like=(self.query,))
        with contextlib.suppress(NotAnalyzedError):
            return by_examples(self.space, asked, NEIGHBORS, accept=accept)
        vector = self.space.vector(self.query)
        asked = Examples(vectors=(vector,), known=(self.query,))
        return by_examples(self.space, asked, NEIGHBORS, accept=accept)

    def select(self, image_ids: npt.ArrayLike, mode: Mode, words: str = "") -> None:
        """Change the selection; `words` say what was done, for undo."""
        self.curation.select(image_ids, mode, words)


def resolve(cache: Path) -> View:
    """The view that window and address ask for. Raises `ExplorerError` when there is none."""
    if opened := not now().is_opened:
        read_url()
    before = replace(now())
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
        query=_query(space),
        selection=_selection(dataset),
        color=_color(space, opened=opened),
        layout=now().layout or DEFAULT_LAYOUT,
        filter=_filter(space),
    )
    found = {"dataset": name, "space": space_id, "image": view.query, "color": view.color}
    settle(here(), before, **found)
    return view


def _dataset_name(cache: Path) -> str:
    """The dataset that is asked for, or else the one to begin with."""
    names = dataset_names(cache)
    wanted = now().dataset
    if wanted and wanted in names:
        return wanted
    name = open_dataset(asked_for(), cache=cache).name
    if wanted:
        now().look_at(name)
        now().link = None
        tell(gone.no_dataset(wanted, names, name))
    return name


def _space_id(dataset: Dataset) -> str:
    """The space that is asked for, or else the first."""
    wanted = now().space
    if wanted and wanted in dataset.space_ids:
        return wanted
    first = dataset.space().id
    if wanted:
        tell(gone.no_space(dataset, wanted, first))
    return first


def _selection(dataset: Dataset) -> Ids:
    """What this user has selected of the images that are there."""
    window = now()
    if key := window.link:
        window.link = None
        _take_over(dataset, key)
    if not dataset.is_curated:
        return rows_of(np.empty(0, np.int64), dataset.image_ids)
    curation = dataset.curation.of(session())
    version, images = (dataset.root, curation.selected_version()), dataset.image_ids
    known = window.selected
    if known is None or known[0] != version or known[1] is not images:
        known = window.selected = (version, images, images[rows_of(curation.selected(), images)])
    return known[2]


def _take_over(dataset: Dataset, key: str) -> None:
    """Select what a link says; what was selected before comes back by undo."""
    try:
        ids = dataset.curation.selection(key)
    except ExplorerError as error:
        tell(with_hint(error))
        return
    dataset.curation.of(session()).select(ids, "replace", "opened a link to a selection")


def _query(space: Space) -> int | None:
    """The image whose neighbours are asked for."""
    window = now()
    for side in SIDES:
        wanted = getattr(window, side)
        there = tuple(each for each in wanted if is_in(space, each))
        if len(there) < len(wanted):
            tell(gone.no_examples(len(wanted) - len(there)))
            setattr(window, side, there)
    if window.image is None or is_in(space, window.image):
        return window.image
    tell(gone.no_image(space, window.image))
    window.crop = None
    return None


def is_in(space: Space, image_id: int) -> bool:
    """Is there such an image in the space?"""
    row = int(np.searchsorted(space.image_ids, image_id))
    return row < len(space) and int(space.image_ids[row]) == image_id


def _filter(space: Space) -> Filter:
    """The conditions that work on this space.

    SQL that nobody in this window has written or agreed to is not run: it waits.
    """
    window, works = now(), []
    for kept in dict.fromkeys(window.filter):
        if isinstance(kept, Sql) and kept not in window.agreed:
            window.let_wait(kept)
            continue
        condition = with_names_now(space, kept)
        if isinstance(condition, Sql):
            window.agree(condition)
        try:
            shown_rows(space, (condition,))
            if gone.unknown_tags(space, condition):
                raise BadValueError(condition.sql())
            works.append(condition)
        except LimitError as error:
            tell(with_hint(error))
            window.let_wait(condition)
        except UsageError:
            tell(gone.no_filter(space, condition))
    window.filter = tuple(works)
    return window.filter


def _color(space: Space, *, opened: bool) -> str:
    """The column to colour by. One that only another space has is no news but in a link."""
    wanted = now().color
    if wanted and wanted in colorable(space):
        return wanted
    instead = first_color(space)
    if wanted and opened:
        tell(gone.no_column(space, wanted, instead))
    return instead


def map_target(space: Space) -> tuple[int, int] | None:
    """The row that the map shall move to, and how often it was told to."""
    image_id, turn = now().look
    return (space.row(image_id), turn) if turn and is_in(space, image_id) else None
