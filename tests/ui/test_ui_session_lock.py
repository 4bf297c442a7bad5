"""A run that ends and the next one that begins share a session without an error."""

import sys
from collections.abc import Iterator
from threading import Event, Thread

import pytest
from streamlit.runtime.state import SafeSessionState, SessionState

from explorer.ui.session_lock import share_locks


@pytest.fixture
def switching_often() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def errors_of_two_runs() -> list[Exception]:
    """What the new run meets while the old one still writes into the same state."""
    state = SessionState()
    for number in range(2000):
        state[f"key {number}"] = number
    old, new = (SafeSessionState(state, yield_callback=lambda: None) for _ in range(2))
    errors: list[Exception] = []
    done = Event()

    def write() -> None:
        number = 0
        while not done.is_set():
            number += 1
            old[f"written {number}"] = number
            if number > 50:
                del old[f"written {number - 50}"]

    writer = Thread(target=write)
    writer.start()
    for _ in range(100):
        try:
            _ = new.filtered_state
        except (RuntimeError, KeyError) as error:
            errors.append(error)
    done.set()
    writer.join()
    return errors


def test_two_runs_of_a_session_do_not_meet(
    switching_often: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SafeSessionState, "__init__", SafeSessionState.__init__)  # put back later
    share_locks()
    assert errors_of_two_runs() == []
