"""A child process that is asked over its standard input, and may be killed over a question."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Mapping
from types import MappingProxyType
from typing import BinaryIO

READY = b"+"  # sent once, when the child can be asked

_NOTHING: Mapping[str, str] = MappingProxyType({})


class ChildProcess:
    """A process that runs `call`, a line of Python that calls the `main` of a module of ours.

    What is written to `questions` comes to its standard input, and `read` takes its answers.
    `environment` is added to that of this process. Raises EOFError when it cannot be started.
    """

    def __init__(self, module: str, call: str, environment: Mapping[str, str] = _NOTHING) -> None:
        # A plain child instead of multiprocessing, which would import the caller's own script
        # again. In a session of its own, Ctrl-C at the terminal does not hit it mid-question.
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", f"from {module} import main; {call}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **environment},
            start_new_session=True,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self.questions, self._answers = self._process.stdin, self._process.stdout
        self.pid = self._process.pid
        if self._answers.read(1) != READY:
            self.kill()
            raise EOFError("the process could not be started")

    def read(self, size: int) -> bytes:
        """So many bytes of its answer. Raises EOFError when it has ended."""
        data = self._answers.read(size)
        if len(data) < size:
            raise EOFError("the process ended in the middle of an answer")
        return data

    def is_alive(self) -> bool:
        return self._process.poll() is None

    def strike(self) -> None:
        """End it without waiting: whoever reads its answer is told that it has ended."""
        self._process.kill()

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        self._answers.close()
        with contextlib.suppress(BrokenPipeError):  # half a question may still be in the buffer
            self.questions.close()


def take_over_stdout() -> BinaryIO:
    """In the child: standard output is for answers; what a C library prints there goes nowhere."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    with open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())
    return answers
