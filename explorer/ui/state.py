"""All that a window keeps from one run of a page to the next; `address.py` mirrors it.

Nothing else touches Streamlit's session. What people do in our components
(events.py) changes the same object, whatever run is going on; so it is kept with the window, not in
the session (serving/windows.py). The selection alone is in curation.db (serving/sessions.py).
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import streamlit as st

from explorer.batch import DEFAULT_EXTRACTOR
from explorer.curate import Chosen
from explorer.filters import Condition, Filter
from explorer.search import Crop
from explorer.serving.windows import Window, here
from explorer.store import Ids

Side = Literal["like", "unlike"]  # the images that answers shall be like, or unlike
SIDES: tuple[Side, ...] = ("like", "unlike")
LONGEST_TRAIL = 50


@dataclass(frozen=True)
class Upload:
    """A photo from outside: its name, a picture of it, and its vector (d,) in one space.

    preview: a data URL.
    space: the fingerprint.
    """

    name: str
    preview: str
    space: str
    data: bytes
    vector: npt.NDArray[np.float32]


@dataclass(frozen=True)
class Download:
    """An export that can be downloaded: what it is of, and where it is."""

    of: object
    url: str
    files: int
    bytes: int


@dataclass(frozen=True)
class Beginning:
    """What the form of the page Add images begins with."""

    source: str = ""
    name: str = ""
    extractors: tuple[str, ...] = (DEFAULT_EXTRACTOR,)


@dataclass
class ViewState:
    """What one window looks at, and what it keeps beside that.

    image: the query.
    crop: the part of it that is asked for.
    words: the query, instead of an image.
    less: what the images in `unlike` count.
    waiting: conditions that are not run yet; in the address they are like the others.
    is_opened: whether the address has been read.
    link: the key of a selection that the address asked for.
    agreed: SQL that somebody wrote here, or clicked to run.
    words_shown: what the field for words shows.
    trail: the queries, the last one last.
    said: the words that were asked by.
    look: the image that the map shall move to; how often it was told to.
    arrived: a photo from outside that no run has taken in yet.
    part: of what `crop` is, and its vector.
    confused: a table of labels, and two of it.
    partner: the image that the query is compared with.
    chosen: from which dataset and space images were chosen last, and which.
    format: of an export.
    selected: the selection, behind its version and the images that it is of.
    watched: when the job before the watched one began, since a new process needs a moment to say
        that it is there; None when none is watched.
    turns: how often each form was sent.
    """

    # In the address, each under its name here.
    dataset: str | None = None
    space: str | None = None
    image: int | None = None
    crop: Crop | None = None
    words: str | None = None
    like: tuple[int, ...] = ()
    unlike: tuple[int, ...] = ()
    less: float | None = None
    color: str | None = None
    layout: str | None = None
    filter: Filter = ()
    waiting: Filter = ()

    # In the window alone.
    is_opened: bool = False
    link: str | None = None
    agreed: frozenset[Condition] = frozenset()
    words_shown: str | None = None
    trail: tuple[int, ...] = ()
    said: tuple[str, ...] = ()
    look: tuple[int, int] = (0, 0)
    arrived: tuple[str, bytes] | None = None
    arrivals: int = 0
    upload: Upload | None = None
    upload_failed: str | None = None
    part: tuple[object, npt.NDArray[np.float32]] | None = None
    confused: tuple[str, tuple[str, str]] | None = None
    partner: int | None = None
    dimension: int = -1
    chosen: tuple[tuple[str, str], Chosen] | None = None
    download: Download | None = None
    format: str = "folder"
    add_to: Beginning | None = None
    watched: str | None = None
    job_failed: str | None = None
    selected: tuple[object, Ids, Ids] | None = None
    turns: Counter[str] = field(default_factory=Counter)
    pages: dict[str, st.Page] = field(default_factory=dict)

    def forget_query(self) -> None:
        """Look at nothing in particular."""
        self.image = self.crop = self.words = self.upload = self.arrived = None
        self.like = self.unlike = ()

    def ask(self, image_id: int) -> None:
        """Make an image the query, and the last step of the trail; back to it, if it was one."""
        trail = self.trail or ((self.image,) if self.image is not None else ())
        steps = trail[: trail.index(image_id)] if image_id in trail else trail
        self.image, self.trail = image_id, (*steps, image_id)[-LONGEST_TRAIL:]
        self.crop = self.words = self.upload = self.arrived = None

    def ask_words(self, words: str) -> None:
        """Make words the query, instead of images."""
        self.forget_query()
        self.words = words
        self.said = (*(each for each in self.said if each != words), words)[-LONGEST_TRAIL:]

    def choose(self, side: Side, image_id: int) -> None:
        """More like this one, or less. It takes the place of words."""
        self.words = None
        self.take_out(image_id)
        setattr(self, side, (*getattr(self, side), image_id))

    def take_out(self, image_id: int) -> None:
        """It counts neither for nor against any more."""
        self.like = tuple(each for each in self.like if each != image_id)
        self.unlike = tuple(each for each in self.unlike if each != image_id)

    def receive(self, name: str, data: bytes) -> None:
        """Keep a photo from outside for the next run, which makes it the query."""
        self.arrived = (name, data)
        self.arrivals += 1

    def look_for(self, image_id: int) -> None:
        """Let the map move to an image when it is next shown."""
        self.look = (image_id, self.look[1] + 1)

    def look_at(self, dataset: str) -> None:
        """Look at another dataset, where ids mean other images."""
        self.forget_query()
        self.dataset, self.space, self.trail = dataset, None, ()
        self.filter = self.waiting = ()

    def filter_by(self, conditions: Filter) -> None:
        """Show only the images for which all of these conditions are true."""
        self.filter = conditions

    def agree(self, condition: Condition) -> None:
        """Let this SQL be run in this window, whenever it is part of the filter."""
        self.agreed |= {condition}
        self.drop_waiting(condition)

    def run_waiting(self, condition: Condition) -> None:
        """Make a condition that waits a part of the filter."""
        self.agree(condition)
        self.filter = (*self.filter, condition)

    def let_wait(self, condition: Condition) -> None:
        """Do not run a condition until somebody says so."""
        self.waiting = tuple(dict.fromkeys((*self.waiting, condition)))

    def drop(self, condition: Condition) -> None:
        """Take a condition out of the filter."""
        self.filter = tuple(each for each in self.filter if each != condition)

    def drop_waiting(self, condition: Condition) -> None:
        """Forget a condition that waits."""
        self.waiting = tuple(each for each in self.waiting if each != condition)


def now() -> ViewState:
    """The state of the window whose event is applied, or for which the script runs."""
    return here().keep(ViewState)


def settle(window: Window, before: ViewState, **found: object) -> None:
    """Write down what a run has made of the state `before`, but for what has changed since."""
    state = window.keep(ViewState)
    with window.lock:
        for name, value in found.items():
            if getattr(state, name) == getattr(before, name):
                setattr(state, name, value)


# --- the session: the values of widgets, and the pages


def value_of(key: str) -> Any:
    """What the widget with this key says; None when it has not been drawn."""
    return st.session_state.get(key)


def set_value(key: str, value: object) -> None:
    """Let the widget with this key say something else when it is next drawn."""
    st.session_state[key] = value


def begin_with(key: str, value: object) -> None:
    """Let the widget with this key say something when it is drawn for the first time."""
    st.session_state.setdefault(key, value)


def go_to(page: str) -> None:
    """Show another page, by the name of its file."""
    st.switch_page(now().pages[page])
