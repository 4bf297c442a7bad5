"""The bytes of a file, wherever it lies: on this machine, or behind a URL."""

from __future__ import annotations

import errno
import os
import stat
from typing import BinaryIO

from explorer.errors import ImageError
from explorer.images import remote
from explorer.images.listing import Stat
from explorer.images.reasons import kind_of, too_large, why
from explorer.images.remote import is_url


def stat_file(place: str) -> Stat:
    """Look at a file (a path or a URL). Raises OSError if it is not there or not a file."""
    if is_url(place):
        return remote.stat_url(place)
    try:
        status = os.stat(place)
    except ValueError as error:  # a NUL in the name
        raise OSError(errno.EINVAL, str(error)) from error
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, f"it is {kind_of(status.st_mode)}, not a file")
    return Stat(status.st_size, status.st_mtime_ns)


def open_file(place: str) -> BinaryIO:
    """Open a file to read and seek in. Raises OSError."""
    return remote.open_url(place) if is_url(place) else open(place, "rb")


def read_file(place: str) -> bytes:
    """Read a file whole. Raises ImageError, which says why not."""
    if is_url(place):
        return remote.read_url(place)
    try:
        return _read_whole(place)
    except FileNotFoundError as error:
        raise ImageError("The file has vanished since it was listed.") from error
    except (OSError, ValueError) as error:
        raise ImageError(f"The file cannot be read: {why(error)}.") from error


def read_range(place: str, offset: int, size: int, *, expected: Stat) -> bytes:
    """Read `size` bytes from `offset` on. Raises ImageError, also if the file has changed.

    `expected` is what the file was when the offset was learnt.
    """
    if is_url(place):
        data = remote.read_url_range(place, offset, size)
    else:
        data = _read_local_range(place, offset, size, expected)
    if len(data) != size:
        raise ImageError("The archive ends in the middle of the file.")
    return data


def _read_local_range(path: str, offset: int, size: int, expected: Stat) -> bytes:
    try:
        with open(path, "rb", opener=_open_without_waiting) as file:
            status = os.fstat(file.fileno())
            if (status.st_size, status.st_mtime_ns) != (expected.size, expected.mtime_ns):
                raise ImageError("The archive has changed since it was listed; run the job again.")
            file.seek(offset)
            return file.read(size)
    except FileNotFoundError as error:
        raise ImageError("The archive has vanished since it was listed.") from error
    except OSError as error:
        raise ImageError(f"The archive cannot be read: {why(error)}.") from error


def _read_whole(path: str) -> bytes:
    with open(path, "rb", buffering=0, opener=_open_without_waiting) as file:
        before = os.fstat(file.fileno())
        if not stat.S_ISREG(before.st_mode):
            raise ImageError("It is no longer a regular file.")
        if reason := too_large(before.st_size):
            raise ImageError(reason)
        data = file.read()
        after = os.fstat(file.fileno())
    unchanged = (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns)
    if len(data) != before.st_size or not unchanged:
        raise ImageError("The file changed while it was being read; run the job again.")
    return data


def _open_without_waiting(path: str, flags: int) -> int:
    """Open a file, but never wait for the other end of what may have become a pipe."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
