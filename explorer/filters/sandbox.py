"""Where SQL runs that people or links wrote: a process that may be killed over it."""

from __future__ import annotations

import atexit
import json
import os
import threading
from typing import Any

import numpy as np
import pyarrow as pa

from explorer.child_process import ChildProcess
from explorer.errors import LimitError
from explorer.filters.duck import Refused, Spans
from explorer.filters.sandboxed import ANSWER, LONGEST_TEXT, STARTED
from explorer.store import Ids, as_ids, as_numpy, in_both

GIB = 1 << 30
# Arrow's own allocators reserve a GB of addresses, which would count as memory.
_FRUGAL = {"ARROW_DEFAULT_MEMORY_POOL": "system"}


class Sandbox:
    """Runs SQL expressions in one child process, which is kept for the next one.

    It is sent the columns and the expression and answers with ids; it opens no file. On Linux it
    may take `memory_limit` bytes beside its columns; after `time_limit` seconds it is killed. It
    starts when it is needed, also after it was killed or has crashed, and ends on `close()` or with
    this process, however that ends. Threads take turns.
    """

    def __init__(
        self, *, time_limit: float = 10.0, memory_limit: int = GIB, patience: float = 5.0
    ) -> None:
        """`patience`, in seconds, is how long an expression waits for others to end."""
        self._time_limit = time_limit
        self._memory_limit = memory_limit
        self._patience = patience
        self._turn = threading.Lock()
        self._worker: _FilterProcess | None = None
        atexit.register(self.close)

    def ids_where(self, columns: pa.Table, expression: str) -> Ids:
        """What `duck.ids_where` gives; like it, it raises `Refused`.

        Raises `LimitError` for an expression that takes too long or too much memory, ends the
        process in any other way, or has waited too long for others.
        """
        _, ids = self._answer(columns, expression)
        return in_both(as_ids(ids), as_numpy(columns["image_id"]))

    def parse(self, expression: str) -> tuple[list[str] | None, Spans]:
        """What `duck.parse` gives; raises what `ids_where` raises."""
        told, _ = self._answer(None, expression)
        size = len(expression.encode("utf-8", "replace"))
        tags = tuple((start, count) for start, count in told["tags"])
        if any(start < 0 or count < 2 or start + count > size for start, count in tags):
            raise LimitError(f"The expression {expression!r} was not understood.")
        return told["columns"], tags

    def _answer(self, columns: pa.Table | None, expression: str) -> tuple[dict[str, Any], Ids]:
        """Ask for the ids of some columns, or, without them, for what the expression reads."""
        if not self._turn.acquire(timeout=self._patience):
            raise LimitError(
                f"The expression {expression!r} has not been run: others have been at work for "
                f"{self._patience:g} s. Try again in a few seconds."
            )
        try:
            answer, ids = self._ask(columns, expression)
            if answer.get("cause") == "memory":
                raise _Ended(f"needs more than {self._memory_limit / GIB:g} GB of memory")
        except _Ended as error:
            self.close()
            raise LimitError(
                f"The expression {expression!r} was stopped: it {error}. "
                "Ask for less: compare columns, and make no long texts, lists or tables."
            ) from error
        except BaseException:  # interrupted in the middle of an answer
            self.close()
            raise
        finally:
            self._turn.release()
        if "reason" in answer:
            raise Refused(answer["reason"], answer["cause"])
        return answer, ids

    def close(self) -> None:
        """End the process. The sandbox can be used again; it then starts another one."""
        worker, self._worker = self._worker, None
        if worker is not None and worker.is_ours:
            worker.kill()

    def _ask(self, columns: pa.Table | None, expression: str) -> tuple[dict[str, Any], Ids]:
        if self._worker is not None and self._worker.is_ours:
            try:
                return self._worker.ask(columns, expression, self._time_limit)
            except _Unread:  # it was killed since the last question
                self.close()
        self._worker = _FilterProcess(self._time_limit, self._memory_limit)
        try:
            return self._worker.ask(columns, expression, self._time_limit)
        except _Unread as error:
            raise _Ended(ENDED) from error


ENDED = "ended the process that ran it"


class _Ended(Exception):
    """The process has ended over an expression; why, to be read after "it"."""


class _Unread(Exception):
    """The process had ended before it had read the question."""


class _FilterProcess:
    """One child process that runs `explorer.filters.sandboxed`."""

    def __init__(self, time_limit: float, memory_limit: int) -> None:
        call = f"main({time_limit!r}, {memory_limit!r})"
        self._owner = os.getpid()
        try:
            self._child = ChildProcess("explorer.filters.sandboxed", call, _FRUGAL)
        except EOFError as error:
            raise LimitError(
                "The process that runs filters in SQL could not be started."
            ) from error

    @property
    def is_ours(self) -> bool:
        """Not so in a fork, which would read the answers to another process' questions."""
        return os.getpid() == self._owner

    def ask(
        self, columns: pa.Table | None, expression: str, time_limit: float
    ) -> tuple[dict[str, Any], Ids]:
        """The answer to a question. Raises `_Unread` or `_Ended` when the process ends."""
        is_read = False
        with self._child.struck_after(time_limit) as is_late:
            try:
                self._send(columns, expression)
                is_read = self._child.read(1) == STARTED
                if not is_read:
                    raise EOFError("this is no answer")
                text_size, ids_size = ANSWER.unpack(self._child.read(ANSWER.size))
                most = 0 if columns is None else 8 * len(columns)
                if text_size > LONGEST_TEXT or ids_size > most or ids_size % 8:
                    raise EOFError("this is no answer")
                told = _read(self._child.read(text_size), is_parsed=columns is None)
                return told, np.frombuffer(self._child.read(ids_size), "<i8")
            except (EOFError, OSError) as error:
                if is_late.is_set():
                    raise _Ended(f"takes over {time_limit:g} s") from error
                if not is_read:
                    raise _Unread from error
                raise _Ended(ENDED) from error

    def _send(self, columns: pa.Table | None, expression: str) -> None:
        questions = self._child.questions
        question = {"expression": expression, "parse": columns is None}
        questions.write(json.dumps(question).encode() + b"\n")
        if columns is not None:
            with pa.ipc.new_stream(questions, columns.schema) as stream:
                stream.write_table(columns)
        questions.flush()

    def kill(self) -> None:
        self._child.kill()


def _read(text: bytearray, *, is_parsed: bool) -> dict[str, Any]:
    """Why an expression was refused, or what it reads. Raises EOFError if that is no answer."""
    try:
        answer = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise EOFError("this is no answer") from error
    match answer:
        case {"reason": str(), "cause": "expression" | "column" | "memory"}:
            return answer
        case {"columns": list() | None as columns, "tags": list() as spans} if is_parsed:
            named = all(isinstance(each, str) for each in columns or ())
            if named and all(map(_is_span, spans)):
                return answer
        case dict() if not answer and not is_parsed:
            return {}
    raise EOFError("this is no answer")


def _is_span(value: object) -> bool:
    match value:
        case [int(), int()]:
            return True
    return False


SANDBOX = Sandbox()
"""The one that the house uses."""
