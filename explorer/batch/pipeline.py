"""Files -> decoded images -> vectors, in the order of the list, in bounded memory.

Threads read and decode (Pillow releases the GIL), the caller's thread runs the model: a reader,
a mapper and, behind them, the writer in `explorer.batch.embed`.
"""

import hashlib
from collections import defaultdict, deque
from collections.abc import Callable, Collection, Generator, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from PIL import Image

from explorer.batch.plan import Item
from explorer.errors import ExtractorError, ImageError
from explorer.extractors import Extractor, ForwardPass, ImageArray, blaming
from explorer.images import SafeDecoder, Source, hold, one_large_file_at_a_time, thumbnail
from explorer.store import EmbeddingRows

THUMBNAIL = 256  # pixels
T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Prepared:
    """A decoded image: its full size, its thumbnail, and what each extractor wants to see."""

    width: int
    height: int
    format: str
    alpha_means: str
    jpeg: bytes
    inputs: Mapping[str, ImageArray]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a file: `prepared`, or `reason` (why not), or neither when nothing was due.

    `size` is that of the file in bytes. `unread` tells that the file itself could not be read, so
    that it is worth another try.
    """

    item: Item
    content_hash: str = ""
    prepared: Prepared | None = None
    reason: str = ""
    unread: bool = False
    size: int = 0
    data: bytes = field(default=b"", repr=False)


@dataclass
class Mapper:
    """Reads, hashes and decodes one file for a set of extractors. Threads share it.

    `embedded[name][image_id]` tells whether a vector is there, `pictured[image_id]` a thumbnail.
    """

    source: Source
    decoder: SafeDecoder
    extractors: Mapping[str, Extractor]
    passes: Sequence[ForwardPass]
    embedded: Mapping[str, npt.NDArray[np.bool_]]
    pictured: npt.NDArray[np.bool_]
    known_contents: Collection[str]

    @cached_property
    def _min_side(self) -> int:
        sides = (extractor.input_size for extractor in self.extractors.values())
        return max(sides, default=THUMBNAIL)

    def __call__(self, item: Item) -> Outcome:
        """Read a file, and decode it unless its content shows that there is nothing to do."""
        with one_large_file_at_a_time():
            hold(item.ref.size or 0)
            return self._map(item)

    def _map(self, item: Item) -> Outcome:
        try:
            data = self.source.read(item.ref.path)
        except ImageError as error:
            return Outcome(item, reason=str(error), unread=True)
        content_hash = hashlib.blake2b(data, digest_size=16).hexdigest()
        if item.known and item.known.content_hash == content_hash:
            return self.decode_missing(item, content_hash, data, item.known.image_id)
        if content_hash in self.known_contents:
            # Perhaps a moved file. Whose it is depends on the order, so the caller decides.
            return Outcome(item, content_hash, size=len(data), data=data)
        return self.decode(item, content_hash, data, tuple(self.extractors))

    def decode_missing(self, item: Item, content_hash: str, data: bytes, image_id: int) -> Outcome:
        """Decode a known image for the extractors that have no vector of it yet, or a thumbnail."""
        wanted = tuple(name for name, there in self.embedded.items() if not there[image_id])
        if not wanted and self.pictured[image_id]:
            return Outcome(item, content_hash, size=len(data))
        return self.decode(item, content_hash, data, wanted)

    def decode(
        self, item: Item, content_hash: str, data: bytes, wanted: tuple[str, ...]
    ) -> Outcome:
        """Decode once for all `wanted` extractors, and for the thumbnail."""
        try:
            decoded = self.decoder.decode(data, min_side=self._min_side)
            prepared = Prepared(
                decoded.width,
                decoded.height,
                decoded.format,
                decoded.alpha_means,
                thumbnail(decoded.image),
                self._inputs(decoded.image, wanted, item.ref.path),
            )
        except ImageError as error:
            return Outcome(item, content_hash, reason=str(error))
        return Outcome(item, content_hash, prepared, size=len(data))

    def _inputs(
        self, image: Image.Image, wanted: tuple[str, ...], path: str
    ) -> dict[str, ImageArray]:
        """What the wanted extractors see: those of one forward pass share one array."""
        inputs: dict[str, ImageArray] = {}
        for forward in self.passes:
            if names := set(wanted).intersection(forward.names):
                with blaming(forward.names[0], repr(path)):
                    inputs |= dict.fromkeys(names, forward.prepare(image))
        return inputs


def ordered_map(
    function: Callable[[T], R], items: Iterable[T], *, workers: int, ahead: int
) -> Generator[R]:
    """`map` by threads, in order, with at most `ahead` results waiting.

    Closing the iterator cancels what has not begun and waits for what has.
    """
    waiting: deque[Future[R]] = deque()
    pool = ThreadPoolExecutor(workers, thread_name_prefix="decode")
    try:
        for item in items:
            waiting.append(pool.submit(function, item))
            if len(waiting) >= ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


class Batcher:
    """Collects the inputs of one forward pass and runs it on whole batches."""

    def __init__(self, forward: ForwardPass, batch_size: int) -> None:
        self._forward = forward
        self._batch_size = batch_size
        self._inputs: list[ImageArray] = []
        self._wanted: list[Collection[str]] = []
        self._paths: list[str] = []
        self._vectors: dict[str, list[npt.NDArray[np.float32]]] = defaultdict(list)
        self._images: dict[str, list[tuple[int, str]]] = defaultdict(list)

    def add(self, outcome: Outcome, image_id: int) -> None:
        """Take a prepared image for the extractors that want it; a full batch is run at once.

        Raises ExtractorError when one of them fails on an image of the batch.
        """
        inputs = outcome.prepared.inputs if outcome.prepared else {}
        wanted = [name for name in self._forward.names if name in inputs]
        if not wanted:
            return
        for name in wanted:
            self._images[name].append((image_id, outcome.content_hash))
        self._inputs.append(inputs[wanted[0]])
        self._wanted.append(wanted)
        self._paths.append(outcome.item.ref.path)
        if len(self._inputs) == self._batch_size:
            self._run()

    def _run(self) -> None:
        if not self._inputs:
            return
        vectors = self._extract()
        for name, made in zip(self._forward.names, vectors, strict=True):
            taken = np.array([name in wanted for wanted in self._wanted])
            broken = np.flatnonzero(taken & ~np.isfinite(made).all(axis=1))
            if len(broken):
                raise ExtractorError(
                    f"The extractor {name!r} failed on {self._paths[broken[0]]!r}: the vector that "
                    "it gave holds NaN or infinity. Leave the image out, or choose another "
                    "extractor or precision. Parts that were committed before are kept."
                )
            self._vectors[name].append(made[taken])
        self._inputs, self._wanted, self._paths = [], [], []

    def _extract(self) -> Sequence[npt.NDArray[np.float32]]:
        name = self._forward.names[0]
        with blaming(name, f"a batch that begins with {self._paths[0]!r}"):
            try:
                return self._forward.extract(np.stack(self._inputs))
            except Exception:
                # One by one, to tell which image it was; if none fails alone, it was the batch.
                for path, prepared in zip(self._paths, self._inputs, strict=True):
                    with blaming(name, repr(path)):
                        self._forward.extract(prepared[None])
                raise

    def rows(self) -> dict[str, EmbeddingRows]:
        """By extractor, the vectors of all images taken for it."""
        self._run()
        return {
            name: EmbeddingRows(
                [image_id for image_id, _ in images],
                [content_hash for _, content_hash in images],
                np.concatenate(self._vectors[name]),
            )
            for name, images in self._images.items()
        }
