"""What people do to their selection and to the tags, wherever they are; all of it can be undone."""

from collections.abc import Callable, Iterable

import numpy as np
import streamlit as st

from explorer.errors import ExplorerError
from explorer.store import Ids, Tags, rows_of
from explorer.ui import state
from explorer.ui.components import GalleryTag
from explorer.ui.html import counted
from explorer.ui.notes import tell
from explorer.ui.state import View
from explorer.ui.tag_colours import tag_colours

DIGITS = 9  # tags that have a key


def attempt(act: Callable[[], object]) -> bool:
    """Do something; what cannot be done is told, and False."""
    try:
        act()
    except ExplorerError as error:
        tell(str(error))
        return False
    return True


def undo(view: View) -> None:
    """Take back what this user did last, and say what it was."""
    attempt(lambda: st.toast(f"Undone: {view.curation.undo()}"))


def redo(view: View) -> None:
    """Do again what was undone last."""
    attempt(lambda: st.toast(f"Done again: {view.curation.redo()}"))


def invert(view: View) -> None:
    """Select what passes the filter and is not selected."""
    shown = view.space.image_ids[view.mask]
    rest = np.setdiff1d(shown, view.selection, assume_unique=True)
    state.select(view, rest, "replace", f"inverted the selection to {counted(len(rest), 'image')}")


def clear(view: View) -> None:
    """Select nothing."""
    state.select(view, [], "replace", "cleared the selection")


def tag_selection(view: View, name: str) -> None:
    """Give all that is selected a tag, which may be new."""
    if not len(view.selection):
        tell(f"Nothing is selected that could be tagged “{name}”.")
        return
    if attempt(lambda: view.tags.add(name, view.selection)):
        st.toast(f"Tagged {counted(len(view.selection), 'image')} “{name}”")


def act(view: View, what: str) -> None:
    """What a key asks for: `undo`, `redo`, or `tag 3` for the third tag."""
    if what in ("undo", "redo"):
        (undo if what == "undo" else redo)(view)
    elif name := _of_digit(view.tags, int(what.removeprefix("tag ")) - 1):
        tag_selection(view, name)


def mark(view: View, marks: Iterable[tuple[int, int]], *, on: bool) -> None:
    """Give single photos a tag, or take it off: its place among the tags, and the image id."""
    by_tag: dict[int, list[int]] = {}
    for place, image_id in marks:
        by_tag.setdefault(place, []).append(image_id)
    tags = view.tags
    for place, ids in by_tag.items():
        if name := _of_digit(tags, place):
            change = tags.add if on else tags.remove
            attempt(lambda change=change, name=name, ids=ids: change(name, ids))  # type: ignore[misc]


def _of_digit(tags: Tags, place: int) -> str | None:
    """The tag at a place; without one the user is told."""
    names = [tag.name for tag in tags.all()]
    if place < len(names):
        return names[place]
    there_are = f"there are {len(names)}" if names else "there are none yet"
    tell(f"There is no tag {place + 1}: {there_are}. The page Selection makes them.")
    return None


def gallery_tags(view: View, image_ids: Ids) -> list[GalleryTag]:
    """The tags as a gallery of some images shows them."""
    order = np.sort(image_ids)
    colours = tag_colours(view.dataset)
    return [
        GalleryTag(tag.name, colours[tag.name], tag.ids[rows_of(order, tag.ids)].tolist())
        for tag in view.dataset.tagging.sets
    ]
