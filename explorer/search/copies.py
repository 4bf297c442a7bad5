"""Answers without near-duplicates: of each other, and of what is asked for."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from explorer.errors import NotAnalyzedError
from explorer.store import Space


def surplus_copies(space: Space, asked: Sequence[int] = ()) -> npt.NDArray[np.bool_]:
    """Which images have a better copy elsewhere, or are copies of those asked for: (n,) bool.

    Raises `NotAnalyzedError` when the space has not been searched for duplicates.
    """
    if "duplicate_group" not in space.column_names:
        raise NotAnalyzedError(
            f"Near-duplicates in {space.id!r} are not known yet.", dataset=space.dataset.name
        )
    groups = space.column("duplicate_group")
    theirs = [groups[space.row(image_id)] for image_id in asked]
    found = np.asarray(space.column("duplicate_surplus") == 1)
    return found | np.isin(groups, [group for group in theirs if group >= 0])
