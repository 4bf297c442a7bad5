"""Doing a step of the history, or taking it back: what it changed, and nothing else.

What a set is follows from the steps that are in force, in the order of their doing. So a step that
is taken back, or done again, changes nothing that others have changed since.
"""

import sqlite3
from collections.abc import Container
from dataclasses import dataclass, replace

from explorer.errors import UsageError
from explorer.store.id_sets import (
    NO_IDS,
    Ids,
    pack_ids,
    rows_of,
    together,
    unpack_ids,
    without,
)

UNIQUE_NAMES = ("tag", "group")  # kinds of which no two sets have the same name

# `undone` of a step. PASSED_OVER could not be undone, and GONE cannot be done again any more.
DONE, UNDONE, PASSED_OVER, GONE = 0, 1, 2, 3
IN_FORCE = f"undone IN ({DONE}, {PASSED_OVER})"


@dataclass(frozen=True)
class _Change:
    """One set in a step, in the direction that it is being turned to."""

    step: int
    set_id: int
    kind: str
    place: str
    old: tuple[str, str] | None  # name and colour
    new: tuple[str, str] | None
    added: Ids
    removed: Ids


def apply_step(
    connection: sqlite3.Connection, step: int, *, forward: bool, is_new: bool = False
) -> None:
    """Do what a step did, or (not `forward`) take it back; it is marked as that already.

    Raises `UsageError` when others have changed what it needs; the caller rolls back.
    """
    changes = _read_changes(connection, step, forward=forward)
    if not is_new:
        changes = [_in_order(connection, change) for change in changes]
        changes = _named(connection, changes)
    for change in changes:
        _apply_one(connection, change)
    for kind, place in {(change.kind, change.place) for change in changes}:
        connection.execute(
            "INSERT INTO versions VALUES (?, ?, 1) "
            "ON CONFLICT (kind, place) DO UPDATE SET version = version + 1",
            (kind, place),
        )
        _check_names(connection, kind, place)


def _read_changes(connection: sqlite3.Connection, step: int, *, forward: bool) -> list[_Change]:
    rows = connection.execute(
        "SELECT set_id, kind, place, old_name, old_color, new_name, new_color, added, removed "
        "FROM changes WHERE step = ?",
        (step,),
    ).fetchall()
    changes = []
    for set_id, kind, place, *texts, added, removed in rows:
        old, new = (
            (name, color) if name is not None else None for name, color in (texts[:2], texts[2:])
        )
        came, went = unpack_ids(added), unpack_ids(removed)
        if not forward:
            old, new, came, went = new, old, went, came
        changes.append(_Change(step, set_id, kind, place, old, new, came, went))
    return changes


def _in_order(connection: sqlite3.Connection, change: _Change) -> _Change:
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


def _named(connection: sqlite3.Connection, changes: list[_Change]) -> list[_Change]:
    """Where a set comes back whose name another one has by now, it comes under a free name."""
    of_step = {change.set_id for change in changes}
    sets = connection.execute("SELECT id, kind, name FROM sets").fetchall()
    there = {set_id for set_id, _, _ in sets}
    taken = {
        kind: {name for set_id, of, name in sets if of == kind and set_id not in of_step}
        for kind in UNIQUE_NAMES
    }

    def named(change: _Change) -> _Change:
        if change.new is None or change.set_id in there or change.kind not in UNIQUE_NAMES:
            return change
        name, color = change.new
        return replace(change, new=(free_name(name, taken[change.kind]), color))

    return [named(change) for change in changes]


def free_name(name: str, taken: Container[str]) -> str:
    """A name, or the first of "NAME 2", "NAME 3" … that is not taken."""
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name} {number}"
    return free


def _apply_one(connection: sqlite3.Connection, change: _Change) -> None:
    row = connection.execute(
        "SELECT name, color, image_ids FROM sets WHERE id = ?", (change.set_id,)
    ).fetchone()
    if row is None and change.old is not None and not _is_wanted(connection, change.set_id):
        raise UsageError(f"“{change.old[0]}” is not there any more: someone has taken it away.")
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
    """Whether a set is there when it holds nothing: as the last step in force says, or the first
    found it."""
    rows = connection.execute(
        f"SELECT new_name, old_name, {IN_FORCE} FROM changes JOIN steps USING (step) "
        "WHERE set_id = ? ORDER BY step",
        (set_id,),
    ).fetchall()
    after = [new is not None for new, _, is_in_force in rows if is_in_force]
    return after[-1] if after else rows[0][1] is not None


def _renamed(connection: sqlite3.Connection, change: _Change, name: str) -> str:
    assert change.old
    assert change.new
    if change.old[0] == change.new[0]:
        return name
    if name != change.old[0]:
        raise UsageError(
            f"“{change.old[0]}” has been renamed to “{name}” since: that would be lost."
        )
    if _is_changed_since(connection, change, "name"):
        raise UsageError(f"“{name}” has been renamed, and back, since: that would be lost.")
    return change.new[0]


def _is_changed_since(connection: sqlite3.Connection, change: _Change, what: str) -> bool:
    row = connection.execute(
        f"SELECT 1 FROM changes JOIN steps USING (step) WHERE set_id = ? AND step > ? "
        f"AND {IN_FORCE} AND old_{what} <> new_{what} LIMIT 1",
        (change.set_id, change.step),
    ).fetchone()
    return row is not None


def _check_names(connection: sqlite3.Connection, kind: str, place: str) -> None:
    if kind not in UNIQUE_NAMES:
        return
    twice = connection.execute(
        "SELECT name FROM sets WHERE kind = ? AND place = ? GROUP BY name HAVING count(*) > 1",
        (kind, place),
    ).fetchone()
    if twice:
        raise UsageError(f"There is a {kind} {twice[0]!r} already. Merge the two instead.")
