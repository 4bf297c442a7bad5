"""Runs of the script that meet: a session's state stays whole, and a click on a button is not lost.

Streamlit stops a run for the next one. As it is, it does so before the run has called what a click
asks for, or in the middle of that; and it gives each run a lock of its own, so that the end of a
stopped run writes into the state that the next one is reading ("dictionary changed size during
iteration"). Both are inner parts of Streamlit: pyproject.toml names the version they are made for.
"""

from collections import deque
from collections.abc import Callable
from functools import wraps
from threading import RLock
from typing import Any
from weakref import WeakValueDictionary

from streamlit.runtime.scriptrunner import RerunData, RerunException, get_script_run_ctx
from streamlit.runtime.scriptrunner.script_runner import ScriptRunner
from streamlit.runtime.scriptrunner_utils.script_requests import ScriptRequestType
from streamlit.runtime.state import SafeSessionState, SessionState


def guard_runs() -> None:
    """Do so for all sessions of this process. Needs `runner.fastReruns = false`."""
    if hasattr(SafeSessionState.__init__, "__wrapped__"):
        return
    _share_locks()
    _let_callbacks_finish()


def _share_locks() -> None:
    locks: WeakValueDictionary[int, Any] = WeakValueDictionary()  # alive as long as a run has them
    own_lock = SafeSessionState.__init__

    @wraps(own_lock)
    def shared_lock(
        self: SafeSessionState, state: SessionState, yield_callback: Callable[[], None]
    ) -> None:
        own_lock(self, state, yield_callback)
        object.__setattr__(self, "_lock", locks.setdefault(id(state), RLock()))

    SafeSessionState.__init__ = shared_lock  # type: ignore[method-assign]


def _let_callbacks_finish() -> None:
    """A run whose callbacks are not done lets the next request wait; after that, it makes way.

    What waited then runs in its place, one after the other. To make way is what Streamlit calls
    fast reruns: another run begins at once, and this one ends where it next says something.
    """
    runs: Any = ScriptRunner
    runs.has_called_back = False
    begin = runs.__init__
    run_script = runs._run_script
    heed = runs._maybe_handle_execution_control_request
    request_rerun = runs.request_rerun

    @wraps(begin)
    def begin_with_none_waiting(self: Any, *args: Any, **kwargs: Any) -> None:
        self.waiting = deque[RerunData]()
        begin(self, *args, **kwargs)

    def run_and_run_what_waits(self: Any, data: RerunData) -> None:
        self.waiting.appendleft(data)
        while self.waiting:  # more than once where a run has failed before it could let others in
            self.has_called_back = False
            run_script(self, self.waiting.popleft())
        self.has_called_back = True

    def heed_after_callbacks(self: Any) -> None:
        if self._is_in_script_thread() and self._execing:
            context = get_script_run_ctx(suppress_warning=True)
            if context is not None and not context.has_script_started:
                return
            self.has_called_back = not self.waiting
            if self.waiting:
                raise RerunException(self.waiting.popleft())
        heed(self)

    def wait_or_make_way(self: Any, data: RerunData) -> bool:
        if data.fragment_id or self._requests._state is ScriptRequestType.RERUN:
            return bool(request_rerun(self, data))
        if self.has_called_back:
            self.request_stop()
            return False
        self.waiting.append(data)
        return True

    runs.__init__ = begin_with_none_waiting
    runs._run_script = run_and_run_what_waits
    runs._maybe_handle_execution_control_request = heed_after_callbacks
    runs.request_rerun = wait_or_make_way
