"""Which images a command is about."""

from collections.abc import Sequence
from functools import reduce
from pathlib import Path

import numpy as np
import numpy.typing as npt
from rich.markup import escape

from explorer import curate
from explorer.cli.terminal import err
from explorer.errors import UsageError
from explorer.store import Space


def named_images(
    space: Space, *, where: str | None, tags: Sequence[str] = (), ids: Path | None
) -> npt.NDArray[np.int64]:
    """The ids, ascending, that every given condition names; without a condition all of them.

    Of several tags an image needs to have one.
    """
    chosen = space.image_ids
    if where is not None:
        chosen = np.intersect1d(chosen, curate.where(space, where))
    if tags:
        chosen = np.intersect1d(chosen, reduce(np.union1d, map(space.dataset.tags.ids, tags)))
    if ids is not None:
        listed = read_ids(ids)
        unknown = np.setdiff1d(listed, space.image_ids)
        if len(unknown):
            err.print(
                f"[yellow]{len(unknown)} of the ids in {escape(str(ids))} are of no image here and "
                f"are left out, such as {unknown[0]}.[/]"
            )
        chosen = np.intersect1d(chosen, listed)
    return chosen


def read_ids(path: Path) -> list[int]:
    """Image ids from a file, with spaces, commas or lines between them. Raises `UsageError`."""
    try:
        words = path.read_text("utf-8").replace(",", " ").split()
        return [int(word) for word in words if word != "image_id"]
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise UsageError(f"{path} should hold image ids, one per line: {error}.") from error
