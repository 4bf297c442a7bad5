"""The windows of the app that are open, and what is kept for each: two tabs are two.

It is here and not in Streamlit's session, which only a running script can reach: what people do
comes by a route of our own (`delivery.py`), whatever runs or is stopped meanwhile.
"""

import contextlib
import secrets
import threading
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from types import MappingProxyType
from typing import Any, TypeVar
from weakref import WeakValueDictionary

import streamlit as st

from explorer.serving.sessions import session_of_browser

WINDOW = "_window"

T = TypeVar("T")


class Window:
    """One window, as long as Streamlit keeps its session.

    `id` is secret: it is in the address by which the window's events come. `lock`: held while one
    of them is applied. `applied`: the number of each queue's last event.
    """

    def __init__(self, session: str) -> None:
        self.id = secrets.token_urlsafe(16)
        self.session = session
        self.lock = threading.Lock()
        self.applied: dict[str, int] = {}
        self._kept: dict[type, Any] = {}
        self.notes: list[str] = []  # shown until they have been read
        self.news: list[str] = []  # shown once

    def keep(self, kind: type[T]) -> T:
        """The one object of a kind that is kept for the window; made when it is first asked for."""
        return self._kept.setdefault(kind, kind())


_open: WeakValueDictionary[str, Window] = WeakValueDictionary()
_acting: ContextVar[Window | None] = ContextVar("acting", default=None)
_shown: ContextVar[Mapping[str, int]] = ContextVar("shown", default=MappingProxyType({}))


def here() -> Window:
    """The window whose event is applied, or for which the script runs."""
    window = _acting.get() or st.session_state.get(WINDOW)
    if window is None:
        window = st.session_state[WINDOW] = open_window(session_of_browser())
    return window


def open_window(session: str) -> Window:
    """A new window of somebody; it is there as long as the one who asked for it keeps it."""
    window = Window(session)
    _open[window.id] = window
    return window


def find(window_id: str) -> Window | None:
    """An open window by its id."""
    return _open.get(window_id)


def begin_run() -> None:
    """Note which events the run of the script that begins here will show: all that came before."""
    _shown.set(dict(here().applied))


def events_shown() -> Mapping[str, int]:
    """The number of the last event of each queue that this run surely shows."""
    return _shown.get()


@contextlib.contextmanager
def acting_for(window: Window) -> Iterator[None]:
    """What is done within is done for this window, and for nobody else at the same time."""
    with window.lock:
        token = _acting.set(window)
        try:
            yield
        finally:
            _acting.reset(token)


def session() -> str:
    """The session of whoever is looking; without a cookie it lasts as long as the window."""
    return here().session


def tell(note: str) -> None:
    """Leave a message, shown until it has been read."""
    left = here().notes
    if note not in left:
        left.append(note)


def say(news: str) -> None:
    """Leave a message that is shown once, for some seconds."""
    here().news.append(news)
