"""A list of images as a source: a table with a column of paths or URLs."""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import quote, unquote, urlsplit

import pyarrow as pa
import pyarrow.compute as pc

from explorer.errors import ImageError, SourceError
from explorer.images.files import read_file, stat_file
from explorer.images.formats import IMAGE_EXTENSIONS
from explorer.images.listing import ImageRef, Labels, Listing, Stat, take_labels
from explorer.images.reasons import why
from explorer.images.remote import is_url, name_of, stat_urls
from explorer.images.spelling import Disk, is_windows_path, may_be_spelled_otherwise
from explorer.images.tables import READERS, Rows, read_table, suffix

# What a column of paths may be called; of several, the first in this order is it.
# fmt: off
PATH_NAMES = (
    "file", "path", "filename", "file_name", "filepath", "file_path", "image", "image_path",
    "img", "img_path", "image_file", "url", "image_url", "img_url", "uri",
)
# fmt: on


def is_manifest(place: str) -> bool:
    """Does the name end as that of a table does?"""
    return suffix(place) in READERS


@dataclass(frozen=True)
class ManifestSource:
    """The images that a table names, in its order; its other columns are columns of the dataset.

    Paths are relative to the table's folder. A column `label` (of any kind of value) labels the
    images; without it, their first folders do as in a folder. A row whose file is not there is
    refused; of several rows with one path the first counts.
    """

    uri: str
    labels: Labels = "auto"

    @property
    def name(self) -> str:
        return name_of(self.uri)[: -len(suffix(self.uri))] or "images"

    def list(self) -> Listing:
        rows = read_table(self.uri)
        column = path_column(rows.table, self.uri)
        reading = _Reading(self.uri, rows, column)
        reading.all()
        return reading.listing(self.labels)

    def read(self, path: str) -> bytes:
        return read_file(resolve(self.uri, path))


def path_column(table: pa.Table, place: str) -> str:
    """The column that names the images. Raises SourceError, which names the columns there are.

    By its name; else it is the one column of text that always ends like an image file (if its
    name does so too, the table has no heading).
    """
    texts = [name for name in table.column_names if pa.types.is_string(table[name].type)]
    folded = {name.casefold(): name for name in reversed(texts)}
    for name in PATH_NAMES:
        if name in folded:
            return folded[name]
    endings = "|".join(ending[1:] for ending in sorted(IMAGE_EXTENSIONS))
    pattern = rf"(?i)\.({endings})$"
    likely = [n for n in texts if pc.all(pc.match_substring_regex(table[n], pattern)).as_py()]
    if len(likely) == 1 and not re.search(pattern, likely[0]):
        return likely[0]
    if not len(table):
        raise SourceError(f"{place} has no rows below its heading; it should name images.")
    raise SourceError(
        f"{place} has no column of paths: its first line should call one of the columns 'path'. "
        f"Its columns are: {', '.join(map(repr, table.column_names)) or 'none'}."
    )


def resolve(manifest: str, path: str) -> str:
    """Where the file lies that a table calls `path`. Raises ImageError if it may not say so."""
    if is_url(manifest):
        return _resolve_remote(manifest, path)
    if path.lower().startswith("file://"):
        return unquote(urlsplit(path).path)
    return path if is_url(path) else os.path.join(os.path.dirname(manifest), path)


def _resolve_remote(manifest: str, path: str) -> str:
    scheme, _, rest = manifest.partition("://")
    if is_url(path):
        if path.lower().startswith(("file:", "local:")) or "::" in path:
            raise ImageError("A list from elsewhere may not name files of this machine.")
        return path
    rest = rest.partition("?")[0]
    if scheme.lower() in ("http", "https"):
        path = quote(path)
    inner = posixpath.join(posixpath.dirname(rest), path.lstrip("/"))
    return f"{scheme}://{posixpath.normpath(inner)}"


def _key(path: str) -> str:
    """One name for `a.jpg`, `./a.jpg` and `b/../a.jpg`."""
    return path if is_url(path) else posixpath.normpath(path)


def _nowhere(path: str, place: str, row: int) -> str:
    """Why there is no file for a row: what was looked for."""
    if is_windows_path(path):
        return f"Row {row} names a file of a Windows machine; paths can be relative to the list."
    elsewhere = " Paths can be relative to the list." if path.startswith("/") else ""
    return f"Row {row} names it, and there is no file {place!r}.{elsewhere}"


@dataclass
class _Reading:
    """One pass over the rows of a table: which of them are images.

    _taken: path -> row.
    """

    manifest: str
    rows: Rows
    column: str
    ignored: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)
    _taken: dict[str, int] = field(default_factory=dict)
    _stats: dict[str, Stat] = field(default_factory=dict)
    _disk: Disk = field(default_factory=Disk)

    def all(self) -> None:
        rows = self.rows
        name = name_of(self.manifest)
        self.refused += [(f"{name} (row {row})", reason) for row, reason in rows.refused]
        others = rows.table.drop_columns([self.column])
        for row, path in enumerate(rows.table[self.column].to_pylist()):
            number = int(rows.numbers[row])
            if not path:
                self.refused.append((f"{name} (row {number})", "The row names no file."))
            elif (key := self._spelled(_key(path))) not in self._taken:
                self._taken[key] = row
            elif others.slice(row, 1).equals(others.slice(self._taken[key], 1)):
                self.ignored += 1
            else:
                first = int(rows.numbers[self._taken[key]])
                self.refused.append(
                    (f"{key} (row {number})", f"Row {first} names it already, with other values.")
                )
        for key, stat in self._look():
            if isinstance(stat, Stat):
                self._stats[key] = stat
            else:
                self.refused.append((key, stat))

    def _spelled(self, key: str) -> str:
        """A path as the disk spells it, if it is there."""
        if is_url(self.manifest) or is_url(key) or not may_be_spelled_otherwise(key):
            return key
        return _key(self._disk.find(os.path.dirname(self.manifest), key) or key)

    def _look(self) -> Iterator[tuple[str, Stat | str]]:
        """Each path with what can be known of its file, or why nothing."""
        urls: dict[str, str] = {}
        for key in self._taken:
            try:
                place = resolve(self.manifest, key)
                if is_url(place):
                    urls[key] = place
                else:
                    yield key, stat_file(place)
            except ImageError as error:
                yield key, str(error)
            except FileNotFoundError:
                yield key, _nowhere(key, place, self.rows.numbers[self._taken[key]])
            except OSError as error:
                yield key, f"It cannot be read: {why(error)}."
        if urls:
            yield from zip(urls, stat_urls(urls.values()), strict=True)

    def listing(self, labels: Labels) -> Listing:
        """The listing, in the order of the rows, with the columns but for the paths."""
        keys = [key for key in self._taken if key in self._stats]
        rows = pa.array([self._taken[key] for key in keys], pa.int64())
        columns = self.rows.table.drop_columns([self.column]).take(rows)
        inside = ["" if is_url(key) or key.startswith(("/", "..")) else key for key in keys]
        texts, columns = take_labels(columns, inside, labels)
        refs = []
        for key, label in zip(keys, texts, strict=True):
            stat = self._stats[key]
            refs.append(ImageRef(key, stat.size, stat.mtime_ns, label, stat.etag))
        return Listing(refs, self.ignored, sorted(self.refused), columns)
