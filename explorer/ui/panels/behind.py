"""Spaces that lack images which came later, and the way to bring them up to date."""

from dataclasses import dataclass

import streamlit as st

from explorer.batch import DEFAULT_EXTRACTOR
from explorer.insight.wording import counted
from explorer.store import Dataset, Space
from explorer.ui.html import show

FORM = "_add_to"  # what the form of the page Add images begins with, in the session


@dataclass(frozen=True)
class Beginning:
    """What that form begins with."""

    source: str = ""
    name: str = ""
    extractors: tuple[str, ...] = (DEFAULT_EXTRACTOR,)


def missing(space: Space) -> int:
    """How many images of the dataset the space does not hold."""
    return len(space.dataset) - len(space)


def behind(space: Space) -> None:
    """Tell of the images that a space lacks, and offer to embed them; silent without any."""
    if not (count := missing(space)):
        return
    with st.container(horizontal=True, vertical_alignment="center", key=f"behind_{space.id}"):
        are = "is" if count == 1 else "are"
        says = f"{counted(count, 'image')} of the dataset {are} not in the space “{space.id}” yet."
        if space.info.get("imported"):
            says += " `explorer import` brings vectors for them."
        show("p", "{}", says, classes="problem")
        if not space.info.get("imported") and st.button(
            "Bring it up to date",
            key=f"catch_up_{space.id}",
            help="Opens Add images with this dataset's source and all its extractors.",
        ):
            add_to(space.dataset)


def add_to(dataset: Dataset) -> None:
    """Open the page Add images for a dataset: its source, its name, its extractors."""
    spaces = map(dataset.space, dataset.space_ids)
    own = tuple(space.id for space in spaces if not space.info.get("imported"))
    st.session_state[FORM] = Beginning(dataset.source, dataset.name, own)
    st.switch_page(st.session_state["_pages"]["add_images"])


def beginning() -> Beginning:
    """What the form begins with: the dataset that one came from, or nothing yet."""
    found = st.session_state.get(FORM)
    return found if isinstance(found, Beginning) else Beginning()


def forget_beginning() -> None:
    """Another page is shown: the form begins with nothing next time."""
    st.session_state.pop(FORM, None)
