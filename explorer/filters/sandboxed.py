"""The child process of `Sandbox`: runs the SQL that it is sent, and may be killed over it.

A question is a line of JSON, the `expression` and whether only to `parse` it, and else the columns
as an Arrow stream. STARTED says that it has been read. An answer is ANSWER (bytes of JSON, bytes of
ids), the JSON (an object: `reason` and `cause` of what was refused, what was parsed, or nothing)
and the ids as 64-bit integers. After the start READY is sent once.
"""

import json
import os
import select
import struct
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pyarrow as pa

from explorer.child_process import READY, take_over_stdout
from explorer.filters.duck import Refused, ids_where, parse

ANSWER = struct.Struct("<QQ")
STARTED = b"s"
MOST_THREADS = 4
NICENESS = 5  # what people click goes first
LONGEST_TEXT = 1 << 16  # bytes of JSON
LONGEST_REASON = 2000  # characters


def main(time_limit: float, memory_limit: int) -> None:
    """Answer questions until standard input ends.

    `memory_limit`, in bytes, holds for what an expression takes beside its columns; over
    `time_limit`, in seconds of every thread, the process is ended if the parent has not done it.
    """
    questions, answers = sys.stdin.buffer, take_over_stdout()
    threads = min(MOST_THREADS, os.cpu_count() or 1)
    _end_with_the_parent()
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    ids_where(pa.table({"image_id": pa.array([], pa.int64())}), "true")  # loads DuckDB
    answers.write(READY)
    answers.flush()
    while line := questions.readline():
        question = json.loads(line)
        columns = None if question["parse"] else pa.ipc.open_stream(questions).read_all()
        answers.write(STARTED)
        answers.flush()
        _limit_cpu(time_limit * threads)
        _limit_memory(memory_limit)
        told: dict[str, object] = {}
        ids = np.empty(0, np.int64)
        try:
            if columns is None:
                told["columns"], told["tags"] = parse(question["expression"])
            else:
                ids = ids_where(columns, question["expression"], threads=threads)
        except Refused as error:
            told = {"reason": str(error)[:LONGEST_REASON], "cause": error.cause}
        except MemoryError:
            told = {"reason": "out of memory", "cause": "memory"}
        _limit_memory(None)
        text = json.dumps(told).encode()
        answers.write(ANSWER.pack(len(text), ids.nbytes) + text + ids.astype("<i8").tobytes())
        answers.flush()
        del columns


def _end_with_the_parent() -> None:
    """End this process as soon as nobody can write to its standard input any more."""
    if not hasattr(select, "poll"):  # Windows: at the next question
        return
    hung_up = select.poll()
    hung_up.register(sys.stdin.fileno(), 0)

    def wait() -> None:
        hung_up.poll()
        os._exit(0)

    threading.Thread(target=wait, daemon=True).start()


def _limit_cpu(seconds: float) -> None:
    try:
        import resource  # not on Windows
    except ImportError:
        return
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    last = _at_most(time.process_time() + seconds + 1, most)
    resource.setrlimit(resource.RLIMIT_CPU, (last, most))


def _limit_memory(more: int | None) -> None:
    """Let the data of this process grow by so many bytes; None: by any number."""
    try:
        import resource

        pages = Path("/proc/self/statm").read_text().split()[5]
    except (ImportError, OSError):
        return  # not on Linux: DuckDB's own limit is all there is
    _, most = resource.getrlimit(resource.RLIMIT_DATA)
    now = most if more is None else _at_most(int(pages) * resource.getpagesize() + more, most)
    resource.setrlimit(resource.RLIMIT_DATA, (now, most))


def _at_most(wanted: float, most: int) -> int:
    return int(wanted) if most < 0 else min(int(wanted), most)
