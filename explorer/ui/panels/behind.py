"""Spaces that lack images which came later, and the way to bring them up to date."""

import streamlit as st

from explorer.insight.wording import counted
from explorer.store import Dataset, Space
from explorer.ui.html import show
from explorer.ui.state import Beginning, go_to, now


def behind(space: Space) -> None:
    """Tell of the images that a space lacks, and offer to embed them; silent without any."""
    if not (count := len(space.dataset) - len(space)):
        return
    with st.container(horizontal=True, vertical_alignment="center", key=f"behind_{space.id}"):
        are = "is" if count == 1 else "are"
        says = f"{counted(count, 'image')} of the dataset {are} not in the space “{space.id}” yet."
        if space.info.imported:
            says += " `explorer import` brings vectors for them."
        show("p", "{}", says, classes="problem")
        if not space.info.imported and st.button(
            "Bring it up to date",
            key=f"catch_up_{space.id}",
            help="Opens Add images with this dataset's source and all its extractors.",
        ):
            add_to(space.dataset)


def add_to(dataset: Dataset) -> None:
    """Open the page Add images for a dataset: its source, its name, its extractors."""
    spaces = map(dataset.space, dataset.space_ids)
    own = tuple(space.id for space in spaces if not space.info.imported)
    now().add_to = Beginning(dataset.source, dataset.name, own)
    go_to("add_images")
