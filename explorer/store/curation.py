"""curation.db: what people made of the images. SQLite in WAL mode, short transactions."""

import contextlib
import hashlib
import sqlite3
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from explorer.errors import StoreError, UsageError

SCHEMA = """
CREATE TABLE IF NOT EXISTS tags (
    name TEXT PRIMARY KEY,
    created TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
) STRICT;
CREATE TABLE IF NOT EXISTS tagged (
    tag TEXT NOT NULL REFERENCES tags(name) ON DELETE CASCADE ON UPDATE CASCADE,
    image_id INTEGER NOT NULL,
    PRIMARY KEY (tag, image_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS selections (
    key TEXT PRIMARY KEY,
    image_ids BLOB NOT NULL,
    created TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
) STRICT;
CREATE TABLE IF NOT EXISTS cluster_names (
    space TEXT NOT NULL,
    clusters TEXT NOT NULL,
    image_id INTEGER NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (space, clusters, image_id)
) STRICT;
CREATE TABLE IF NOT EXISTS my_groups (
    step INTEGER PRIMARY KEY AUTOINCREMENT,
    change TEXT NOT NULL,
    groups TEXT NOT NULL,
    created TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
) STRICT;
"""


class Curation:
    """Tags (selections with a name), saved selections and names given to clusters of one dataset.

    Threads may share it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with self.transaction() as connection:
            connection.executescript(SCHEMA)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """One short transaction: committed on a clean exit, rolled back on an error."""
        try:
            connection = sqlite3.connect(self._path, timeout=10)
            try:
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA foreign_keys = ON")
                with connection:
                    yield connection
            finally:
                connection.close()
        except sqlite3.Error as error:
            raise StoreError(f"{self._path} cannot be used: {error}.") from error

    def save_selection(self, image_ids: Iterable[int]) -> str:
        """Keep a selection and return its key, which is made from its content."""
        with self.transaction() as connection:
            return keep_ids(connection, np.unique(np.fromiter(image_ids, np.int64)))

    def selection(self, key: str) -> npt.NDArray[np.int64]:
        """The ids of a kept selection, ascending. Raises `UsageError` for an unknown key."""
        with self.transaction() as connection:
            return kept_ids(connection, key)

    def tags(self) -> dict[str, int]:
        """The tags, in the order of their making, with the number of images of each."""
        with self.transaction() as connection:
            rows = connection.execute(
                "SELECT name, count(image_id) FROM tags LEFT JOIN tagged ON tag = name "
                "GROUP BY name ORDER BY tags.rowid"
            ).fetchall()
        return dict(rows)

    def tag(self, name: str, image_ids: Iterable[int]) -> None:
        """Add images to a tag; a new name makes a new tag. Raises `UsageError` for no name."""
        name = name.strip()
        if not name:
            raise UsageError("A tag needs a name.")
        check_text("A tag", name)
        with self.transaction() as connection:
            connection.execute("INSERT OR IGNORE INTO tags (name) VALUES (?)", (name,))
            connection.executemany(
                "INSERT OR IGNORE INTO tagged (tag, image_id) VALUES (?, ?)",
                [(name, int(image_id)) for image_id in image_ids],
            )

    def untag(self, name: str, image_ids: Iterable[int] | None = None) -> None:
        """Remove a tag, or only some images from it; the images themselves stay.

        A tag that has no image left is removed. Raises `UsageError` for an unknown tag.
        """
        if name not in self.tags():
            raise UsageError(f"There is no tag {name!r} in this dataset.")
        with self.transaction() as connection:
            if image_ids is not None:
                connection.executemany(
                    "DELETE FROM tagged WHERE tag = ? AND image_id = ?",
                    [(name, int(image_id)) for image_id in image_ids],
                )
            connection.execute(
                "DELETE FROM tags WHERE name = ? "
                "AND (? OR NOT EXISTS (SELECT 1 FROM tagged WHERE tag = name))",
                (name, image_ids is None),
            )

    def tagged(self, name: str) -> npt.NDArray[np.int64]:
        """The ids of a tag's images, ascending. Raises `UsageError` for an unknown tag."""
        if name not in (known := self.tags()):
            there_are = ", ".join(known) or "none yet"
            raise UsageError(f"There is no tag {name!r} in this dataset. There are: {there_are}.")
        with self.transaction() as connection:
            rows = connection.execute(
                "SELECT image_id FROM tagged WHERE tag = ? ORDER BY image_id", (name,)
            ).fetchall()
        return np.array([row[0] for row in rows], np.int64)

    def rename_cluster(self, space: str, clusters: str, *, image_id: int, name: str) -> None:
        """Name the cluster in the column `clusters` of a space that an image is in.

        The name stays with the image: after clustering again it is that of the cluster that the
        image is in then. No name gives the cluster its own one back.
        """
        name = name.strip()
        check_text("A cluster", name)
        with self.transaction() as connection:
            place = (space, clusters, int(image_id))
            connection.execute(
                "DELETE FROM cluster_names WHERE space = ? AND clusters = ? AND image_id = ?", place
            )
            if name:
                connection.execute("INSERT INTO cluster_names VALUES (?, ?, ?, ?)", (*place, name))

    def cluster_names(self, space: str, clusters: str) -> dict[int, str]:
        """The names given in a column of clusters, by image id, in the order of their giving."""
        with self.transaction() as connection:
            rows = connection.execute(
                "SELECT image_id, name FROM cluster_names WHERE space = ? AND clusters = ? "
                "ORDER BY rowid",
                (space, clusters),
            ).fetchall()
        return dict(rows)


def keep_ids(connection: sqlite3.Connection, ids: npt.NDArray[np.int64]) -> str:
    """Keep ids, ascending, and return the key that is made from them."""
    key = hashlib.blake2b(ids.tobytes(), digest_size=6).hexdigest()
    known = connection.execute("SELECT 1 FROM selections WHERE key = ?", (key,)).fetchone()
    if known is None:
        # Steps between neighbouring ids are small and alike: half a million take some kilobytes.
        packed = zlib.compress(np.diff(ids, prepend=0).astype("<i8").tobytes(), 1)
        connection.execute(
            "INSERT OR IGNORE INTO selections (key, image_ids) VALUES (?, ?)", (key, packed)
        )
    return key


def kept_ids(connection: sqlite3.Connection, key: str) -> npt.NDArray[np.int64]:
    """The ids under a key, ascending. Raises `UsageError` for an unknown key."""
    row = connection.execute("SELECT image_ids FROM selections WHERE key = ?", (key,)).fetchone()
    if row is None:
        raise UsageError(f"There is no selection {key!r} in this dataset.")
    return np.cumsum(np.frombuffer(zlib.decompress(row[0]), "<i8"), dtype=np.int64)


def check_text(what: str, name: str) -> None:
    """Raise `UsageError` for a name that SQLite and Arrow cannot hold."""
    if name != name.encode(errors="replace").decode():
        raise UsageError(f"{what} cannot be named {name!r}: that is not valid UTF-8.")
