"""Decode anything, and survive it."""

from __future__ import annotations

import json
import time

from PIL import Image

from explorer.child_process import ChildProcess
from explorer.errors import ImageError
from explorer.images.decode import MAX_PIXELS, Decoded, decode
from explorer.images.formats import identify
from explorer.images.worker import ANSWER, REQUEST

TRUSTED_FORMATS = frozenset({"JPEG", "PNG", "WEBP"})
LONGEST_TEXT = 1 << 16  # bytes of JSON in an answer
GRACE = 10.0  # seconds beyond the time limit, at which a process ends itself


class SafeDecoder:
    """Decodes JPEG, PNG and WebP here and every other format in a process of its own.

    The decoders of the common formats are fuzzed by half the world; the others may crash or hang
    on a bad file. When one does, that image is rejected and the next gets a new process.
    There are as many processes as threads that decode such files at the same time; they start
    when they are first needed, and end on `close()` or with this process, however it ends.
    """

    def __init__(
        self,
        *,
        max_pixels: int = MAX_PIXELS,
        time_limit: float = 20.0,
        memory_limit: int = 4 << 30,
        decoder: str = "explorer.images.decode:decode",
    ) -> None:
        """`time_limit` in seconds per image and `memory_limit` in bytes hold for the processes.

        `decoder` is what they run, as "module:function": a function with the signature of
        `decode`.
        """
        self._max_pixels = max_pixels
        self._settings = (decoder, time_limit, memory_limit)
        self._idle: list[_Worker] = []

    def decode(self, data: bytes, *, min_side: int | None = None) -> Decoded:
        """Decode an image file as `explorer.images.decode` does; raises ImageError like it.

        Also if the decoder crashes, or takes longer or more memory than the limits allow.
        """
        name = identify(data)
        if name in TRUSTED_FORMATS:
            return decode(data, min_side=min_side, max_pixels=self._max_pixels)
        worker = self._idle_worker()
        try:
            answer, pixels = worker.ask(data, min_side or 0, self._max_pixels)
            decoded = _read(answer, pixels)
        except (EOFError, OSError) as error:
            raise ImageError(f"The {name} decoder {worker.cause_of_death()}.") from error
        except BaseException:  # interrupted in the middle of an answer
            worker.kill()
            raise
        self._idle.append(worker)
        if isinstance(decoded, str):
            raise ImageError(decoded)
        return decoded

    def close(self) -> None:
        """End the processes. The decoder can be used again; it then starts new ones."""
        while self._idle:
            self._idle.pop().kill()

    def __enter__(self) -> SafeDecoder:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _idle_worker(self) -> _Worker:
        while True:
            try:
                worker = self._idle.pop()
            except IndexError:
                return _Worker(*self._settings)
            if worker.can_be_asked():
                return worker
            worker.kill()


class _Worker(ChildProcess):
    """One child process that runs explorer.images.worker."""

    def __init__(self, decoder: str, time_limit: float, memory_limit: int) -> None:
        call = f"main({decoder!r}, {time_limit!r}, {memory_limit!r})"
        self._time_limit = time_limit
        self._asked_at = time.monotonic()
        try:
            super().__init__("explorer.images.worker", call)
        except EOFError as error:
            raise ImageError("The process that decodes such files could not be started.") from error

    def ask(self, data: bytes, min_side: int, max_pixels: int) -> tuple[object, bytearray]:
        """Send one image, wait for the answer.

        Raises EOFError or OSError if the process dies, or says what is no answer.
        """
        self._asked_at = time.monotonic()
        with self.struck_after(self._time_limit + GRACE):
            self.questions.write(REQUEST.pack(len(data), min_side, max_pixels))
            self.questions.write(data)
            self.questions.flush()
            text_size, pixels_size = ANSWER.unpack(self.read(ANSWER.size))
            if text_size > LONGEST_TEXT or pixels_size > 3 * max_pixels:
                raise EOFError("this is no answer")
            text, pixels = self.read(text_size), self.read(pixels_size)
        try:
            return json.loads(text), pixels
        except (ValueError, RecursionError) as error:
            raise EOFError("this is no answer") from error

    def cause_of_death(self) -> str:
        """What to say after "the decoder". Waits for the end of the process."""
        seconds = time.monotonic() - self._asked_at
        self.kill()
        if seconds >= self._time_limit:
            return f"took longer than {self._time_limit:g} seconds on the file"
        return "crashed on the file"


def _read(answer: object, pixels: bytearray) -> Decoded | str:
    """What an answer says: an image, or why there is none. Raises EOFError if it is no answer."""
    match answer:
        case {"error": str(reason)}:
            return reason
        case {
            "size": [int(columns), int(rows)],
            "width": int(width),
            "height": int(height),
            "format": str(format),
            "alpha_means": str(alpha),
        } if columns > 0 and rows > 0 and len(pixels) == 3 * columns * rows:
            image = Image.frombytes("RGB", (columns, rows), pixels)
            return Decoded(image, width=width, height=height, format=format, alpha_means=alpha)
    raise EOFError("this is no answer")
