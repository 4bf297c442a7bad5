"""curation.db: what people made of the images. SQLite in WAL mode, short transactions."""

import contextlib
import copy
import hashlib
import sqlite3
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy.typing as npt

from explorer.errors import NotPossibleError, StoreError, UnknownNameError, UsageError
from explorer.store import delivered, history
from explorer.store.atomic import refuse_full
from explorer.store.curation_tables import FORMAT, TABLES
from explorer.store.history import GONE, UNDONE, Step
from explorer.store.id_sets import (
    NO_IDS,
    Ids,
    as_ids,
    in_both,
    pack_ids,
    together,
    unpack_ids,
    without,
)
from explorer.store.manifest import note_made
from explorer.store.named_sets import BASKET, CLUSTER, NamedSet, OpenSets, check_text

Mode = Literal["replace", "add", "subtract", "intersect"]


class Curation:
    """Selections, tags, groups and names given to clusters of one dataset; threads may share it.

    Every change is a step in one history, and can be undone and done again. A step belongs to a
    session, so that people do not undo each other's; scripts share the session "".
    """

    def __init__(self, path: Path, session: str = "") -> None:
        self._path = path
        self.session = session
        self._event: tuple[str, int] | None = None
        with self.transaction() as connection:
            is_new = connection.execute("PRAGMA user_version").fetchone()[0] < FORMAT
            if is_new:
                connection.execute("BEGIN IMMEDIATE")
                for statement in TABLES:
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {FORMAT}")
        if is_new:
            note_made(path)

    def of(self, session: str) -> "Curation":
        """The same for the steps of a session."""
        again = copy.copy(self)
        again.session = session
        return again

    def once(self, queue: str, number: int) -> "Curation":
        """The same for what one event of a queue does: it is done once, however often it is asked.

        Its number is stored with what it does, in one transaction; what has that number or a lower
        one does nothing.
        """
        again = copy.copy(self)
        again._event = (queue, number)
        return again

    def _is_done(self, connection: sqlite3.Connection) -> bool:
        """Whether the event has been done before; if not, it is from now on."""
        return self._event is not None and not delivered.store(connection, *self._event)

    @contextlib.contextmanager
    def transaction(self, *, write: bool = False) -> Iterator[sqlite3.Connection]:
        """One short transaction: committed on a clean exit, rolled back on an error.

        With `write`, nobody else can change what it reads before it is done.
        """
        try:
            connection = sqlite3.connect(self._path, timeout=10)
            try:
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA foreign_keys = ON")
                with connection:
                    if write:
                        connection.execute("BEGIN IMMEDIATE")
                    yield connection
            finally:
                connection.close()
        except (sqlite3.Error, zlib.error) as error:
            if isinstance(error, sqlite3.Error):
                refuse_full(error, self._path)
            raise StoreError(f"{self._path} cannot be used: {error}.") from error

    @contextlib.contextmanager
    def step(self, words: str, kind: str, *, place: str = "") -> Iterator[OpenSets]:
        """One step that changes the sets of a kind; what came and went is stored when it closes.

        What changes nothing is no step, and neither is what an event does that was done before
        (`once`): nothing is said, either, of what it could not do then.
        """
        with self.transaction(write=True) as connection:
            is_done = self._is_done(connection)
            sets = OpenSets(kind, history.read_sets(connection, kind, place))
            try:
                yield sets
            except UsageError:
                if not is_done:
                    raise
            if not is_done:
                history.record(
                    connection, sets.changes, kind=kind, session=self.session, words=words
                )

    def version(self, kind: str, place: str = "") -> int:
        """A number that rises with every change of the sets of a kind; 0 before the first."""
        with self.transaction() as connection:
            return history.read_version(connection, kind, place)

    # --- undo

    def undo(self, kind: str | None = None) -> str:
        """Take back the last step of this session (of a kind: of anybody), and say what it was.

        Nothing is said of an event that was done before (`once`). Raises `UsageError` when there is
        no step, or others have changed since what it needs.
        """
        return self._turn(kind, undo=True)

    def redo(self, kind: str | None = None) -> str:
        """Do again what was undone last, and say what it is. Raises `UsageError` as `undo` does."""
        return self._turn(kind, undo=False)

    def _turn(self, kind: str | None, *, undo: bool) -> str:
        session = self.session if kind is None else None
        with self.transaction(write=True) as connection:
            if self._is_done(connection):
                return ""
            step = history.next_step(connection, session=session, kind=kind, undo=undo)
            if step is None:
                raise NotPossibleError(f"There is nothing to {'undo' if undo else 'redo'}.")
            failed = history.turn(connection, step, undo=undo)
        if failed:
            raise failed
        return step.change

    def next_steps(self, kind: str | None = None) -> tuple[Step | None, Step | None]:
        """What `undo` would take back and what `redo` would do again; None where there is none."""
        session = self.session if kind is None else None
        with self.transaction() as connection:
            undo, redo = (
                history.next_step(connection, session=session, kind=kind, undo=undo)
                for undo in (True, False)
            )
            return undo, redo

    def steps(self, limit: int = 20) -> list[Step]:
        """The last steps of this session, the latest first."""
        with self.transaction() as connection:
            rows = connection.execute(
                "SELECT step, change, created, undone = ? FROM steps "
                "WHERE session = ? AND undone <> ? ORDER BY step DESC LIMIT ?",
                (UNDONE, self.session, GONE, limit),
            ).fetchall()
        return [Step(number, change, at, bool(undone)) for number, change, at, undone in rows]

    # --- the selection that a session is making

    def selected(self) -> Ids:
        """What this session has selected, ascending."""
        with self.transaction() as connection:
            found = history.read_sets(connection, BASKET, self.session)
        return found[0].ids if found else NO_IDS

    def selected_version(self) -> int:
        """A number that rises with every change of it; 0 before the first."""
        return self.version(BASKET, self.session)

    def select(self, image_ids: npt.ArrayLike, mode: Mode, words: str = "") -> Ids:
        """Change what this session has selected; returns what is selected then.

        `words` say what was done, for undo; without them the numbers do. What another window of
        the session has selected in the meantime counts: the change is made to that.
        """
        change = as_ids(image_ids)
        words = words or _in_words(mode, len(change))
        with self.step(words, BASKET, place=self.session) as found:
            before = found.get("") or NamedSet(BASKET, "", place=self.session)
            selected = combined(before.ids, change, mode)
            found.put(replace(before, ids=selected))
        return selected

    def save_selection(self, image_ids: npt.ArrayLike) -> str:
        """Keep a selection for a link to it; returns its key, which is made from its content."""
        ids = as_ids(image_ids)
        key = hashlib.blake2b(ids.tobytes(), digest_size=6).hexdigest()
        with self.transaction() as connection:
            connection.execute(
                "INSERT OR IGNORE INTO selections (key, image_ids) VALUES (?, ?)",
                (key, pack_ids(ids)),
            )
        return key

    def selection(self, key: str) -> Ids:
        """The ids of a kept selection, ascending. Raises `UsageError` for an unknown key."""
        with self.transaction() as connection:
            row = connection.execute(
                "SELECT image_ids FROM selections WHERE key = ?", (key,)
            ).fetchone()
        if row is None:
            raise UnknownNameError(f"There is no selection {key!r} in this dataset.")
        return unpack_ids(row[0])

    # --- the names of clusters

    def rename_clusters(self, space: str, clusters: str, names: dict[int, str]) -> None:
        """Name clusters in the column `clusters` of a space, each by an image that is in it.

        The name stays with the image: after clustering again it is that of the cluster that the
        image is in then. No name, "", gives the cluster its own one back.
        """
        given = {int(image_id): name.strip() for image_id, name in names.items()}
        for name in given.values():
            check_text(CLUSTER, name)
        place = f"{space}\n{clusters}"
        listed = " and ".join(f"“{name}”" for name in given.values() if name)
        words = f"named a cluster {listed}" if listed else "gave a cluster its own name back"
        with self.step(words, CLUSTER, place=place) as found:
            for each in found:
                if len(in_both(each.ids, as_ids([*given]))):
                    found.drop(each)
            for image_id, name in given.items():
                if name:
                    found.put(NamedSet(CLUSTER, name, as_ids([image_id]), place=place))

    def cluster_names(self, space: str, clusters: str) -> dict[int, str]:
        """The names given in a column of clusters, by image id, in the order of their giving."""
        with self.transaction() as connection:
            found = history.read_sets(connection, CLUSTER, f"{space}\n{clusters}")
        return {int(each.ids[0]): each.name for each in found}


def combined(now: Ids, change: Ids, mode: Mode) -> Ids:
    """A selection after a change; both ascending."""
    if mode == "add":
        return together(now, change)
    if mode == "subtract":
        return without(now, change)
    if mode == "intersect":
        return in_both(now, change)
    return change


def _in_words(mode: Mode, count: int) -> str:
    images = f"{count:,} image{'' if count == 1 else 's'}"
    return {
        "replace": f"selected {images}",
        "add": f"added {images}",
        "subtract": f"took {images} out",
        "intersect": f"kept only what is among {images}",
    }[mode]
