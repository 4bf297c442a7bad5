"""Paths that are spelled in another way than the files that they mean.

Lists are written on other machines: Windows divides folders by a backslash, and macOS hands out
names with their accents apart (Unicode's decomposed form) where others keep them together.
"""

from __future__ import annotations

import os
import posixpath
import re
import unicodedata
from collections.abc import Iterable

_ELSEWHERE = re.compile(r"[A-Za-z]:[\\/]|\\\\")


def may_be_spelled_otherwise(path: str) -> bool:
    """Is there anything in a path that some systems write in another way?"""
    return "\\" in path or not path.isascii()


def is_windows_path(path: str) -> bool:
    r"""Is it an absolute path of a Windows machine: `C:\photos\a.jpg`, `\\server\a.jpg`?"""
    return bool(_ELSEWHERE.match(path))


def plain_spelling(path: str) -> str:
    r"""One spelling for all: `/` between folders, composed accents, no `.` and `..` in between.

    >>> plain_spelling("a\\b/../c.jpg")
    'a/c.jpg'
    """
    return posixpath.normpath(unicodedata.normalize("NFC", path.replace("\\", "/")))


class Spellings:
    """Finds paths among those that there are, however they are spelled.

    The exact spelling comes first; another one is good where it can mean one path only.
    """

    def __init__(self, paths: Iterable[str]) -> None:
        self._exact = set(paths)
        self._plain: dict[str, str | None] = {}
        for path in self._exact:
            plain = plain_spelling(path)
            self._plain[plain] = None if plain in self._plain else path

    def find(self, path: str) -> str | None:
        """The path as it is spelled where it is, or None."""
        return path if path in self._exact else self._plain.get(plain_spelling(path))


class Disk:
    """Finds files on this machine, however they are spelled; every folder is listed once."""

    def __init__(self) -> None:
        self._folders: dict[str, Spellings] = {}

    def find(self, folder: str, path: str) -> str | None:
        """A path from a folder on as the disk spells it; None if there is no such file."""
        if os.path.lexists(os.path.join(folder, path)):
            return path
        path = path.replace("\\", "/")
        found = "/" if path.startswith("/") else ""
        for part in filter(None, path.split("/")):
            here = os.path.join(folder, found)
            if part not in (".", "..") and not os.path.lexists(os.path.join(here, part)):
                spelled = self._in(here).find(part)
                if spelled is None:
                    return None
                part = spelled
            found = os.path.join(found, part)
        return found

    def _in(self, folder: str) -> Spellings:
        if folder not in self._folders:
            try:
                names = os.listdir(folder)
            except (OSError, ValueError):
                names = []
            self._folders[folder] = Spellings(names)
        return self._folders[folder]
