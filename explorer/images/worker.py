"""The child process of SafeDecoder: decodes what it is sent, and may crash or hang over it.

A request is REQUEST (bytes of data, min_side or 0, max_pixels) and the data. An answer is ANSWER
(bytes of JSON, bytes of pixels), the JSON (what `Decoded` holds, or {"error": reason}) and the
RGB pixels. After the start READY is sent once.
"""

from __future__ import annotations

import faulthandler
import importlib
import json
import struct
import sys
from collections.abc import Callable

from PIL import Image

from explorer.child_process import READY, take_over_stdout
from explorer.errors import ImageError
from explorer.images.decode import Decoded

REQUEST = struct.Struct("<QQQ")
ANSWER = struct.Struct("<QQ")


def main(decoder: str, time_limit: float, memory_limit: int) -> None:
    """Answer requests until standard input ends.

    `decoder` is "module:function", a function like `decode`. A decode that takes longer than
    `time_limit` seconds ends the process: by the process itself, so that none is left spinning
    if its parent was killed. `memory_limit` is in bytes.
    """
    requests, answers = sys.stdin.buffer, take_over_stdout()
    module, _, function = decoder.partition(":")
    decode: Callable[..., Decoded] = getattr(importlib.import_module(module), function)
    Image.MAX_IMAGE_PIXELS = None  # `decode` has a limit of its own
    _limit_resources(memory_limit)
    answers.write(READY)
    answers.flush()
    while header := requests.read(REQUEST.size):
        size, min_side, max_pixels = REQUEST.unpack(header)
        data = requests.read(size)
        faulthandler.dump_traceback_later(time_limit, exit=True)
        try:
            decoded = decode(data, min_side=min_side or None, max_pixels=max_pixels)
            answer, pixels = _describe(decoded), decoded.image.tobytes()
        except ImageError as error:
            answer, pixels = {"error": str(error)}, b""
        faulthandler.cancel_dump_traceback_later()
        text = json.dumps(answer).encode()
        answers.write(ANSWER.pack(len(text), len(pixels)) + text)
        answers.write(pixels)
        answers.flush()


def _describe(decoded: Decoded) -> dict[str, object]:
    return {
        "size": decoded.image.size,
        "width": decoded.width,
        "height": decoded.height,
        "format": decoded.format,
        "alpha_means": decoded.alpha_means,
    }


def _limit_resources(memory_limit: int) -> None:
    try:
        import resource  # not on Windows
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        # Data, not address space: on machines with many cores threads reserve gigabytes of
        # addresses that they never use.
        resource.setrlimit(resource.RLIMIT_DATA, (memory_limit, memory_limit))
    except (OSError, ValueError):
        return  # macOS knows the limit but does not take it
