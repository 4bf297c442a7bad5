"""An app of forty buttons and a slow page, on guarded runs: for tests that click fast."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import streamlit as st

from explorer.serving.script_runs import guard_runs

BUTTONS = 40


@asynccontextmanager
async def lifespan(_app: Any) -> AsyncIterator[None]:
    guard_runs()
    yield


app = st.App(__file__, lifespan=lifespan)


def note(number: int) -> None:
    time.sleep(0.01)  # a callback that does something, and says so
    st.toast(f"{number} noted")
    st.session_state.noted = [*st.session_state.get("noted", []), number]


if __name__ == "__main__":
    for number in range(BUTTONS):
        st.button(f"button {number}", on_click=note, args=(number,))
    for part in range(20):
        time.sleep(0.01)
        st.write(f"part {part}")
    noted = st.session_state.get("noted", [])
    st.write(f"Noted: {len(noted)}, in order: {noted == sorted(noted)}")
