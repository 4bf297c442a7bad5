"""One budget for the bytes that all threads of a job hold: of large files, one at a time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

LARGE = 32 << 20  # bytes; up to here each thread reads as it likes

_turn = threading.Lock()
_thread = threading.local()


@contextmanager
def one_large_file_at_a_time() -> Iterator[None]:
    """Around the reading and decoding of one file by one of several threads.

    A thread whose file is found to be large (see `hold`) waits until no other has one: so a job
    holds no more than the largest file, and `LARGE` bytes for each of its threads.
    """
    _thread.waits, _thread.has_turn = True, False
    try:
        yield
    finally:
        if _thread.has_turn:
            _turn.release()
        _thread.waits = _thread.has_turn = False


def hold(size: int) -> None:
    """Tell that the file takes `size` bytes, or has come to that."""
    if size > LARGE and getattr(_thread, "waits", False) and not _thread.has_turn:
        _turn.acquire()
        _thread.has_turn = True
