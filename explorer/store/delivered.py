"""The last event of each page's queue that has changed something: what comes twice is done once."""

import sqlite3

SCHEMA = """CREATE TABLE IF NOT EXISTS delivered (
    queue TEXT PRIMARY KEY,
    number INTEGER NOT NULL,
    at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
) STRICT, WITHOUT ROWID"""

DAYS = 30  # after which nobody sends an event again


def store(connection: sqlite3.Connection, queue: str, number: int) -> bool:
    """Store the number of an event; False when it, or a later one, has been stored before."""
    last = connection.execute("SELECT number FROM delivered WHERE queue = ?", (queue,)).fetchone()
    if last and number <= last[0]:
        return False
    connection.execute("DELETE FROM delivered WHERE at < datetime('now', ?)", (f"-{DAYS} days",))
    connection.execute(
        "INSERT OR REPLACE INTO delivered (queue, number) VALUES (?, ?)", (queue, number)
    )
    return True
