"""One lock for each session's state, whichever run of the script touches it.

Streamlit gives a lock to each run. A run that has been stopped for the next one still writes at its
end, and the next run, reading at that moment, would show "dictionary changed size during iteration"
instead of the page.
"""

from collections.abc import Callable
from functools import wraps
from threading import RLock
from typing import Any
from weakref import WeakValueDictionary

from streamlit.runtime.state import SafeSessionState, SessionState


def share_locks() -> None:
    """Let all runs of a session, from now on in this process, hold the same lock."""
    locks: WeakValueDictionary[int, Any] = WeakValueDictionary()  # alive as long as a run has them
    own_lock = SafeSessionState.__init__
    if hasattr(own_lock, "__wrapped__"):
        return

    @wraps(own_lock)
    def shared_lock(
        self: SafeSessionState, state: SessionState, yield_callback: Callable[[], None]
    ) -> None:
        own_lock(self, state, yield_callback)
        object.__setattr__(self, "_lock", locks.setdefault(id(state), RLock()))

    SafeSessionState.__init__ = shared_lock  # type: ignore[method-assign]
