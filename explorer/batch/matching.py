"""The images that a table means: it need not spell their paths as the dataset does."""

import os
import posixpath
from collections.abc import Iterable, Sequence
from functools import cache

from explorer.images import Spellings, is_windows_path


class Paths:
    """Finds the images of a dataset by paths as tables have them.

    A path may begin with the source's folder, or leave out the archive's name, and be spelled in
    another way (see `Spellings`).
    """

    def __init__(self, paths: Iterable[str], source: str) -> None:
        self._there = Spellings(paths)
        # What paths begin with where the source is a file: an archive, or a list elsewhere.
        self._packed = (posixpath.basename(source), posixpath.dirname(source))
        self._real = cache(os.path.realpath)
        self._bases = [source.rstrip("/")]
        if "://" not in source:
            self._bases.append(os.path.realpath(source))
        self._bases += list(map(posixpath.dirname, self._bases))

    def find(self, path: str) -> str | None:
        """The path as the dataset has it, or None."""
        found = next(filter(None, map(self._there.find, self._readings(path))), None)
        if found is None and path.startswith("/"):
            real = posixpath.join(self._real(posixpath.dirname(path)), posixpath.basename(path))
            return self.find(real) if real != path else None
        return found

    def _readings(self, path: str) -> Sequence[str]:
        plain = path.replace("\\", "/")
        within = [plain[len(base) + 1 :] for base in self._bases if plain.startswith(f"{base}/")]
        if "://" in path or path.startswith("/"):
            return [path, *within]
        packed = (posixpath.join(base, posixpath.normpath(plain)) for base in self._packed)
        return [path, *packed]


def advice(path: str, source: str) -> str:
    """What else to say of a path that was not found, or nothing."""
    if is_windows_path(path) or path.startswith("/"):
        return f" Paths can be relative to the source, {source}."
    return ""
