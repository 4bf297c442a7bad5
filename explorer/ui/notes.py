"""What the user has to be told, on whatever page: kept until it has been read."""

import streamlit as st

from explorer.ui.html import show

NOTES = "_notes"


def tell(note: str) -> None:
    """Leave a message, shown until it has been read."""
    notes = st.session_state.setdefault(NOTES, [])
    if note not in notes:
        notes.append(note)


def notes() -> None:
    """What the user has to be told, until it has been read."""
    left = st.session_state.get(NOTES)
    if not left:
        return
    with st.container(key="notes", horizontal=True, vertical_alignment="center"):
        show("p", "{}", " ".join(left), classes="grow")
        st.button(
            "OK", type="tertiary", on_click=left.clear, help="This has been read.", key="notes_read"
        )
