"""What is said of things that a link asks for and that are not there."""

import numpy as np
import pyarrow.compute as pc

from explorer.filters import Condition, Sql, Tagged, in_words
from explorer.insight.wording import counted
from explorer.store import Dataset, Space

LARGEST_ID = np.iinfo(np.int64).max


def no_dataset(asked: str, names: list[str], shown: str) -> str:
    """
    >>> no_dataset("nope", ["cats", "dogs"], "dogs")
    'There is no dataset “nope”. There are: cats, dogs. This is “dogs”.'
    """
    return f"There is no dataset “{asked}”. There are: {', '.join(names)}. This is “{shown}”."


def no_space(dataset: Dataset, asked: str, shown: str) -> str:
    """Why it cannot be looked through that extractor, and which one it is instead."""
    there_are = ", ".join(dataset.space_ids)
    return f"“{dataset.name}” has no space “{asked}”. There are: {there_are}. This is “{shown}”."


def no_image(space: Space, image_id: int) -> str:
    """Why an image cannot be shown: not in this space yet, gone, or never there."""
    dataset = space.dataset
    ever = dataset.every_image
    found = ever.filter(pc.equal(ever["image_id"], image_id)) if image_id <= LARGEST_ID else None
    if not found:
        return f"There is no image #{image_id} in “{dataset.name}”."
    path = found["path"][0].as_py()
    if found["present"][0].as_py():
        return f"Image #{image_id} ({path}) is not in the space “{space.id}” yet."
    return f"Image #{image_id} ({path}) is gone: it is no longer among the files of the dataset."


def no_examples(gone: int) -> str:
    """
    >>> no_examples(1), no_examples(2)
    ('1 image that was asked for is not here.', '2 images that were asked for are not here.')
    """
    was, is_now = ("was", "is") if gone == 1 else ("were", "are")
    return f"{counted(gone, 'image')} that {was} asked for {is_now} not here."


def no_column(space: Space, asked: str, shown: str) -> str:
    """What the points are coloured by instead."""
    title = space.column_meta(shown).title
    return f"The map cannot be coloured by “{asked}” here; it is coloured by “{title}”."


def no_filter(space: Space, condition: Condition) -> str:
    """Why a condition was taken away."""
    if tags := unknown_tags(space, condition):
        return f"The filter by the tag “{tags[0]}” was taken away: there is no such tag."
    words = in_words(space, condition)
    named = None if isinstance(condition, Sql) else condition.columns
    if missing := sorted((named or frozenset()) - {*space.column_names}):
        return f"The filter “{words}” was taken away: there is no column “{missing[0]}” here."
    return f"The filter “{words}” does not work here and was taken away."


def unknown_tags(space: Space, condition: Condition) -> list[str]:
    """The tags that a condition names and that are not there: it would silently show nothing."""
    if not isinstance(condition, Tagged):
        return []
    there = space.dataset.tagging.names
    return [name for name in condition.names if name not in there]
