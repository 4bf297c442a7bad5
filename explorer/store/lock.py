"""One writer per dataset."""

import contextlib
import json
import os
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from explorer.errors import LockedError, StoreError
from explorer.store.atomic import explain


@contextlib.contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Hold the dataset's write lock, or raise `LockedError` at once.

    The operating system drops the lock when its owner dies, so a killed job never blocks the next
    one. `writer.json` only tells people who holds it.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / ".lock", timeout=0)
        lock.acquire()
    except Timeout as error:
        raise LockedError(
            f"{folder.name} is being written by {_owner(folder)}. Wait for that job to end, "
            "or stop it."
        ) from error
    except OSError as error:
        raise StoreError(explain(error, folder)) from error
    note = folder / "writer.json"
    try:
        with contextlib.suppress(OSError):
            started = datetime.now(UTC).isoformat(timespec="seconds")
            owner = {"pid": os.getpid(), "host": socket.gethostname(), "started": started}
            note.write_text(json.dumps(owner), "utf-8")
        yield
    finally:
        with contextlib.suppress(OSError):
            note.unlink(missing_ok=True)
        lock.release()


def being_written(folder: Path) -> bool:
    """Is a job writing to this dataset? One that was killed leaves the note, but not the lock."""
    return (folder / "writer.json").exists() and is_held(folder / ".lock")


def is_held(path: Path) -> bool:
    """Does some process hold this lock?"""
    try:
        with FileLock(path, timeout=0):
            return False
    except Timeout:
        return True


def _owner(folder: Path) -> str:
    try:
        owner = json.loads((folder / "writer.json").read_text("utf-8"))
        return f"process {owner['pid']} on {owner['host']} (since {owner['started']})"
    except (OSError, ValueError, KeyError):
        return "another process"
