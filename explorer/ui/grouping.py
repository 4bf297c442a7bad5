"""Groups of duplicates at any threshold, found anew from the stored graph, and what was settled."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from explorer.analysis import KINDS, Duplicates, duplicate_kinds
from explorer.curate import near_duplicates_among
from explorer.errors import UsageError
from explorer.store import Dataset, Space, Tags, kept
from explorer.ui.conditions import Where
from explorer.ui.filtering import shown_mask

UNKNOWN = ""  # the kind of a keeper, and of what no picture hash is known of
SURPLUS = "surplus"  # the tag of what was set aside

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Group:
    """One group, the keeper first and then by falling similarity to it; kinds as in KINDS."""

    rows: Rows
    similarities: npt.NDArray[np.float32]
    kinds: tuple[str, ...]

    @property
    def keeper(self) -> int:
        """The row of the one to keep."""
        return int(self.rows[0])

    @property
    def surplus(self) -> Rows:
        """The rows of the others."""
        return self.rows[1:]

    @property
    def lowest(self) -> float:
        """The lowest similarity to the keeper."""
        return float(self.similarities.min())

    def only(self, kinds: Sequence[str]) -> "Group":
        """The keeper with those members that are of some kinds."""
        kept = [place for place, kind in enumerate(self.kinds) if not place or kind in kinds]
        return Group(
            self.rows[kept], self.similarities[kept], tuple(self.kinds[each] for each in kept)
        )


@kept(16)
def duplicate_groups(space: Space, threshold: float, where: Where = ()) -> list[Group]:
    """The groups in which every image is at least `threshold` like the keeper, closest first.

    Only images that pass the filter are grouped. At the stored threshold, and without a filter,
    these are the stored groups. Only the vectors of images that have so
    near a neighbour are read.
    """
    found, rows = near_duplicates_among(space, np.flatnonzero(shown_mask(space, where)), threshold)
    return _groups(found, rows, _kinds(space, found, rows))


def _groups(found: Duplicates, rows: Rows, kinds: Sequence[str]) -> list[Group]:
    members = np.flatnonzero(found.group >= 0)
    order = np.lexsort((-found.similarity[members], ~found.keeper[members], found.group[members]))
    members = members[order]
    cuts = np.flatnonzero(np.diff(found.group[members])) + 1
    groups = [
        Group(rows[each], found.similarity[each], tuple(kinds[place] for place in each))
        for each in np.split(members, cuts)
        if len(each)
    ]
    return sorted(groups, key=lambda group: -group.lowest)


def _kinds(space: Space, found: Duplicates, rows: Rows) -> list[str]:
    """What each row is to its keeper, in words."""
    names = set(space.column_names)
    hashes: npt.NDArray[np.object_] = np.full(len(rows), None, object)
    if "picture_hash" in names:
        hashes = space.column("picture_hash")[rows]
    content = np.unique(space.column("content_hash").astype(str), return_inverse=True)[1]
    bits = int(space.column_meta("duplicate_group")["parameters"].get("bits", 0))
    codes = duplicate_kinds(found, content[rows], hashes.tolist(), bits=bits)
    return [KINDS[code] if code >= 0 else UNKNOWN for code in codes.tolist()]


# --- keep best: the surplus becomes a tag, and taking the tag away undoes it


def settled_ids(dataset: Dataset) -> set[int]:
    """The ids of the images that were set aside."""
    with contextlib.suppress(UsageError):
        return set(dataset.tags.ids(SURPLUS).tolist())
    return set()


def keep_best(tags: Tags, space: Space, groups: Sequence[Group]) -> None:
    """Set the surplus of some groups aside."""
    rows = np.concatenate([group.surplus for group in groups])
    tags.add(SURPLUS, space.image_ids[rows])


def keep_all(tags: Tags, space: Space, groups: Sequence[Group]) -> None:
    """Take back what `keep_best` did."""
    rows = np.concatenate([group.surplus for group in groups])
    with contextlib.suppress(UsageError):  # done already, in another tab
        tags.remove(SURPLUS, space.image_ids[rows])


def forget_surplus(tags: Tags) -> None:
    """Take back all of it."""
    with contextlib.suppress(UsageError):
        tags.delete(SURPLUS)
