"""The key by which servers sign what they give to browsers: one for all that show a cache."""

import os
import secrets
from pathlib import Path

from filelock import FileLock

from explorer.errors import StoreError
from explorer.store.atomic import explain, replacing

NAME = ".server_key"
LENGTH = 32  # bytes


def server_key(cache: Path) -> bytes:
    """The cache's key, 32 secret bytes; made when it is asked for first, and kept from then on.

    Only the owner of the file may read it (mode 0600; on Windows the folder's rights count).
    Raises `StoreError` when it can neither be read nor written.
    """
    path = cache / NAME
    try:
        if key := _read(path):
            return key
        cache.mkdir(parents=True, exist_ok=True)
        with FileLock(cache / f"{NAME}.lock"):  # two servers that start at once have one key
            return _read(path) or _made(path)
    except OSError as error:
        raise StoreError(explain(error, path)) from error


def _read(path: Path) -> bytes | None:
    """The key; None where there is none, or one that is no key."""
    key = path.read_bytes() if path.exists() else b""
    return key if len(key) == LENGTH else None


def _made(path: Path) -> bytes:
    key = secrets.token_bytes(LENGTH)
    with replacing(path) as temporary:
        temporary.unlink(missing_ok=True)  # of a server that was killed over it
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(key)
    return key
