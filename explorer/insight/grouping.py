"""Groups of duplicates at any threshold, found anew from the stored graph, and what was settled."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from explorer.analysis import KINDS, LOOK_ALIKE
from explorer.curate import duplicate_threshold, kinds_among, near_duplicates_among
from explorer.errors import UnknownNameError
from explorer.filters import Filter, shown_mask
from explorer.store import Dataset, Rows, Space, Tags, cached_per_snapshot

UNKNOWN = ""  # the kind of a keeper, and of what no picture hash is known of
SURPLUS = "surplus"  # the tag of what was set aside

NO_ROWS: Rows = np.empty(0, np.int64)


@dataclass(frozen=True)
class DuplicateGroup:
    """One group, the keeper first and then by falling similarity to it; kinds as in KINDS.

    may_go: whether a better version of the same picture is there; what only looks alike stays.
    """

    rows: Rows
    similarities: npt.NDArray[np.float32]
    kinds: tuple[str, ...]
    may_go: npt.NDArray[np.bool_]

    @property
    def keeper(self) -> int:
        """The row of the one to keep."""
        return int(self.rows[0])

    @property
    def others(self) -> Rows:
        """The rows of all but the keeper."""
        return self.rows[1:]

    @property
    def surplus(self) -> Rows:
        """The rows of those that may go."""
        return self.rows[self.may_go]

    @property
    def lowest(self) -> float:
        """The lowest similarity to the keeper."""
        return float(self.similarities.min())

    def only(self, kinds: Sequence[str]) -> "DuplicateGroup":
        """The keeper with those members that are of some kinds."""
        kept = [place for place, kind in enumerate(self.kinds) if not place or kind in kinds]
        return DuplicateGroup(
            self.rows[kept],
            self.similarities[kept],
            tuple(self.kinds[each] for each in kept),
            self.may_go[kept],
        )


@cached_per_snapshot(16)
def duplicate_groups(
    space: Space, threshold: float, conditions: Filter = ()
) -> list[DuplicateGroup]:
    """Groups of images so much like the keeper, or of the same picture, closest first.

    Only images that pass the filter are grouped. At the stored threshold, and without a filter,
    these are the stored groups. Only the vectors of images that may be in one are read.
    """
    found, rows = near_duplicates_among(
        space, np.flatnonzero(shown_mask(space, conditions)), threshold
    )
    codes, may_go = kinds_among(space, found, rows)
    kinds = [KINDS[code] if code >= 0 else UNKNOWN for code in codes.tolist()]
    members = np.flatnonzero(found.group >= 0)
    order = np.lexsort((-found.similarity[members], ~found.keeper[members], found.group[members]))
    members = members[order]
    cuts = np.flatnonzero(np.diff(found.group[members])) + 1
    groups = [
        DuplicateGroup(
            rows[each], found.similarity[each], tuple(kinds[place] for place in each), may_go[each]
        )
        for each in np.split(members, cuts)
        if len(each)
    ]
    return sorted(groups, key=lambda group: -group.lowest)


def surplus_rows(space: Space, conditions: Filter = ()) -> Rows:
    """The images of which a better version is there, at the stored threshold: those that may go.

    Under a filter the best of those that pass stays; without one, what was stored is read.
    """
    if not conditions and "duplicate_surplus" in space.column_names:
        return np.flatnonzero(_stored_surplus(space))
    groups = duplicate_groups(space, duplicate_threshold(space), conditions)
    return np.concatenate([NO_ROWS, *(group.surplus for group in groups)])


def _stored_surplus(space: Space) -> npt.NDArray[np.bool_]:
    """Once, what only looked alike was counted, too."""
    surplus = space.column("duplicate_surplus") == 1
    if "duplicate_kind" in space.column_names:
        surplus &= space.column("duplicate_kind") != KINDS[LOOK_ALIKE]
    return np.asarray(surplus, bool)


# --- keep best: the surplus becomes a tag, and taking the tag away undoes it


def settled_ids(dataset: Dataset) -> set[int]:
    """The ids of the images that were set aside."""
    with contextlib.suppress(UnknownNameError):
        return set(dataset.tags.ids(SURPLUS).tolist())
    return set()


def set_aside(tags: Tags, space: Space, rows: Rows) -> None:
    """Set images aside, to keep the others of their groups."""
    tags.add(SURPLUS, space.image_ids[rows])


def take_back(tags: Tags, space: Space, rows: Rows) -> None:
    """Take back what `set_aside` did."""
    with contextlib.suppress(UnknownNameError):  # done already, in another tab
        tags.remove(SURPLUS, space.image_ids[rows])


def forget_surplus(tags: Tags) -> None:
    """Take back all of it."""
    with contextlib.suppress(UnknownNameError):
        tags.delete(SURPLUS)
