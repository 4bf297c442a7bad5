"""A child process that is asked over its standard input, and may be killed over a question.

What it answers is only bytes: whoever asks checks that they are an answer, and unpickles nothing.
"""

import contextlib
import os
import select
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import BinaryIO

READY = b"+"  # sent once, when the child can be asked
A_PIPE = 1 << 16  # bytes that a pipe holds

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
        try:
            if self.read(1) != READY:
                raise EOFError
        except EOFError as error:
            self.kill()
            raise EOFError("the process could not be started") from error

    def read(self, size: int) -> bytearray:
        """So many bytes of its answer, and no more. Raises EOFError when it has ended."""
        data = bytearray()
        while len(data) < size:  # takes no more memory than has come, whatever was announced
            more = os.read(self._answers.fileno(), min(size - len(data), A_PIPE))
            if not more:
                raise EOFError("the process ended in the middle of an answer")
            data += more
        return data

    def can_be_asked(self) -> bool:
        """Whether it runs, and says nothing: that would be read as the next answer."""
        if self._process.poll() is not None:
            return False
        if not hasattr(select, "poll"):  # Windows
            return True
        said = select.poll()
        said.register(self._answers.fileno(), select.POLLIN)
        return not said.poll(0)

    @contextlib.contextmanager
    def struck_after(self, seconds: float) -> Iterator[threading.Event]:
        """End it if it takes longer than that; the event is set then."""
        is_late = threading.Event()

        def strike() -> None:
            is_late.set()
            self.strike()

        watch = threading.Timer(seconds, strike)
        watch.daemon = True
        watch.start()
        try:
            yield is_late
        finally:
            watch.cancel()

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
