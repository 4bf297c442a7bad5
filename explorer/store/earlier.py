"""What a curation.db holds that an earlier Explorer has made, brought into the form of today."""

import json
import sqlite3

from explorer.store.history import CLUSTER, GROUP, TAG
from explorer.store.id_sets import as_ids, pack_ids, unpack_ids

FORMAT = 2  # `PRAGMA user_version` of the form of today
EARLIER = ("tagged", "tags", "my_groups", "cluster_names")  # tables


def bring_up_to_date(connection: sqlite3.Connection) -> None:
    """Move tags, groups and names of clusters to where they are today; within a transaction."""
    there = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    if "tags" in there:
        _tags(connection)
    if "my_groups" in there:
        _groups(connection)
    if "cluster_names" in there:
        for space, clusters, image_id, name in connection.execute(
            "SELECT space, clusters, image_id, name FROM cluster_names ORDER BY rowid"
        ).fetchall():
            _put(connection, CLUSTER, name, pack_ids(as_ids([image_id])), f"{space}\n{clusters}")
    for table in EARLIER:
        connection.execute(f"DROP TABLE IF EXISTS {table}")
    connection.execute(f"PRAGMA user_version = {FORMAT}")


def _tags(connection: sqlite3.Connection) -> None:
    for (name,) in connection.execute("SELECT name FROM tags ORDER BY rowid").fetchall():
        rows = connection.execute("SELECT image_id FROM tagged WHERE tag = ?", (name,)).fetchall()
        _put(connection, TAG, name, pack_ids(as_ids([image_id for (image_id,) in rows])))


def _groups(connection: sqlite3.Connection) -> None:
    last = connection.execute("SELECT groups FROM my_groups ORDER BY step DESC LIMIT 1").fetchone()
    for name, key in json.loads(last[0]) if last else ():
        packed = connection.execute(
            "SELECT image_ids FROM selections WHERE key = ?", (key,)
        ).fetchone()[0]
        _put(connection, GROUP, name, packed)


def _put(
    connection: sqlite3.Connection, kind: str, name: str, packed: bytes, place: str = ""
) -> None:
    connection.execute(
        "INSERT INTO sets (kind, place, name, color, size, image_ids) VALUES (?, ?, ?, '', ?, ?)",
        (kind, place, name, len(unpack_ids(packed)), packed),
    )
    connection.execute("INSERT OR IGNORE INTO versions VALUES (?, ?, 1)", (kind, place))
