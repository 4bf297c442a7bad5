"""Named sets of images: one, those that a step changes, and those of a kind as they were once."""

from collections.abc import Container, Iterator
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from explorer.errors import BadValueError, UnknownNameError
from explorer.store.arrays import as_arrow, texts_as_arrow
from explorer.store.id_sets import NO_IDS, Ids, rows_of

TAG, GROUP, BASKET, CLUSTER = "tag", "group", "basket", "cluster"
UNIQUE_NAMES = (TAG, GROUP)  # kinds of which no two sets have the same name
BETWEEN = "|"  # what stands between the tags of an image: what pandas' get_dummies splits at


@dataclass(frozen=True)
class NamedSet:
    """A set of images with a name; `ids` ascending. `id` is None until it is stored.

    `place` is whose selection it is, or the space and column of a cluster; empty for the rest.
    """

    kind: str
    name: str
    ids: Ids = field(default_factory=lambda: NO_IDS)
    color: str = ""
    place: str = ""
    id: int | None = None

    def differs(self, other: "NamedSet | None") -> bool:
        """Whether another set has another name, another colour or other images, or is none."""
        if other is self:
            return False
        if other is None or (self.name, self.color) != (other.name, other.color):
            return True
        return not np.array_equal(self.ids, other.ids)


Change = tuple[NamedSet | None, NamedSet | None]  # before and after; None: it is not there


class OpenSets:
    """The sets of a kind while a step changes them, in the order of their making.

    `changes` is what came and what went since it was opened.
    """

    def __init__(self, kind: str, found: list[NamedSet]) -> None:
        self._kind = kind
        self._before = tuple(found)
        self._now = found

    def __iter__(self) -> Iterator[NamedSet]:
        """Those that there are now; they may be changed meanwhile."""
        return iter([*self._now])

    def get(self, name: str) -> NamedSet | None:
        """The set of that name; None if there is none."""
        return next((each for each in self._now if each.name == name), None)

    def __getitem__(self, name: str) -> NamedSet:
        """The set of that name. Raises `UsageError`, naming those that there are."""
        if found := self.get(name):
            return found
        there_are = ", ".join(each.name for each in self._now) or "none yet"
        raise UnknownNameError(
            f"There is no {self._kind} {name!r} in this dataset. There are: {there_are}."
        )

    def put(self, changed: NamedSet) -> None:
        """Have a set in the place of the stored one that it was made from, or one more."""
        if changed.id is None:
            self._now.append(changed)
        else:
            self._now = [changed if each.id == changed.id else each for each in self._now]

    def drop(self, gone: NamedSet) -> None:
        """Have one set less."""
        self._now = [each for each in self._now if each is not gone]

    @property
    def changes(self) -> list[Change]:
        """Each set that is another than before, before and now."""
        now = {each.id: each for each in self._now}
        pairs = ((each, now.get(each.id)) for each in self._before)
        changed: list[Change] = [(each, new) for each, new in pairs if each.differs(new)]
        return [*changed, *((None, each) for each in self._now if each.id is None)]


@dataclass(frozen=True)
class SetsSnapshot:
    """The tags, or the user groups, at one moment, in the order of their making.

    `version` is 0 before there are any, and another number whenever they are others.
    """

    version: int = 0
    sets: tuple[NamedSet, ...] = ()

    @property
    def names(self) -> list[str]:
        """What they are called."""
        return [each.name for each in self.sets]

    def column(self, image_ids: Ids) -> pa.ChunkedArray:
        """The sets that each image is in, `keep|sharp`, (n,) string; null where there are none.

        Ids ascending.
        """
        codes = np.zeros(len(image_ids), np.int64)
        combinations: list[str | None] = [None]
        for each in self.sets:
            rows = rows_of(each.ids, image_ids)
            found, among = np.unique(codes[rows], return_inverse=True)
            start = len(combinations)
            for code in found.tolist():
                before = combinations[code]
                combinations.append(f"{before}{BETWEEN}{each.name}" if before else each.name)
            codes[rows] = start + among
        return pa.chunked_array([texts_as_arrow(combinations).take(as_arrow(codes))])


def free_name(name: str, taken: Container[str]) -> str:
    """A name, or the first of "NAME 2", "NAME 3" … that is not taken."""
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name} {number}"
    return free


def checked_name(kind: str, name: str) -> str:
    """A name without what surrounds it. Raises `UsageError` for none, and as `check_text` does."""
    name = name.strip()
    if not name:
        raise BadValueError(f"A {kind} needs a name.")
    check_text(kind, name)
    return name


def check_text(kind: str, name: str) -> None:
    """Raise `UsageError` for a name that SQLite and Arrow cannot hold."""
    if name != name.encode(errors="replace").decode():
        raise BadValueError(f"A {kind} cannot be named {name!r}: that is not valid UTF-8.")
