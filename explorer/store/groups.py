"""User groups: images in groups of one's own, made of clusters, then merged, split and renamed.

They belong to the dataset and hold image ids, so that no analysis can lose them. Every change is a
step in the history of the dataset: it costs what it changes, and undoing it is exact.
"""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from explorer.errors import BadValueError
from explorer.store.curated_sets import CuratedSets
from explorer.store.id_sets import NO_IDS, as_ids, without
from explorer.store.named_sets import GROUP, NamedSet, OpenSets, checked_name, free_name

MY_GROUP = "my_group"  # the column

Parts = Iterable[tuple[str, npt.ArrayLike]]


class MyGroups(CuratedSets):
    """The groups of one dataset in its curation.db. Every change is one step, and can be undone.

    No image is in two. Names are unique: a group that is added under a name that is taken gets a
    number behind it.
    """

    kind = GROUP

    def last_change(self) -> str:
        """What `undo` would take back, in words; empty when there is nothing."""
        step, _ = self._curation.next_steps(GROUP)
        return step.change if step else ""

    def make(self, groups: Parts) -> None:
        """Begin anew with these groups: name and image ids of each.

        Raises `UsageError` when an image is in two of them, or a name is none.
        """
        with self._step("begun anew") as sets:
            for each in sets:
                sets.drop(each)
            _add(sets, groups)

    def split(self, name: str, parts: Parts) -> None:
        """Make groups of their own of parts of a group; what is in no part stays where it is.

        Raises `UsageError` when a part holds what is not in the group, or parts overlap.
        """
        taken = [(new, as_ids(ids)) for new, ids in parts]
        with self._step(f"split “{name}”") as groups:
            group = groups[name]
            rest = group.ids
            for _, part in taken:
                if len(without(part, group.ids)):
                    raise BadValueError(
                        f"Not all that is to be split off is in the group {name!r}."
                    )
                rest = without(rest, part)
            if len(rest):
                groups.put(replace(group, ids=rest))
            else:
                groups.drop(group)
            _add(groups, taken)

    def dissolve(self, name: str) -> None:
        """Take a group away: its images are in none. Raises `UsageError` for an unknown name."""
        self._drop(name, f"dissolved “{name}”")

    def undo(self) -> str:
        """Take the last change back, and say what it was. Raises `UsageError` before the first."""
        return self._curation.undo(GROUP)

    def redo(self) -> str:
        """Do again what was undone last. Raises `UsageError` when there is nothing."""
        return self._curation.redo(GROUP)


def _add(groups: OpenSets, more: Parts) -> None:
    """Add groups, each under a name of its own, without those that hold nothing."""
    names = {group.name for group in groups}
    for name, image_ids in more:
        ids = as_ids(image_ids)
        if len(ids):
            free = free_name(checked_name(GROUP, name), names)
            names.add(free)
            groups.put(NamedSet(GROUP, free, ids))
    every = np.concatenate([NO_IDS, *(group.ids for group in groups)])
    if len(as_ids(every)) < len(every):
        raise BadValueError("An image can be in one group only, and some are in two of these.")
