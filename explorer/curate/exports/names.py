"""Names of files and folders that are safe on every system, and kept apart."""

import os
import unicodedata
from collections.abc import Iterable
from itertools import takewhile
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from explorer.images import IMAGE_EXTENSIONS, SPLIT_FOLDERS
from explorer.store import path_text

RECIPE = "recipe.json"

# Names that are devices on Windows, with any extension, and those of the export's own files.
RESERVED = {
    "con",
    "prn",
    "aux",
    "nul",
    "images.csv",
    "metadata.csv",
    "metadata.parquet",
    "labels.json",
    RECIPE,
}
RESERVED |= {f"{port}{number}" for port in ("com", "lpt") for number in range(10)}
MAX_NAME = 200  # bytes; file systems allow 255

# A cell that begins so is a formula to a spreadsheet (OWASP, "CSV Injection"); a name that begins
# with - is an option to many programs.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")

# How files of a format end where that is not its name.
ENDINGS = {"JPEG": "jpg", "JPEG2000": "jp2", "TIFF": "tif"}


def safe_name(name: str) -> str:
    """A name that is one file name on every system and can lead nowhere else.

    The extension stays: without it the file would no longer count as an image.
    """
    cleaned = "".join("_" if _is_unsafe(c) else c for c in path_text(name)).strip(" .")
    if cleaned.casefold() in RESERVED or cleaned.partition(".")[0].strip().casefold() in RESERVED:
        cleaned = "_" + cleaned
    if cleaned.startswith(FORMULA):
        cleaned = "_" + cleaned
    stem, suffix = os.path.splitext(cleaned)
    if len(os.fsencode(suffix)) > MAX_NAME // 2:
        stem, suffix = cleaned, ""
    while len(os.fsencode(stem + suffix)) > MAX_NAME:
        stem = stem[:-1]
    return stem.rstrip(" .") + suffix or "_"


def _is_unsafe(character: str) -> bool:
    """What some system forbids in names, and all that ends a line: lists name a file in each."""
    return character in '/\\:*?"<>|' or unicodedata.category(character) in ("Cc", "Zl", "Zp")


def ending(format: str) -> str:
    """How files of an image format end, with the dot."""
    return f".{ENDINGS.get(format, format.lower())}"


def file_name(path: str, format: str) -> str:
    """The name of an image's copy; it ends as image files do, also if a URL does not."""
    if "://" in path:
        path = unquote(urlsplit(path).path)
    name = safe_name(PurePosixPath(path).name)
    if PurePosixPath(name).suffix.lower() in IMAGE_EXTENSIONS:
        return name
    return name + ending(format)


def folder_names(values: Iterable[str]) -> dict[str, str]:
    """A folder for each value: different ones for different values, whatever they are.

    >>> folder_names(["a/b", "a:b", "cat"])
    {'a/b': 'a_b', 'a:b': 'a_b-2', 'cat': 'cat'}
    """
    folders: dict[str, str] = {}
    taken: set[str] = set()
    # Values that are names already get them, so that no other one takes them.
    for value in sorted({*values}, key=lambda each: (safe_name(each) != each, each)):
        name = first = safe_name(value)
        number = 1
        while _folded(name) in taken:
            number += 1
            name = f"{first}-{number}"
        taken.add(_folded(name))
        folders[value] = name
    return dict(sorted(folders.items()))


def _folded(name: str) -> str:
    """Equal for names that some file system takes for one: by capitals, or how accents are said."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def split_names(values: Iterable[str]) -> dict[str, str]:
    """The name of each part of a split, without what all have before it, as tags do.

    >>> split_names(["train", "Val"]), split_names(["b30-train", "b30-val"])
    ({'Val': 'Val', 'train': 'train'}, {'b30-train': 'train', 'b30-val': 'val'})
    """
    distinct = sorted({*values})
    alike = takewhile(lambda signs: len({*signs}) == 1, zip(*distinct, strict=False))
    before = len([*alike]) if len(distinct) > 1 else 0
    short = {value: value[before:] for value in distinct}
    are_splits = all(name.casefold() in SPLIT_FOLDERS for name in short.values())
    return short if are_splits else {value: value for value in distinct}


class TakenNames:
    """Gives every image a place of its own; two that would be the same get the image's id."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def take(self, folder: PurePosixPath, name: str, image_id: int) -> PurePosixPath:
        """The place for an image in a folder of the export."""
        place = folder / name
        while _folded(str(place)) in self._taken:
            place = place.with_name(f"{place.stem}-{image_id}{place.suffix}")
        self._taken.add(_folded(str(place)))
        return place
