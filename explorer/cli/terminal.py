"""What the commands share: the two output streams, and how an error or Ctrl-C ends."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import math
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, NoReturn

from rich.console import Console
from rich.markup import escape

from explorer import extractors
from explorer.errors import ExplorerError
from explorer.serving.hints import with_hint

if TYPE_CHECKING:
    from rich.table import Table


class _Console(Console):
    def on_broken_pipe(self) -> None:
        raise BrokenPipeError  # Rich would end with exit code 1


# Results go to standard output, everything else to standard error: `explorer … --json | jq` works.
# Lines are not broken, and tables are as wide as they are where nobody looks: `| grep` and `> file`
# want a path in one piece, and a terminal folds it by itself.
is_seen = sys.stdout is not None and sys.stdout.isatty()
out = _Console(highlight=False, soft_wrap=True, width=None if is_seen else 10_000)
err = Console(stderr=True, highlight=False, soft_wrap=True)


def print_table(table: Table) -> None:
    """Print a table in the width of the terminal; where nobody looks, without breaking a cell."""
    out.print(table, soft_wrap=False)


def print_json(value: object) -> None:
    """Print one JSON object on standard output: ASCII, and null where a number is not finite."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        value = dataclasses.asdict(value)
    sys.stdout.write(json.dumps(_finite(value), indent=2, allow_nan=False) + "\n")


def _finite(value: object) -> object:
    if isinstance(value, dict):
        return {key: _finite(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_finite(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def load_extractor_files(files: Sequence[Path] | None) -> None:
    """Run Python files of extractors, and say that this is what is done."""
    for file in files or ():
        if file.is_file():
            err.print(f"[yellow]Running {escape(str(file))}[/]: its extractors are code.")
        extractors.load_file(file)


@contextlib.contextmanager
def errors_as_sentences() -> Iterator[None]:
    """Turn what Explorer or the system raises into one sentence on standard error, exit code 1."""
    try:
        yield
        sys.stdout.flush()
    except ExplorerError as error:
        _end_with(with_hint(error))
    except BrokenPipeError:
        # The reader of our output (`| head`) has left; that is no error of ours.
        _let_go_of_output()
        sys.exit(0)
    except OSError as error:
        if error.filename is None:
            _let_go_of_output()
            _end_with(f"The output cannot be written: {error.strerror or error}.")
        _end_with(f"{error.filename}: {error.strerror}.")


def _end_with(sentence: str) -> NoReturn:
    err.print(f"[bold red]Error:[/] {escape(sentence)}")
    sys.exit(1)


def _let_go_of_output() -> None:
    """Nothing is written any more, so that Python's own last attempt does not fail either."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextlib.contextmanager
def stop_on_interrupt() -> Iterator[threading.Event]:
    """The first Ctrl-C asks the job to stop after what it has in hand, the second one kills it."""
    stop = threading.Event()

    def ask(signum: int, frame: FrameType | None) -> None:
        if stop.is_set():
            signal.default_int_handler(signum, frame)
        stop.set()
        # From a thread: the signal may have come in the middle of the progress bar's own printing.
        words = "Stopping after what is in hand (Ctrl-C again to stop at once) …"
        threading.Thread(target=err.print, args=(words,)).start()

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)
