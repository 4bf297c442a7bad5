"""Which image a file is: the one that was at its path, one that was elsewhere, or a new one."""

import hashlib
from collections.abc import Callable

from explorer.batch.plan import Known, Plan
from explorer.batch.same_picture import same_picture
from explorer.errors import ImageError
from explorer.store import Dataset


class Identities:
    """Decides it file by file, in the order of the list.

    A file with the content of an image that has left its place is that image. A file that was
    changed in its place is the image it was if it still shows that picture; a file with another
    picture is a new image, and the old one is gone.
    """

    def __init__(
        self, plan: Plan, read: Callable[[str], bytes], path_of: Callable[[int], str]
    ) -> None:
        """`read` gives the bytes of a file, `path_of` the path of a row of the images table."""
        self._plan = plan
        self._read = read
        self._path_of = path_of
        self._claimed: set[int] = set()
        self.replaced: dict[int, Known] = {}

    def at_path(self, known: Known | None) -> Known | None:
        """The image that was at a path, unless its file has been found elsewhere."""
        return None if known and known.image_id in self._claimed else known

    def of_content(self, content_hash: str) -> Known | None:
        """The image with that content whose file is no longer where it was; each is found once."""
        group = self._plan.vanished.get(content_hash, [])
        while group:
            if (known := group.pop(0)).image_id not in self._claimed:
                return self._claim(known)
        for known in self._plan.doubtful.get(content_hash, ()):
            if known.image_id not in self._claimed and not self._is_there(known):
                return self._claim(known)
        return None

    def _claim(self, known: Known) -> Known:
        self._claimed.add(known.image_id)
        self.replaced.pop(known.image_id, None)
        return known

    def _is_there(self, known: Known) -> bool:
        try:
            data = self._read(self._path_of(known.row))
        except ImageError:
            return False
        return hashlib.blake2b(data, digest_size=16).hexdigest() == known.content_hash

    def keep(self, known: Known) -> None:
        """An image is still in its place, changed: no other file is it."""
        self._claim(known)

    def replace(self, known: Known) -> None:
        """Another picture is in the place of an image; its own may yet be found elsewhere."""
        self.replaced[known.image_id] = known
        self._plan.vanished.setdefault(known.content_hash, []).append(known)


def shows_the_same(dataset: Dataset, known: Known, jpeg: bytes) -> bool:
    """Does a new thumbnail show the picture that an image was?"""
    try:
        return same_picture(dataset.thumbnail(known.image_id), jpeg)
    except (KeyError, OSError, ImageError):  # `explorer verify` tells of it
        return False
