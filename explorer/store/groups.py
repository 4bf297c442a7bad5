"""The user's own groups of images: made out of clusters, then merged, split and renamed.

They belong to the dataset and hold image ids, so that no analysis can lose them. Every step keeps
the list of groups, each a kept selection: a step costs what it changes, and undoing it is exact.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from explorer.errors import UsageError
from explorer.store.curation import Curation, check_text, keep_ids, kept_ids

MY_GROUP = "my_group"  # the column

Ids = npt.NDArray[np.int64]
Groups = dict[str, Ids]
Parts = Iterable[tuple[str, npt.ArrayLike]]


@dataclass(frozen=True)
class Grouping:
    """The groups after a step: the ids of each, ascending, by its name; no image is in two.

    `step` is 0 before there are any, and another number whenever they are others; `change` is what
    the step did, in words.
    """

    step: int = 0
    change: str = ""
    groups: Mapping[str, Ids] = field(default_factory=dict)

    def column(self, image_ids: Ids) -> pa.ChunkedArray:
        """The name of each image's group, null where it is in none; ids ascending, (n,) string."""
        codes = np.full(len(image_ids), -1, np.int32)
        for code, ids in enumerate(self.groups.values()):
            rows = np.searchsorted(image_ids, ids)
            here = rows < len(image_ids)
            here[here] = image_ids[rows[here]] == ids[here]
            codes[rows[here]] = code
        names = pa.array(list(self.groups), pa.string())
        return pa.chunked_array([names.take(pa.array(codes, mask=codes < 0))])


class MyGroups:
    """The groups of one dataset in its curation.db. Every change is one step, and can be undone.

    Names are unique: a group that is added under a name that is taken gets a number behind it.
    """

    def __init__(self, curation: Curation) -> None:
        self._curation = curation

    def step(self) -> int:
        """The number of the last step; 0 before the first."""
        with self._curation.transaction() as connection:
            row = connection.execute("SELECT max(step) FROM my_groups").fetchone()
        return int(row[0] or 0)

    def now(self) -> Grouping:
        """The groups as they are now."""
        with self._curation.transaction() as connection:
            connection.execute("BEGIN")  # what is read belongs together
            return _read(connection)

    def make(self, groups: Parts) -> None:
        """Begin anew with these groups: name and image ids of each.

        Raises `UsageError` when an image is in two of them, or a name is none.
        """
        made = _with({}, groups)
        self._change("begun anew", lambda _: made)

    def rename(self, name: str, new: str) -> None:
        """Give a group another name. Raises `UsageError` when it is none, or another group's."""
        new = _checked(new)

        def renamed(groups: Groups) -> Groups:
            _find(groups, name)
            if new != name and new in groups:
                raise UsageError(f"There is a group {new!r} already. Merge the two instead.")
            return {new if each == name else each: ids for each, ids in groups.items()}

        self._change(f"renamed “{name}” to “{new}”", renamed)

    def merge(self, name: str, *, into: str) -> None:
        """Move all images of a group into another one. Raises `UsageError` for an unknown one."""

        def merged(groups: Groups) -> Groups:
            ids = np.union1d(_find(groups, name), _find(groups, into))
            if name == into:
                raise UsageError(f"The group {name!r} cannot be merged into itself.")
            groups[into] = ids
            del groups[name]
            return groups

        self._change(f"merged “{name}” into “{into}”", merged)

    def split(self, name: str, parts: Parts) -> None:
        """Make groups of their own of parts of a group; what is in no part stays where it is.

        Raises `UsageError` when a part holds what is not in the group, or parts overlap.
        """
        taken = [(new, np.unique(np.asarray(ids, np.int64))) for new, ids in parts]

        def apart(groups: Groups) -> Groups:
            rest = ids = _find(groups, name)
            for _, part in taken:
                if len(np.setdiff1d(part, ids)):
                    raise UsageError(f"Not all that is to be split off is in the group {name!r}.")
                rest = np.setdiff1d(rest, part)
            del groups[name]
            return _with(groups, [(name, rest), *taken])

        self._change(f"split “{name}”", apart)

    def dissolve(self, name: str) -> None:
        """Take a group away: its images are in none. Raises `UsageError` for an unknown name."""

        def without(groups: Groups) -> Groups:
            _find(groups, name)
            del groups[name]
            return groups

        self._change(f"dissolved “{name}”", without)

    def undo(self) -> str:
        """Take the last step back, and say what it was. Raises `UsageError` before the first."""
        with self._curation.transaction() as connection:
            last = connection.execute(
                "DELETE FROM my_groups WHERE step = (SELECT max(step) FROM my_groups) "
                "RETURNING change"
            ).fetchall()
        if not last:
            raise UsageError("There is nothing to undo.")
        return str(last[0][0])

    def _change(self, change: str, changed: Callable[[Groups], Groups]) -> None:
        """One step: nobody else can change what it starts from before it is kept."""
        with self._curation.transaction() as connection:
            connection.execute("BEGIN IMMEDIATE")
            groups = changed(dict(_read(connection).groups))
            listed = [[name, keep_ids(connection, ids)] for name, ids in groups.items()]
            connection.execute(
                "INSERT INTO my_groups (change, groups) VALUES (?, ?)",
                (change, json.dumps(listed)),
            )


def _read(connection: sqlite3.Connection) -> Grouping:
    row = connection.execute(
        "SELECT step, change, groups FROM my_groups ORDER BY step DESC LIMIT 1"
    ).fetchone()
    if row is None:
        return Grouping()
    step, change, listed = row
    return Grouping(
        step, change, {name: kept_ids(connection, key) for name, key in json.loads(listed)}
    )


def _find(groups: Groups, name: str) -> Ids:
    if name not in groups:
        there_are = ", ".join(groups) or "none"
        raise UsageError(f"There is no group {name!r}. There are: {there_are}.")
    return groups[name]


def _with(groups: Groups, more: Parts) -> Groups:
    """The groups and some more, each under a name of its own; without those that hold nothing."""
    for name, image_ids in more:
        ids = np.unique(np.asarray(image_ids, np.int64))
        if len(ids):
            groups[_free(_checked(name), groups)] = ids
    every = np.concatenate([*groups.values(), np.empty(0, np.int64)])
    if len(np.unique(every)) < len(every):
        raise UsageError("An image can be in one group only, and some are in two of these.")
    return groups


def _checked(name: str) -> str:
    name = name.strip()
    if not name:
        raise UsageError("A group needs a name.")
    check_text("A group", name)
    return name


def _free(name: str, taken: Iterable[str]) -> str:
    """The name, with the first number from 2 on behind it that makes it one of its own."""
    known, number, free = set(taken), 1, name
    while free in known:
        number += 1
        free = f"{name} {number}"
    return free
