"""What a link, or the session, asks for of a space: what is not there is dropped and told."""

import numpy as np

from explorer.errors import LimitError, UsageError
from explorer.filters import Condition, Filter, Sql, shown_rows, with_names_now
from explorer.insight.columns import colorable, first_color
from explorer.serving.windows import here, tell
from explorer.store import Space
from explorer.ui import gone

FILTER = "filter"  # its conditions, as JSON: the URL repeats it for each
WHERE = "where"  # the same in SQL, in the links of before
WAITING = "_filter_waiting"  # those that are not run yet; in the URL they are like the others
AGREED = "_filter_agreed"  # the SQL that this session has written or clicked to run
SIDES = ("like", "unlike")  # the images that answers shall be like, or unlike


def query(space: Space) -> int | None:
    """The image whose neighbours are asked for."""
    for side in SIDES:
        _drop_gone(space, side)
    image_id = here().view.get("image")
    if image_id is None:
        return None
    if is_in(space, image_id):
        return int(image_id)
    tell(gone.no_image(space, image_id))
    here().view["crop"] = None
    return None


def is_in(space: Space, image_id: int) -> bool:
    """Is there such an image in the space?"""
    row = int(np.searchsorted(space.image_ids, image_id))
    return row < len(space) and int(space.image_ids[row]) == image_id


def _drop_gone(space: Space, side: str) -> None:
    """Leave out the images that answers shall be like, or unlike, and that are not in the space."""
    wanted = [part for part in (here().view.get(side) or "").split(",") if part.isdecimal()]
    there = [part for part in wanted if is_in(space, int(part))]
    if len(there) < len(wanted):
        tell(gone.no_examples(len(wanted) - len(there)))
        here().view[side] = ",".join(there) or None


def filter_of(space: Space) -> Filter:
    """The conditions that work on this space; those that don't are dropped with a message.

    SQL that nobody in this session has written or agreed to is not run: it waits.
    """
    works = []
    for kept in dict.fromkeys(here().view.get(FILTER) or ()):
        if isinstance(kept, Sql) and kept not in _agreed():
            _let_wait(kept)
            continue
        condition = with_names_now(space, kept)
        if isinstance(condition, Sql):
            agree(condition)
        try:
            shown_rows(space, (condition,))
            if gone.unknown_tags(space, condition):
                raise UsageError(condition.sql())
            works.append(condition)
        except LimitError as error:
            tell(str(error))
            _let_wait(condition)
        except UsageError:
            tell(gone.no_filter(space, condition))
    here().view[FILTER] = tuple(works)
    return tuple(works)


def waiting() -> Filter:
    """The conditions in SQL that came with a link, or took too much, and wait for a click."""
    return tuple(here().view.get(WAITING) or ())


def agree(condition: Condition) -> None:
    """Let this SQL be run in this session, whenever it is part of the filter."""
    here().view[AGREED] = _agreed() | {condition}
    drop_waiting(condition)


def run_waiting(condition: Condition) -> None:
    """Make a condition that waits a part of the filter."""
    agree(condition)
    here().view[FILTER] = (*(here().view.get(FILTER) or ()), condition)


def drop(condition: Condition) -> None:
    """Take a condition out of the filter."""
    kept = here().view.get(FILTER) or ()
    here().view[FILTER] = tuple(each for each in kept if each != condition)


def drop_waiting(condition: Condition) -> None:
    """Forget a condition that waits."""
    here().view[WAITING] = tuple(each for each in waiting() if each != condition)


def _agreed() -> frozenset[Condition]:
    return here().view.get(AGREED) or frozenset()


def _let_wait(condition: Condition) -> None:
    here().view[WAITING] = tuple(dict.fromkeys((*waiting(), condition)))


def color(space: Space, *, opened: bool) -> str:
    """The column to colour by. One that only another space has is no news but in a link."""
    wanted = here().view.get("color")
    if wanted in colorable(space):
        return str(wanted)
    instead = first_color(space)
    if wanted and opened:
        tell(gone.no_column(space, wanted, instead))
    return instead
