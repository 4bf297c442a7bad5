"""Stand-ins for decoders that misbehave, run by the worker processes of SafeDecoder.

Each takes a well-behaved file as `decode` does, but goes wrong over one that ends in b"!".
"""

from __future__ import annotations

import ctypes
import os
import sys
import time

from explorer.errors import ImageError
from explorer.images.decode import Decoded
from explorer.images.decode import decode as decode_well

MARK = b"!"


def segfault(data: bytes, **options: int) -> Decoded:
    if data.endswith(MARK):
        ctypes.string_at(0)
    return decode_well(data, **options)


def exit_at_once(data: bytes, **options: int) -> Decoded:
    if data.endswith(MARK):
        os._exit(0)
    return decode_well(data, **options)


def hang(data: bytes, **options: int) -> Decoded:
    if data.endswith(MARK):
        while True:
            time.sleep(1)
    return decode_well(data, **options)


def hang_with_the_gil(data: bytes, **options: int) -> Decoded:
    """As a C decoder that never comes back: no Python code runs in that process any more."""
    if data.endswith(MARK):
        ctypes.PyDLL(None).sleep(3600)
    return decode_well(data, **options)


def chatter(data: bytes, **options: int) -> Decoded:
    os.write(1, b"libtiff: strange tag\n" * 1000)
    os.write(2, b"libtiff: strange tag\n" * 100_000)
    return decode_well(data, **options)


def tell_process(data: bytes, **options: int) -> Decoded:
    raise ImageError(str(os.getpid()))


def tell_heavy_imports(data: bytes, **options: int) -> Decoded:
    heavy = {"torch", "openvino", "umap", "numba", "streamlit"}
    raise ImageError(f"heavy: {sorted(heavy & set(sys.modules))}")
