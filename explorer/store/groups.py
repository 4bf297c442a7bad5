"""The user's own groups of images: made out of clusters, then merged, split and renamed.

They belong to the dataset and hold image ids, so that no analysis can lose them. Every change is a
step in the history of the dataset: it costs what it changes, and undoing it is exact.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from explorer.errors import UsageError
from explorer.store import history
from explorer.store.applying import free_name
from explorer.store.arrays import as_arrow, texts_as_arrow
from explorer.store.curation import Curation, check_text
from explorer.store.history import GROUP, Kept, Pair
from explorer.store.id_sets import Ids, as_ids, rows_of, together, without

MY_GROUP = "my_group"  # the column

Groups = list[Kept]
Parts = Iterable[tuple[str, npt.ArrayLike]]


@dataclass(frozen=True)
class Grouping:
    """The groups after a step: the ids of each, ascending, by its name; no image is in two.

    `step` is 0 before there are any, and another number whenever they are others; `change` is what
    was done last and can be undone, in words.
    """

    step: int = 0
    change: str = ""
    groups: Mapping[str, Ids] = field(default_factory=dict)

    def column(self, image_ids: Ids) -> pa.ChunkedArray:
        """The name of each image's group, null where it is in none; ids ascending, (n,) string."""
        codes = np.full(len(image_ids), -1, np.int32)
        for code, ids in enumerate(self.groups.values()):
            codes[rows_of(ids, image_ids)] = code
        names = texts_as_arrow(list(self.groups))
        return pa.chunked_array([names.take(as_arrow(codes, known=codes >= 0))])


class MyGroups:
    """The groups of one dataset in its curation.db. Every change is one step, and can be undone.

    Names are unique: a group that is added under a name that is taken gets a number behind it.
    """

    def __init__(self, curation: Curation) -> None:
        self._curation = curation

    def step(self) -> int:
        """A number that rises with every change, undoing included; 0 before the first."""
        return self._curation.version(GROUP)

    def now(self) -> Grouping:
        """The groups as they are now."""
        with self._curation.transaction() as connection:
            connection.execute("BEGIN")  # what is read belongs together
            last = history.next_step(connection, session=None, kind=GROUP, undo=True)
            return Grouping(
                history.read_version(connection, GROUP),
                last.change if last else "",
                {each.name: each.ids for each in history.read_sets(connection, GROUP)},
            )

    def make(self, groups: Parts) -> None:
        """Begin anew with these groups: name and image ids of each.

        Raises `UsageError` when an image is in two of them, or a name is none.
        """
        made = _with([], groups)
        self._change("begun anew", lambda _: made)

    def rename(self, name: str, new: str) -> None:
        """Give a group another name. Raises `UsageError` when it is none, or another group's."""
        new = _checked(new)
        self._change(
            f"renamed “{name}” to “{new}”",
            lambda groups: _instead(groups, replace(_find(groups, name), name=new)),
        )

    def merge(self, name: str, *, into: str) -> None:
        """Move all images of a group into another one. Raises `UsageError` for an unknown one."""

        def merged(groups: Groups) -> Groups:
            group, other = _find(groups, name), _find(groups, into)
            if name == into:
                raise UsageError(f"The group {name!r} cannot be merged into itself.")
            rest = [each for each in groups if each is not group]
            return _instead(rest, replace(other, ids=together(group.ids, other.ids)))

        self._change(f"merged “{name}” into “{into}”", merged)

    def split(self, name: str, parts: Parts) -> None:
        """Make groups of their own of parts of a group; what is in no part stays where it is.

        Raises `UsageError` when a part holds what is not in the group, or parts overlap.
        """
        taken = [(new, as_ids(ids)) for new, ids in parts]

        def apart(groups: Groups) -> Groups:
            group = _find(groups, name)
            rest = group.ids
            for _, part in taken:
                if len(without(part, group.ids)):
                    raise UsageError(f"Not all that is to be split off is in the group {name!r}.")
                rest = without(rest, part)
            others = [each for each in groups if each is not group]
            kept = _instead(groups, replace(group, ids=rest)) if len(rest) else others
            return _with(kept, taken)

        self._change(f"split “{name}”", apart)

    def dissolve(self, name: str) -> None:
        """Take a group away: its images are in none. Raises `UsageError` for an unknown name."""

        def fewer(groups: Groups) -> Groups:
            gone = _find(groups, name)
            return [each for each in groups if each is not gone]

        self._change(f"dissolved “{name}”", fewer)

    def undo(self) -> str:
        """Take the last change back, and say what it was. Raises `UsageError` before the first."""
        return self._curation.undo(GROUP)

    def redo(self) -> str:
        """Do again what was undone last. Raises `UsageError` when there is nothing."""
        return self._curation.redo(GROUP)

    def name_now(self, name: str) -> str | None:
        """What a group is called now that was once called so; None when there is no such group."""
        with self._curation.transaction() as connection:
            return history.name_now(connection, GROUP, name)

    def _change(self, change: str, changed: Callable[[Groups], Groups]) -> None:
        def pairs(before: Groups) -> Iterable[Pair]:
            after = changed(before)
            kept = {each.id: each for each in after if each.id is not None}
            yield from ((each, kept.get(each.id or 0)) for each in before)
            yield from ((None, each) for each in after if each.id is None)

        self._curation.change(GROUP, pairs, change)


def _find(groups: Groups, name: str) -> Kept:
    for group in groups:
        if group.name == name:
            return group
    there_are = ", ".join(group.name for group in groups) or "none"
    raise UsageError(f"There is no group {name!r}. There are: {there_are}.")


def _instead(groups: Groups, changed: Kept) -> Groups:
    return [changed if each.id == changed.id else each for each in groups]


def _with(groups: Groups, more: Parts) -> Groups:
    """The groups and some more, each under a name of its own; without those that hold nothing."""
    names = {group.name for group in groups}
    made = list(groups)
    for name, image_ids in more:
        ids = as_ids(image_ids)
        if len(ids):
            free = free_name(_checked(name), names)
            names.add(free)
            made.append(Kept(GROUP, free, ids))
    every = np.concatenate([*(group.ids for group in made), np.empty(0, np.int64)])
    if len(as_ids(every)) < len(every):
        raise UsageError("An image can be in one group only, and some are in two of these.")
    return made


def _checked(name: str) -> str:
    name = name.strip()
    if not name:
        raise UsageError("A group needs a name.")
    check_text("A group", name)
    return name
