"""The one history of curation.db: every step that changed a named set of images.

A tag, a user group, a selection in the making and the name of a cluster are one thing here: a set
of image ids with a name. A step is what somebody did at once, in words; for each set that it
changed it holds which ids came and which went. What a set is follows from the steps that are in
force, in the order of their doing: so a step that is taken back, or done again, changes nothing
that others have changed since.
"""

import sqlite3
from dataclasses import dataclass, replace

from explorer.errors import ConflictError
from explorer.store.id_sets import NO_IDS, Ids, pack_ids, rows_of, together, unpack_ids, without
from explorer.store.named_sets import BASKET, GROUP, UNIQUE_NAMES, Change, NamedSet, free_name

LONGEST = 1000  # steps of a selection in the making that a session can take back

# `undone` of a step. PASSED_OVER could not be undone, and GONE cannot be done again any more.
DONE, UNDONE, PASSED_OVER, GONE = 0, 1, 2, 3
IN_FORCE = f"undone IN ({DONE}, {PASSED_OVER})"


@dataclass(frozen=True)
class Step:
    """What somebody did, in words; when (UTC, "2026-01-31 12:00:00"); whether it was undone."""

    number: int
    change: str
    created: str
    undone: bool


def read_sets(connection: sqlite3.Connection, kind: str, place: str = "") -> list[NamedSet]:
    """The sets of a kind, in the order of their making."""
    rows = connection.execute(
        "SELECT name, image_ids, color, id FROM sets WHERE kind = ? AND place = ? ORDER BY id",
        (kind, place),
    ).fetchall()
    return [
        NamedSet(kind, name, unpack_ids(ids), color, place, id) for name, ids, color, id in rows
    ]


def read_version(connection: sqlite3.Connection, kind: str, place: str = "") -> int:
    """A number that rises with every change of the sets of a kind; 0 before the first."""
    [(version,)] = connection.execute(
        "SELECT coalesce(max(version), 0) FROM versions WHERE kind = ? AND place = ?", (kind, place)
    )
    return int(version)


def record(
    connection: sqlite3.Connection, changes: list[Change], *, kind: str, session: str, words: str
) -> None:
    """Do a step that changes sets of one kind and place; nothing when it changes none.

    The transaction must have begun by the time the sets were read.
    """
    if not changes:
        return
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
        "INSERT INTO steps (session, kind, change) VALUES (?, ?, ?)", (session, kind, words)
    ).lastrowid
    for before, after in changes:
        _record_one(connection, int(step or 0), before, after)
    _apply(connection, _read_changes(connection, int(step or 0), forward=True))
    if kind == BASKET:
        connection.execute(
            "DELETE FROM steps WHERE kind = ? AND session = ? AND step <= (SELECT step FROM steps "
            "WHERE kind = ? AND session = ? ORDER BY step DESC LIMIT 1 OFFSET ?)",
            (BASKET, session, BASKET, session, LONGEST),
        )


