"""Child processes that answer anything but what they were asked. `main(KIND)` is what they run."""

import contextlib
import json
import os
import random
import struct
import sys
import time

from explorer.child_process import READY

HEADER = struct.Struct("<QQ")


def _with(text: object, body: bytes = b"") -> bytes:
    said = json.dumps(text).encode()
    return HEADER.pack(len(said), len(body)) + said + body


IMAGE = {"size": [2, 2], "width": 2, "height": 2, "format": "GIF", "alpha_means": ""}
ANSWERS = {
    "nothing": b"",
    "never ends": HEADER.pack(100, 100)[:9],
    "truncated": HEADER.pack(100, 100)[:9],
    "dies midway": _with(IMAGE, bytes(12))[:-5],
    "huge text": HEADER.pack(1 << 62, 0) + b"x" * 1000,
    "huge body": HEADER.pack(2, 1 << 40) + b"{}" + b"x" * 1000,
    "random bytes": random.Random(13).randbytes(100_000),
    "no JSON": HEADER.pack(4, 0) + b"nope",
    "no UTF-8": HEADER.pack(4, 0) + b"\xff\xfe\xfd\xfc",
    "deep JSON": HEADER.pack(60_000, 0) + b"[" * 60_000,
    "a list": _with([1, 2]),
    "a number": _with(7),
    "no key of ours": _with({"os": "system"}),
    "wrong types": _with(
        {"size": "big", "error": 3, "reason": [1], "cause": None, "format": {}}, bytes(12)
    ),
    "wrong length": _with(IMAGE, bytes(11)),
    "negative size": _with(IMAGE | {"size": [-2, -2]}, bytes(12)),
    "a pickle": HEADER.pack(30, 0) + b"cos\nsystem\n(S'touch hacked'\ntR.",
}

# What has the form of an answer.
LIES = {
    "foreign ids": _with({}, struct.pack("<6q", 3, 77, 77, -7, -7, 3)),
    "no spans": _with({"columns": None, "tags": [5]}),
    "said twice": 2 * _with(IMAGE, bytes(12)),
}


def main(kind: str, before: bytes = b"") -> None:
    """Answer the first question; `before` is what an honest one says first."""
    os.write(1, READY)
    os.read(sys.stdin.fileno(), 1)
    os.write(1, before)
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.buffer.write((ANSWERS | LIES)[kind])
        sys.stdout.buffer.flush()
    if kind == "never ends":
        time.sleep(3600)
