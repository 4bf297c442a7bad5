"""A folder on this machine as a source of images."""

from __future__ import annotations

import heapq
import os
from dataclasses import dataclass, field
from pathlib import Path

from explorer.errors import SourceError
from explorer.images.files import read_file
from explorer.images.formats import is_image_name
from explorer.images.listing import ImageRef, Labels, Listing, take_labels
from explorer.images.metadata import Metadata, is_metadata
from explorer.images.reasons import kind_of, why


@dataclass(frozen=True)
class FolderSource:
    """The images in a folder and its sub-folders.

    Links to files and folders are followed; each folder is visited once, under its own path if
    it lies within the source, so loops do no harm. What a `metadata.csv` says are columns.
    """

    uri: str
    labels: Labels = "auto"

    @property
    def name(self) -> str:
        return os.path.basename(self.uri) or "images"

    def list(self) -> Listing:
        walk = _Walk(self.uri)
        walk.run()
        files = sorted(walk.files)
        paths = [path for path, _, _ in files]
        said = Metadata(paths).take(walk.lists, self.read)
        labels, columns = take_labels(said.columns, paths, self.labels)
        refs = [ImageRef(*file, label) for file, label in zip(files, labels, strict=True)]
        refused = sorted(walk.refused + said.refused)
        return Listing(refs, walk.ignored - len(said.refused), refused, columns)

    def read(self, path: str) -> bytes:
        return read_file(os.path.join(self.uri, path))


@dataclass
class _Walk:
    """One walk through a folder. Real folders come first, then the links found on the way.

    files: path, size, mtime_ns.
    lists: of what is known of the images.
    _visited: real path -> path in the source.
    _folders: (path, real path) to visit.
    _links: paths of links to folders; a heap.
    """

    root: str
    files: list[tuple[str, int, int]] = field(default_factory=list)
    ignored: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)
    lists: list[str] = field(default_factory=list)
    _visited: dict[str, str] = field(default_factory=dict)
    _folders: list[tuple[str, str]] = field(default_factory=list)
    _links: list[str] = field(default_factory=list)

    def run(self) -> None:
        self._folders.append(("", os.path.realpath(self.root)))
        while self._folders or self._links:
            if self._folders:
                self._visit(*self._folders.pop())
            else:
                self._follow(heapq.heappop(self._links))

    def _visit(self, path: str, real: str) -> None:
        if real in self._visited:
            first = self._visited[real] or "."
            self.refused.append((path, f"The folder is already listed as {first!r}."))
            return
        self._visited[real] = path
        try:
            with os.scandir(os.path.join(self.root, path)) as entries:
                for entry in entries:
                    self._take(entry, f"{path}/{entry.name}" if path else entry.name, real)
        except OSError as error:
            if not path:
                raise SourceError(f"{self.root!r} cannot be read: {why(error)}.") from error
            self.refused.append((path, f"The folder cannot be read: {why(error)}."))

    def _take(self, entry: os.DirEntry[str], path: str, real: str) -> None:
        if entry.name.startswith("."):
            self.ignored += 1
            return
        try:
            if entry.is_dir():
                if entry.is_symlink():
                    heapq.heappush(self._links, path)
                else:
                    self._folders.append((path, os.path.join(real, entry.name)))
            elif not entry.is_file():
                self.refused.append((path, _what_is(entry)))
            elif not is_image_name(entry.name):
                self.ignored += 1
                if is_metadata(path):
                    self.lists.append(path)
            else:
                status = entry.stat()
                self.files.append((path, status.st_size, status.st_mtime_ns))
        except OSError as error:
            self.refused.append((path, f"It cannot be read: {why(error)}."))

    def _follow(self, path: str) -> None:
        link = os.path.join(self.root, path)
        target = os.path.realpath(link)
        inner = (os.path.realpath(self.root), os.path.realpath(os.path.dirname(link)))
        if target not in self._visited and any(Path(i).is_relative_to(target) for i in inner):
            self.refused.append((path, "The link leads to a folder that it lies in itself."))
        else:
            self._folders.append((path, target))


def _what_is(entry: os.DirEntry[str]) -> str:
    """Say what an entry is that is neither a file nor a folder."""
    try:
        mode = entry.stat().st_mode
    except FileNotFoundError:
        return "The link leads nowhere." if entry.is_symlink() else "It vanished during listing."
    return f"It is {kind_of(mode)}, not a file."
