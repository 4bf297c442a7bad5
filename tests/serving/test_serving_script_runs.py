"""Runs of the script that meet share a session without an error, and lose no click."""

import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random
from threading import Event, Thread

import pytest
from clicking_app import BUTTONS
from playwright.sync_api import expect
from streamlit.runtime.state import SafeSessionState, SessionState
from support.browser import OpenPage, RunApp

from explorer.serving.script_runs import _share_locks


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
    _share_locks()
    assert errors_of_two_runs() == []


def test_no_click_is_lost_however_fast_they_come(run_app: RunApp, open_page: OpenPage) -> None:
    app = Path(__file__).with_name("clicking_app.py")
    page = open_page(run_app(str(app), env={"STREAMLIT_RUNNER_FAST_RERUNS": "false"}))
    expect(page.get_by_text("Noted: 0")).to_be_visible()
    gaps = Random(0)
    for number in range(BUTTONS):
        page.get_by_role("button", name=f"button {number}", exact=True).dispatch_event("click")
        page.wait_for_timeout(gaps.randint(0, 100))
    expect(page.get_by_text(f"Noted: {BUTTONS}, in order: True")).to_be_visible()
