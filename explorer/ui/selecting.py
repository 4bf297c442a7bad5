"""What people do to their selection and to the tags, wherever they are; all of it can be undone."""

from collections.abc import Callable

import numpy as np

from explorer.errors import ExplorerError, NotPossibleError
from explorer.insight.tag_colors import tag_colors
from explorer.insight.wording import counted
from explorer.serving.hints import with_hint
from explorer.serving.windows import say, tell
from explorer.store import Curation, Dataset, Ids, SeenTag, Tags, rows_of
from explorer.ui.components.gallery import GalleryTag
from explorer.ui.view import View

DIGITS = 9  # tags that have a key


def attempt(act: Callable[[], object]) -> bool:
    """Do something; what cannot be done is told, and False."""
    try:
        act()
    except ExplorerError as error:
        tell(with_hint(error))
        return False
    return True


def undo(curation: Curation) -> None:
    """Take back what this user did last, and say what it was."""
    if undone := curation.undo():
        say(f"Undone: {undone}")


def redo(curation: Curation) -> None:
    """Do again what was undone last."""
    if done := curation.redo():
        say(f"Done again: {done}")


def invert(view: View) -> None:
    """Select what passes the filter and is not selected."""
    shown = view.space.image_ids[view.mask]
    rest = np.setdiff1d(shown, view.selection, assume_unique=True)
    view.select(rest, "replace", f"inverted the selection to {counted(len(rest), 'image')}")


def clear(view: View) -> None:
    """Select nothing."""
    view.select([], "replace", "cleared the selection")


def tag_selection(view: View, name: str) -> None:
    """Give all that is selected a tag, which may be new."""
    if not len(view.selection):
        tell(_nothing_selected(name))
        return
    if attempt(lambda: view.tags.add(name, view.selection)):
        say(f"Tagged {counted(len(view.selection), 'image')} “{name}”")


def tag_seen(curation: Curation, seen: SeenTag) -> None:
    """Give all that is selected a tag that somebody sees. Raises `UsageError` when it is stale."""
    selected = curation.selected()
    if not len(selected):
        raise NotPossibleError(_nothing_selected(seen.name))
    Tags(curation).mark(seen, selected, on=True)
    say(f"Tagged {counted(len(selected), 'image')} “{seen.name}”")


def _nothing_selected(name: str) -> str:
    return f"Nothing is selected that could be tagged “{name}”."


def no_tag(dataset: Dataset, digit: int) -> str:
    """What is said of a key that no tag has."""
    count = len(dataset.tags.all()) if dataset.is_curated else 0
    there_are = f"there are {count}" if count else "there are none yet"
    return f"There is no tag {digit}: {there_are}. The page Selection makes them."


def gallery_tags(view: View, image_ids: Ids) -> list[GalleryTag]:
    """The tags as a gallery of some images shows them."""
    order = np.sort(image_ids)
    colors = tag_colors(view.dataset)
    return [
        GalleryTag(
            int(tag.id or 0), tag.name, colors[tag.name], tag.ids[rows_of(order, tag.ids)].tolist()
        )
        for tag in view.dataset.tagging.sets
    ]