def _record_one(
    connection: sqlite3.Connection, step: int, before: NamedSet | None, after: NamedSet | None
) -> None:
    some = before or after
    assert some is not None
    set_id = some.id
    if set_id is None:  # its number is its own for good: it stays when the set goes and comes back
        set_id = connection.execute(
            "INSERT INTO sets (kind, place, name, color, size, image_ids) "
            "VALUES (?, ?, ?, ?, 0, ?)",
            (some.kind, some.place, some.name, some.color, pack_ids(NO_IDS)),
        ).lastrowid
    old, new = (each.ids if each else NO_IDS for each in (before, after))
    texts = [(each.name, each.color) if each else (None, None) for each in (before, after)]
    packed = (pack_ids(without(new, old)), pack_ids(without(old, new)))
    connection.execute(
        "INSERT INTO changes VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (step, set_id, some.kind, some.place, *texts[0], *texts[1], *packed),
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


def turn(connection: sqlite3.Connection, step: Step, *, undo: bool) -> ConflictError | None:
    """Undo or redo a step; an error when others have since changed what it needs.

    Then nothing is changed, and the step is not offered again.
    """
    connection.execute("SAVEPOINT turn")
    mark = "UPDATE steps SET undone = ? WHERE step = ?"
    try:
        connection.execute(mark, (UNDONE if undo else DONE, step.number))
        changes = _read_changes(connection, step.number, forward=not undo)
        changes = [_in_order(connection, change) for change in changes]
        _apply(connection, _under_free_names(connection, changes))
    except ConflictError as error:
        connection.execute("ROLLBACK TO turn")
        connection.execute(mark, (PASSED_OVER if undo else GONE, step.number))
        return error
    return None


@dataclass(frozen=True)
class _Turned:
    """One set in a step, as it is being turned: name and colour, or None, before and after."""

    step: int
    set_id: int
    kind: str
    place: str
    old: tuple[str, str] | None
    new: tuple[str, str] | None
    added: Ids
    removed: Ids


def _read_changes(connection: sqlite3.Connection, step: int, *, forward: bool) -> list[_Turned]:
    rows = connection.execute(
        "SELECT set_id, kind, place, old_name, old_color, new_name, new_color, added, removed "
        "FROM changes WHERE step = ?",
        (step,),
    ).fetchall()
    changes = []
    for set_id, kind, place, old_name, old_color, new_name, new_color, *packed in rows:
        old = None if old_name is None else (old_name, old_color)
        new = None if new_name is None else (new_name, new_color)
        added, removed = map(unpack_ids, packed)
        if not forward:
            old, new, added, removed = new, old, removed, added
        changes.append(_Turned(step, set_id, kind, place, old, new, added, removed))
    return changes


def _in_order(connection: sqlite3.Connection, change: _Turned) -> _Turned:
    """A change to what follows from all steps in force, if several sessions changed the set."""
    steps = "changes JOIN steps USING (step) WHERE set_id = ?"
    [(sessions,)] = connection.execute(
        f"SELECT count(DISTINCT session) FROM {steps}", (change.set_id,)
    )
    touched = together(change.added, change.removed)
    if sessions < 2 or not len(touched):
        return change
    there = known = NO_IDS
    for is_in_force, *packed in connection.execute(
        f"SELECT {IN_FORCE}, added, removed FROM {steps} ORDER BY step", (change.set_id,)
    ):
        came, went = (ids[rows_of(touched, ids)] for ids in map(unpack_ids, packed))
        if not len(came) and not len(went):
            continue
        there = together(there, without(went, known))  # before any step
        known = together(known, together(came, went))
        if is_in_force:
            there = together(without(there, went), came)
    return replace(change, added=there, removed=without(touched, there))


def _under_free_names(connection: sqlite3.Connection, changes: list[_Turned]) -> list[_Turned]:
    """Where a set comes back whose name another one has by now, it comes under a free name."""
    kind, of_step = changes[0].kind, {change.set_id for change in changes}
    if kind not in UNIQUE_NAMES:
        return changes
    sets = dict(connection.execute("SELECT id, name FROM sets WHERE kind = ?", (kind,)).fetchall())
    taken = {name for set_id, name in sets.items() if set_id not in of_step}
    return [
        replace(change, new=(free_name(change.new[0], taken), change.new[1]))
        if change.new and change.set_id not in sets
        else change
        for change in changes
    ]


def _apply(connection: sqlite3.Connection, changes: list[_Turned]) -> None:
    """Make the changes of a step. Raises `ConflictError` when others have changed what it needs."""
    for change in changes:
        _apply_one(connection, change)
    kind, place = changes[0].kind, changes[0].place
    connection.execute(
        "INSERT INTO versions VALUES (?, ?, 1) "
        "ON CONFLICT (kind, place) DO UPDATE SET version = version + 1",
        (kind, place),
    )
    twice = (
        kind in UNIQUE_NAMES
        and connection.execute(
            "SELECT name FROM sets WHERE kind = ? GROUP BY name HAVING count(*) > 1", (kind,)
        ).fetchone()
    )
    if twice:
        raise ConflictError(f"There is a {kind} {twice[0]!r} already. Merge the two instead.")


def _apply_one(connection: sqlite3.Connection, change: _Turned) -> None:
    row = connection.execute(
        "SELECT name, color, image_ids FROM sets WHERE id = ?", (change.set_id,)
    ).fetchone()
    if row is None and change.old and not _is_wanted(connection, change.set_id):
        raise ConflictError(f"“{change.old[0]}” is not there any more: someone has taken it away.")
    name, color, packed = row or (*(change.new or change.old or ("", "")), pack_ids(NO_IDS))
    ids = without(unpack_ids(packed), change.removed)
    if len(change.added):
        ids = together(ids, change.added)
    # A set goes with the step that made it, but for what others have made of it since.
    if not len(ids) and not _is_wanted(connection, change.set_id):
        connection.execute("DELETE FROM sets WHERE id = ?", (change.set_id,))
        return
    if row and change.old and change.new:
        name = _renamed(connection, change, name)
        if change.old[1] == color and not _is_changed_since(connection, change, "color"):
            color = change.new[1]
    connection.execute(
        "INSERT OR REPLACE INTO sets (id, kind, place, name, color, size, image_ids) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        (change.set_id, change.kind, change.place, name, color, len(ids), pack_ids(ids)),
    )


def _is_wanted(connection: sqlite3.Connection, set_id: int) -> bool:
    """Whether a set is there though it holds nothing, by the last step in force, or the first."""
    rows = connection.execute(
        f"SELECT new_name, old_name, {IN_FORCE} FROM changes JOIN steps USING (step) "
        "WHERE set_id = ? ORDER BY step",
        (set_id,),
    ).fetchall()
    after = [new is not None for new, _, is_in_force in rows if is_in_force]
    return after[-1] if after else rows[0][1] is not None


def _renamed(connection: sqlite3.Connection, change: _Turned, name: str) -> str:
    assert change.old
    assert change.new
    if change.old[0] == change.new[0]:
        return name
    if name != change.old[0]:
        raise ConflictError(
            f"“{change.old[0]}” has been renamed to “{name}” since: that would be lost."
        )
    if _is_changed_since(connection, change, "name"):
        raise ConflictError(f"“{name}” has been renamed, and back, since: that would be lost.")
    return change.new[0]


def _is_changed_since(connection: sqlite3.Connection, change: _Turned, what: str) -> bool:
    row = connection.execute(
        f"SELECT 1 FROM changes JOIN steps USING (step) WHERE set_id = ? AND step > ? "
        f"AND {IN_FORCE} AND old_{what} <> new_{what} LIMIT 1",
        (change.set_id, change.step),
    ).fetchone()
    return row is not None
