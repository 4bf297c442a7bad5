"""Named sets of images in curation.db, and every step that changed them.

A tag, a group of one's own, a selection in the making and the name of a cluster are one thing here:
a set of image ids with a name. A step is what somebody did at once, in words; for each set that it
changed it holds which ids came and which went. So it can be taken back whatever others have done
since: only what the step itself changed is changed back.
"""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from explorer.errors import UsageError
from explorer.store.applying import DONE, GONE, PASSED_OVER, UNDONE, apply_step
from explorer.store.id_sets import NO_IDS, Ids, pack_ids, unpack_ids, without

SCHEMA = (
    """CREATE TABLE IF NOT EXISTS sets (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        kind TEXT NOT NULL,
        place TEXT NOT NULL,
        name TEXT NOT NULL,
        color TEXT NOT NULL,
        size INTEGER NOT NULL,
        image_ids BLOB NOT NULL
    ) STRICT""",
    "CREATE INDEX IF NOT EXISTS sets_by_place ON sets (kind, place)",
    """CREATE TABLE IF NOT EXISTS steps (
        step INTEGER PRIMARY KEY AUTOINCREMENT,
        session TEXT NOT NULL,
        kind TEXT NOT NULL,
        change TEXT NOT NULL,
        undone INTEGER NOT NULL DEFAULT 0,
        created TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
    ) STRICT""",
    "CREATE INDEX IF NOT EXISTS steps_by_session ON steps (session, step)",
    """CREATE TABLE IF NOT EXISTS changes (
        step INTEGER NOT NULL REFERENCES steps (step) ON DELETE CASCADE,
        set_id INTEGER NOT NULL,
        kind TEXT NOT NULL,
        place TEXT NOT NULL,
        old_name TEXT,
        old_color TEXT,
        new_name TEXT,
        new_color TEXT,
        added BLOB NOT NULL,
        removed BLOB NOT NULL
    ) STRICT""",
    "CREATE INDEX IF NOT EXISTS changes_by_step ON changes (step)",
    "CREATE INDEX IF NOT EXISTS changes_by_set ON changes (set_id, step)",
    """CREATE TABLE IF NOT EXISTS versions (
        kind TEXT NOT NULL,
        place TEXT NOT NULL,
        version INTEGER NOT NULL,
        PRIMARY KEY (kind, place)
    ) STRICT, WITHOUT ROWID""",
)

TAG, GROUP, BASKET, CLUSTER = "tag", "group", "basket", "cluster"
LONGEST = 1000  # steps of a selection in the making that a session can take back


@dataclass(frozen=True)
class Kept:
    """A set of images with a name; `ids` ascending. `id` is None until it is stored.

    `place` is whose selection it is, or the space and column of a cluster; empty for the rest.
    """

    kind: str
    name: str
    ids: Ids
    color: str = ""
    place: str = ""
    id: int | None = None


@dataclass(frozen=True)
class Step:
    """What somebody did, in words; and whether it has been undone."""

    number: int
    change: str
    created: str  # UTC, "2026-01-31 12:00:00"
    undone: bool


Pair = tuple[Kept | None, Kept | None]  # a set before and after a step; None: it is not there


def read_sets(connection: sqlite3.Connection, kind: str, place: str = "") -> list[Kept]:
    """The sets of a kind, in the order of their making."""
    rows = connection.execute(
        "SELECT name, image_ids, color, id FROM sets WHERE kind = ? AND place = ? ORDER BY id",
        (kind, place),
    ).fetchall()
    return [Kept(kind, name, unpack_ids(ids), color, place, id) for name, ids, color, id in rows]


def read_version(connection: sqlite3.Connection, kind: str, place: str = "") -> int:
    """A number that rises with every change of the sets of a kind; 0 before the first."""
    row = connection.execute(
        "SELECT version FROM versions WHERE kind = ? AND place = ?", (kind, place)
    ).fetchone()
    return int(row[0]) if row else 0


