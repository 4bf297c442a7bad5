"""The tables of curation.db."""

from explorer.store import delivered

FORMAT = 2  # `PRAGMA user_version` of these
TABLES = (
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
    """CREATE TABLE IF NOT EXISTS selections (
        key TEXT PRIMARY KEY,
        image_ids BLOB NOT NULL,
        created TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
    ) STRICT""",
    delivered.SCHEMA,
)
