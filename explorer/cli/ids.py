"""Which images a command is about."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from pathlib import Path

from rich.markup import escape

from explorer import filters, store
from explorer.cli.terminal import err
from explorer.errors import BadValueError


def named_images(
    space: store.Space, *, where: str | None, tags: Sequence[str] = (), ids: Path | None
) -> store.Ids:
    """The ids, ascending, that every given condition names; without a condition all of them.

    Of several tags an image needs to have one.
    """
    chosen = space.image_ids
    if where is not None:
        chosen = store.in_both(chosen, filters.where(space, where))
    if tags:
        chosen = store.in_both(chosen, reduce(store.together, map(space.dataset.tags.ids, tags)))
    if ids is not None:
        listed = store.as_ids(read_ids(ids))
        unknown = store.without(listed, space.image_ids)
        if len(unknown):
            err.print(
                f"[yellow]{len(unknown)} of the ids in {escape(str(ids))} are of no image here and "
                f"are left out, such as {unknown[0]}.[/]"
            )
        chosen = store.in_both(chosen, listed)
    return chosen


def read_ids(path: Path) -> list[int]:
    """Image ids from a file, with spaces, commas or lines between them. Raises `UsageError`."""
    try:
        words = path.read_text("utf-8").replace(",", " ").split()
        return [int(word) for word in words if word != "image_id"]
    except OSError as error:
        raise BadValueError(f"{path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise BadValueError(f"{path} should hold image ids, one per line: {error}.") from error
