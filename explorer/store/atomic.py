"""Writing that a crash cannot spoil: a temporary name, fsync, rename."""

import contextlib
import errno
import os
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from explorer.errors import StoreError

# A leading dot and a suffix of our own, so that readers skip a file that is being written.
TEMPORARY = ".writing"
ROOM_FOR_SQLITE = 1 << 20  # bytes that it may need beside a database


class DiskFullError(StoreError):
    """A file cannot be used because the disk has no room left; nothing is wrong with the file."""


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`; on a clean exit it takes the place of `path` at once.

    The file is fsynced before the rename and the folder after it, so that after a power cut there
    is either the old file or the whole new one. On an error the temporary file is removed.
    A full disk, a read-only folder or a vanished one raise `StoreError`.
    """
    temporary = path.with_name(f".{path.name}{TEMPORARY}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        sync(temporary)
        temporary.replace(path)
        sync(path.parent)
    except BaseException as error:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise StoreError(explain(error, path)) from error
        raise


def sync(path: Path) -> None:
    """Flush a file or a folder to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def explain(error: OSError, path: Path) -> str:
    """One sentence on why `path` could not be written, and what to do."""
    reasons = {
        errno.ENOSPC: "the disk is full; free some space and run the same command again",
        errno.EDQUOT: "the disk quota is used up; free some space and run the same command again",
        errno.EFBIG: "no file may be that large there; choose another folder with --cache",
        errno.EROFS: "the file system is read-only; choose another folder with --cache",
        errno.EACCES: "permission is denied; choose another folder with --cache",
        errno.EPERM: "permission is denied; choose another folder with --cache",
    }
    reason = reasons.get(error.errno or 0) or (error.strerror or str(error))
    return f"Cannot write {path}: {reason}."


def refuse_full(error: sqlite3.Error, path: Path) -> None:
    """Raise `DiskFullError` if a database fails for want of room, which SQLite calls many names.

    Even to read one it makes a file beside it.
    """
    names = ("SQLITE_FULL", "SQLITE_IOERR", "SQLITE_CANTOPEN")
    is_about_files = getattr(error, "sqlite_errorname", "").startswith(names)
    if is_about_files and shutil.disk_usage(path.parent).free < ROOM_FOR_SQLITE:
        reason = explain(OSError(errno.ENOSPC, ""), path)
        raise DiskFullError(reason.replace("write", "use")) from error
