"""How selections were chosen: remembered by what they hold, so that a recipe can say it."""

import hashlib
import json
import sqlite3
from collections.abc import Mapping

import numpy.typing as npt

from explorer.store.curation import Curation
from explorer.store.id_sets import as_ids

TABLE = """
CREATE TABLE IF NOT EXISTS choices (
    key TEXT PRIMARY KEY,
    how TEXT NOT NULL,
    created TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
) STRICT
"""


def remember_choice(
    curation: Curation, image_ids: npt.ArrayLike, how: Mapping[str, object]
) -> None:
    """Keep how these images were chosen: what JSON can hold. The last one counts."""
    with curation.transaction() as connection:
        connection.execute(TABLE)
        connection.execute(
            "INSERT OR REPLACE INTO choices (key, how) VALUES (?, ?)",
            (_key(image_ids), json.dumps(how)),
        )


def choice_of(curation: Curation, image_ids: npt.ArrayLike) -> Mapping[str, object] | None:
    """How exactly these images were chosen, in whatever order; None if nobody knows."""
    with curation.transaction() as connection:
        connection.execute(TABLE)
        row: sqlite3.Row | None = connection.execute(
            "SELECT how FROM choices WHERE key = ?", (_key(image_ids),)
        ).fetchone()
    return json.loads(row[0]) if row else None


def _key(image_ids: npt.ArrayLike) -> str:
    ids = as_ids(image_ids).astype("<i8")
    return hashlib.blake2b(ids.tobytes(), digest_size=16).hexdigest()
