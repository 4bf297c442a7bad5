"""What the user has to be told, on whatever page: kept until it has been read, or said once."""

import streamlit as st

from explorer.serving.windows import here
from explorer.ui.html import show


def notes() -> None:
    """What the user has to be told."""
    window = here()
    place = st.container()  # always: what stands below keeps its number, and so is not drawn anew
    if not window.notes:
        return
    with place, st.container(key="notes", horizontal=True, vertical_alignment="center"):
        show("p", "{}", " ".join(window.notes), classes="grow")
        st.button(
            "OK",
            type="tertiary",
            on_click=_read,
            args=(tuple(window.notes),),
            help="This has been read.",
            key="notes_read",
        )


def news() -> None:
    """What is said once. At the end of a run: what is said in one that is cut short gets lost."""
    left = here().news
    while left:
        st.toast(left[0])
        left.pop(0)


def _read(seen: tuple[str, ...]) -> None:
    """These have been read; what has come since has not."""
    left = here().notes
    left[:] = [note for note in left if note not in seen]