def record(
    connection: sqlite3.Connection, pairs: Iterable[Pair], *, session: str, change: str
) -> bool:
    """Do a step: every pair is a set before and after it. False when that changes nothing.

    The transaction must have begun by the time the sets were read.
    """
    changed = [pair for pair in pairs if _differs(*pair)]
    if not changed:
        return False
    kinds = {set_.kind for pair in changed for set_ in pair if set_}
    [kind] = kinds
    # What was undone can be done again only until something else is done.
    connection.execute(
        f"UPDATE steps SET undone = {GONE} "
        f"WHERE undone = {UNDONE} AND (session = ? OR (kind = ? AND kind = ?))",
        (session, kind, GROUP),
    )
    connection.execute(
        f"DELETE FROM steps WHERE undone = {GONE} AND kind IN (?, ?)", (GROUP, BASKET)
    )
    step = connection.execute(
        "INSERT INTO steps (session, kind, change) VALUES (?, ?, ?)", (session, kind, change)
    ).lastrowid
    for before, after in changed:
        _record_one(connection, int(step or 0), before, after)
    apply_step(connection, int(step or 0), forward=True, is_new=True)
    if kind == BASKET:
        connection.execute(
            "DELETE FROM steps WHERE kind = ? AND session = ? AND step <= (SELECT step FROM steps "
            "WHERE kind = ? AND session = ? ORDER BY step DESC LIMIT 1 OFFSET ?)",
            (BASKET, session, BASKET, session, LONGEST),
        )
    return True


def _differs(before: Kept | None, after: Kept | None) -> bool:
    if before is None or after is None:
        return before is not after
    same_text = (before.name, before.color) == (after.name, after.color)
    return not same_text or not np.array_equal(before.ids, after.ids)


def _record_one(
    connection: sqlite3.Connection, step: int, before: Kept | None, after: Kept | None
) -> None:
    some = before or after
    assert some is not None
    old, new = (each.ids if each else NO_IDS for each in (before, after))
    set_id = some.id
    if set_id is None:  # its number is its own for good: it stays when the set goes and comes back
        set_id = connection.execute(
            "INSERT INTO sets (kind, place, name, color, size, image_ids) "
            "VALUES (?, ?, ?, ?, 0, ?)",
            (some.kind, some.place, some.name, some.color, pack_ids(NO_IDS)),
        ).lastrowid
    connection.execute(
        "INSERT INTO changes VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            step,
            set_id,
            some.kind,
            some.place,
            before.name if before else None,
            before.color if before else None,
            after.name if after else None,
            after.color if after else None,
            pack_ids(without(new, old)),
            pack_ids(without(old, new)),
        ),
    )


# --- undo and redo


LAST_OF_GROUPS = f"(SELECT max(step) FROM steps WHERE kind = '{GROUP}' AND undone = {DONE})"


def next_step(
    connection: sqlite3.Connection, *, session: str | None, kind: str | None, undo: bool
) -> Step | None:
    """The step that undo would take back, or that redo would do again; None: there is none.

    Of a session (None: of anybody) and of a kind (None: of any). No image is in two groups, so
    what was done to groups can only be undone in the order of its doing, whoever did it.
    """
    mine = "(:session IS NULL OR session = :session) AND (:kind IS NULL OR kind = :kind)"
    mine += f" AND (kind <> '{GROUP}' OR step >= coalesce({LAST_OF_GROUPS}, 0))"
    last = f"SELECT max(step) FROM steps WHERE undone = {DONE} AND {mine}"
    wanted = f"step = ({last})"
    if not undo:
        undone = f"undone = {UNDONE} AND {mine} AND step > coalesce(({last}), 0)"
        wanted = f"step = (SELECT min(step) FROM steps WHERE {undone})"
    row = connection.execute(
        f"SELECT step, change, created, undone FROM steps WHERE {wanted}",
        {"session": session, "kind": kind},
    ).fetchone()
    return Step(row[0], row[1], row[2], row[3] == UNDONE) if row else None


def turn(connection: sqlite3.Connection, step: Step, *, undo: bool) -> UsageError | None:
    """Undo or redo a step; an error when others have since changed what it needs.

    Then nothing is changed, and the step is not offered again.
    """
    connection.execute("SAVEPOINT turn")
    mark = "UPDATE steps SET undone = ? WHERE step = ?"
    try:
        connection.execute(mark, (UNDONE if undo else DONE, step.number))
        apply_step(connection, step.number, forward=not undo)
    except UsageError as error:
        connection.execute("ROLLBACK TO turn")
        connection.execute(mark, (PASSED_OVER if undo else GONE, step.number))
        return error
    return None


def name_now(connection: sqlite3.Connection, kind: str, name: str) -> str | None:
    """What a set is called now that was once called `name`; None when there is no such set."""
    row = connection.execute(
        "SELECT sets.name FROM changes JOIN sets ON sets.id = changes.set_id "
        "WHERE changes.kind = ? AND (old_name = ? OR new_name = ?) ORDER BY step DESC LIMIT 1",
        (kind, name, name),
    ).fetchone()
    return str(row[0]) if row else None
