"""Doing a step of the history, or taking it back: what it changed, and nothing else."""

import sqlite3
from dataclasses import dataclass

from explorer.errors import UsageError
from explorer.store.id_sets import NO_IDS, Ids, pack_ids, together, unpack_ids, without

UNIQUE_NAMES = ("tag", "group")  # kinds of which no two sets have the same name


@dataclass(frozen=True)
class _Change:
    """One set in a step, in the direction that it is being turned to."""

    set_id: int
    kind: str
    place: str
    old: tuple[str, str] | None  # name and colour
    new: tuple[str, str] | None
    added: Ids
    removed: Ids


def apply_step(connection: sqlite3.Connection, step: int, *, forward: bool) -> None:
    """Do what a step did, or (not `forward`) take it back.

    Raises `UsageError` when others have changed what it needs; the caller rolls back.
    """
    changes = _read_changes(connection, step, forward=forward)
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
        changes.append(_Change(set_id, kind, place, old, new, came, went))
    return changes


def _apply_one(connection: sqlite3.Connection, change: _Change) -> None:
    row = connection.execute(
        "SELECT name, color, image_ids FROM sets WHERE id = ?", (change.set_id,)
    ).fetchone()
    if row is None and change.old is not None:
        raise UsageError(f"“{change.old[0]}” is not there any more: someone has taken it away.")
    name, color, packed = row or (*(change.new or ("", "")), pack_ids(NO_IDS))
    ids = without(unpack_ids(packed), change.removed)
    if len(change.added):
        ids = together(ids, change.added)
    # A set goes with the step that made it, but for what others have put into it since.
    if change.new is None and not len(ids):
        connection.execute("DELETE FROM sets WHERE id = ?", (change.set_id,))
        return
    if change.old and change.new:
        name = _turned(name, change.old[0], change.new[0])
        color = change.new[1] if color == change.old[1] else color
    connection.execute(
        "INSERT OR REPLACE INTO sets (id, kind, place, name, color, size, image_ids) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        (change.set_id, change.kind, change.place, name, color, len(ids), pack_ids(ids)),
    )


def _turned(name: str, old: str, new: str) -> str:
    if old == new:
        return name
    if name != old:
        raise UsageError(f"“{old}” has been renamed to “{name}” since: that would be lost.")
    return new


def _check_names(connection: sqlite3.Connection, kind: str, place: str) -> None:
    if kind not in UNIQUE_NAMES:
        return
    twice = connection.execute(
        "SELECT name FROM sets WHERE kind = ? AND place = ? GROUP BY name HAVING count(*) > 1",
        (kind, place),
    ).fetchone()
    if twice:
        raise UsageError(f"There is a {kind} {twice[0]!r} already. Merge the two instead.")
