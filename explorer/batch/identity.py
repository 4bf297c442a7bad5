"""Which image a file is: the one that was at its path, one that was elsewhere, or a new one."""

import hashlib
import io
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from PIL import Image

from explorer.analysis import orientations
from explorer.batch.plan import Known, Plan
from explorer.errors import ImageError
from explorer.images import measure_jpeg
from explorer.store import Dataset

# Of 64 bits of the hash, in the closest of eight positions. Saved again, scaled, turned, mirrored,
# made grey, brighter or darker: at most 16 apart, and 95 % of photos that lost 5 % at each side.
# Unrelated photos: 16 or fewer in 0.3 %.
_MOST_BITS = 16

# Pictures with too little in them for a hash: grey levels, on average over this many pixels.
_MOST_LEVELS = 4.0
_SIDE = 32


@dataclass
class Identities:
    """Decides it file by file, in the order of the list.

    A file with the content of an image that has left its place is that image. A file that was
    changed in its place is the image it was if it still shows that picture; a file with another
    picture is a new image, and the old one is gone. `read` gives the bytes of a file, `path_of` the
    path of a row of the images table.
    """

    plan: Plan
    read: Callable[[str], bytes]
    path_of: Callable[[int], str]
    replaced: dict[int, Known] = field(default_factory=dict)
    _claimed: set[int] = field(default_factory=set)

    def at_path(self, known: Known | None) -> Known | None:
        """The image that was at a path, unless its file has been found elsewhere."""
        return None if known and known.image_id in self._claimed else known

    def of_content(self, content_hash: str) -> Known | None:
        """The image with that content whose file is no longer where it was; each is found once."""
        group = self.plan.vanished.get(content_hash, [])
        while group:
            if (known := group.pop(0)).image_id not in self._claimed:
                return self.keep(known)
        for known in self.plan.doubtful.get(content_hash, ()):
            if known.image_id not in self._claimed and not self._is_there(known):
                return self.keep(known)
        return None

    def keep(self, known: Known) -> Known:
        """A file was found to be the image: no other one is."""
        self._claimed.add(known.image_id)
        self.replaced.pop(known.image_id, None)
        return known

    def _is_there(self, known: Known) -> bool:
        try:
            data = self.read(self.path_of(known.row))
        except ImageError:
            return False
        return hashlib.blake2b(data, digest_size=16).hexdigest() == known.content_hash

    def replace(self, known: Known) -> None:
        """Another picture is in the place of an image; its own may yet be found elsewhere."""
        self.replaced[known.image_id] = known
        self.plan.vanished.setdefault(known.content_hash, []).append(known)


def shows_the_same(dataset: Dataset, known: Known, jpeg: bytes) -> bool:
    """Does a new thumbnail show the picture that an image was?"""
    try:
        return _same_picture(dataset.thumbnail(known.image_id), jpeg)
    except (KeyError, OSError, ImageError):  # `explorer verify` tells of it
        return False


def _same_picture(before: bytes, after: bytes) -> bool:
    """Are two JPEGs versions of one picture, perhaps turned or mirrored? By perceptual hashes."""
    was, is_now = measure_jpeg(before).hash, measure_jpeg(after).hash
    if was is None or is_now is None:
        return was is is_now and _levels_apart(before, after) <= _MOST_LEVELS
    turned = orientations(np.array([int(was, 16)], np.uint64))
    return int(np.bitwise_count(turned ^ np.uint64(int(is_now, 16))).min()) <= _MOST_BITS


def _levels_apart(before: bytes, after: bytes) -> float:
    return float(np.abs(_small(before) - _small(after)).mean())


def _small(jpeg: bytes) -> npt.NDArray[np.float64]:
    gray = Image.open(io.BytesIO(jpeg)).convert("L")
    return np.asarray(gray.resize((_SIDE, _SIDE), Image.Resampling.BOX), np.float64)
