"""What tags and user groups have in common: named sets of one kind, of which each has its name."""

from contextlib import AbstractContextManager
from dataclasses import replace
from typing import ClassVar

from explorer.errors import BadValueError
from explorer.store import history
from explorer.store.curation import Curation
from explorer.store.id_sets import together
from explorer.store.named_sets import OpenSets, SetsSnapshot, checked_name


class CuratedSets:
    """The sets of one kind in a dataset's curation.db. Every change is one step, to be undone."""

    kind: ClassVar[str]

    def __init__(self, curation: Curation) -> None:
        self._curation = curation

    def now(self) -> SetsSnapshot:
        """The sets as they are now."""
        with self._curation.transaction() as connection:
            connection.execute("BEGIN")  # what is read belongs together
            version = history.read_version(connection, self.kind)
            return SetsSnapshot(version, tuple(history.read_sets(connection, self.kind)))

    def version(self) -> int:
        """A number that rises with every change, undoing included; 0 before the first."""
        return self._curation.version(self.kind)

    def name_now(self, name: str) -> str | None:
        """What a set is called now that was once called so; None when there is no such set."""
        with self._curation.transaction() as connection:
            row = connection.execute(
                "SELECT sets.name FROM changes JOIN sets ON sets.id = changes.set_id WHERE "
                "changes.kind = ? AND (old_name = ? OR new_name = ?) ORDER BY step DESC LIMIT 1",
                (self.kind, name, name),
            ).fetchone()
        return str(row[0]) if row else None

    def rename(self, name: str, new: str) -> None:
        """Give a set another name. Raises `UsageError` when it is none, or another set's."""
        new = checked_name(self.kind, new)
        with self._step(f"renamed “{name}” to “{new}”") as sets:
            sets.put(replace(sets[name], name=new))

    def merge(self, name: str, *, into: str) -> None:
        """Move all images of a set into another one. Raises `UsageError` for an unknown one."""
        with self._step(f"merged “{name}” into “{into}”") as sets:
            one, other = sets[name], sets[into]
            if name == into:
                raise BadValueError(f"The {self.kind} {name!r} cannot be merged into itself.")
            sets.drop(one)
            sets.put(replace(other, ids=together(one.ids, other.ids)))

    def _drop(self, name: str, change: str) -> None:
        with self._step(change) as sets:
            sets.drop(sets[name])

    def _step(self, change: str) -> AbstractContextManager[OpenSets]:
        return self._curation.step(change, self.kind)
