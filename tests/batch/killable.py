"""The embedding job in a process of its own that kills itself, at a point that a test chooses."""

import os
import pathlib
import signal
import threading
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from support.fakes import Fake, embed


class Countdown:
    """Kills the process when patched functions have been entered or left so many times."""

    def __init__(self, calls: int) -> None:
        self.seen = 0
        self._calls = calls
        self._lock = threading.Lock()

    def patch(self, owner: object, name: str, spoil: Callable[..., None] | None = None) -> None:
        """Count `owner.name`; if it ends on its entering, `spoil` gets its arguments first."""
        original = getattr(owner, name)

        def counted(*args, **kwargs):
            self._count(lambda: spoil and spoil(*args))
            result = original(*args, **kwargs)
            self._count(lambda: None)
            return result

        setattr(owner, name, counted)

    def _count(self, last_deed: Callable[[], object]) -> None:
        with self._lock:
            self.seen += 1
            if self.seen == self._calls:
                last_deed()
                os.kill(os.getpid(), signal.SIGKILL)


def tear(path: Path) -> None:
    """Leave half of a file, as if its last bytes had not been written yet."""
    if path.is_file():
        os.truncate(path, path.stat().st_size // 2)


def job(source: Path, cache: Path, calls: int, answer=None) -> None:
    """The job in a process of its own, killed at the given call of what touches the disk."""
    countdown = Countdown(calls)
    os.fsync = lambda descriptor: None  # the machine lives on, so the page cache does
    countdown.patch(import_module("explorer.store.atomic"), "sync", tear)
    countdown.patch(pathlib.Path, "replace")
    countdown.patch(pathlib.Path, "unlink")
    countdown.patch(pathlib.Path, "mkdir")
    countdown.patch(Fake, "extract")
    countdown.patch(import_module("explorer.batch.pipeline"), "thumbnail")
    embed(source, cache)
    if answer:
        answer.put(countdown.seen)
