"""Where images come from. A source lists its images and hands over their bytes."""

from __future__ import annotations

import heapq
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from explorer.errors import ImageError, SourceError
from explorer.images.formats import IMAGE_EXTENSIONS

Labels = Literal["auto", "folder", "none"]

MAX_FILE_BYTES = 1 << 30


@dataclass(frozen=True, slots=True)
class ImageRef:
    """One candidate image of a source.

    `path` is relative to the source, with `/` between its parts; a name that is not valid UTF-8
    holds surrogates (`os.fsdecode`). `size` is in bytes.
    """

    path: str
    size: int
    mtime_ns: int
    label: str | None


@dataclass(frozen=True)
class Listing:
    """All that a source holds: `refs` and `refused` are sorted by path.

    `ignored` counts what is no image by its extension, or hidden (a hidden folder counts as one).
    `refused` holds (path, reason) of what is neither an image nor can be passed over in silence.
    """

    refs: list[ImageRef]
    ignored: int
    refused: list[tuple[str, str]]


class Source(Protocol):
    """A place that images are read from. `read` may be called from several threads."""

    @property
    def name(self) -> str:
        """The default name of a dataset made from the source."""

    @property
    def uri(self) -> str:
        """Where the source is; enough to open it again from any directory."""

    def list(self) -> Listing:
        """List the images. Raises SourceError if the source cannot be reached."""

    def read(self, ref: ImageRef) -> bytes:
        """Read one image file. Raises ImageError if it cannot be read whole."""


def open_source(spec: str | Path, *, labels: Labels = "auto") -> Source:
    """Open the folder `spec` as a source of images.

    With `labels="folder"` an image's label is the name of its first sub-folder (None at the top);
    "auto" does that if at least two sub-folders hold images. Raises SourceError if there is no
    such folder.
    """
    root = os.path.abspath(os.path.expanduser(spec))
    if os.path.isdir(root):
        return FolderSource(root, labels)
    if os.path.exists(root):
        raise SourceError(f"{str(spec)!r} is not a folder; give a folder that holds images.")
    raise SourceError(f"There is no folder {str(spec)!r}; check the path.")


@dataclass(frozen=True)
class FolderSource:
    """The images in a folder and its sub-folders.

    Links to files and folders are followed; each folder is visited once, under its own path if
    it lies within the source, so loops do no harm.
    """

    uri: str
    labels: Labels = "auto"

    @property
    def name(self) -> str:
        return os.path.basename(self.uri) or "images"

    def list(self) -> Listing:
        walk = _Walk(self.uri)
        walk.run()
        folders = {path.partition("/")[0] for path, _, _ in walk.files if "/" in path}
        labelled = self.labels == "folder" or (self.labels == "auto" and len(folders) >= 2)
        refs = [
            ImageRef(path, size, mtime_ns, _first_folder(path) if labelled else None)
            for path, size, mtime_ns in sorted(walk.files)
        ]
        return Listing(refs=refs, ignored=walk.ignored, refused=sorted(walk.refused))

    def read(self, ref: ImageRef) -> bytes:
        try:
            return _read_whole(os.path.join(self.uri, ref.path))
        except FileNotFoundError as error:
            raise ImageError("The file has vanished since the folder was listed.") from error
        except OSError as error:
            raise ImageError(f"The file cannot be read: {_why(error)}.") from error


def _first_folder(path: str) -> str | None:
    folder, slash, _ = path.partition("/")
    return folder if slash else None


def _read_whole(path: str) -> bytes:
    with open(path, "rb", buffering=0, opener=_open_without_waiting) as file:
        before = os.fstat(file.fileno())
        if not stat.S_ISREG(before.st_mode):
            raise ImageError("It is no longer a regular file.")
        if before.st_size > MAX_FILE_BYTES:
            raise ImageError(f"The file is larger than {MAX_FILE_BYTES >> 20} MiB.")
        data = file.read()
        after = os.fstat(file.fileno())
    unchanged = (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns)
    if len(data) != before.st_size or not unchanged:
        raise ImageError("The file changed while it was being read; run the job again.")
    return data


def _open_without_waiting(path: str, flags: int) -> int:
    """Open a file, but never wait for the other end of what may have become a pipe."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


@dataclass
class _Walk:
    """One walk through a folder. Real folders come first, then the links found on the way."""

    root: str
    files: list[tuple[str, int, int]] = field(default_factory=list)  # path, size, mtime_ns
    ignored: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)
    _visited: dict[str, str] = field(default_factory=dict)  # real path -> path in the source
    _folders: list[tuple[str, str]] = field(default_factory=list)  # (path, real path) to visit
    _links: list[str] = field(default_factory=list)  # paths of links to folders; a heap

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
                raise SourceError(f"{self.root!r} cannot be read: {_why(error)}.") from error
            self.refused.append((path, f"The folder cannot be read: {_why(error)}."))

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
            elif os.path.splitext(entry.name)[1].lower() not in IMAGE_EXTENSIONS:
                self.ignored += 1
            else:
                status = entry.stat()
                self.files.append((path, status.st_size, status.st_mtime_ns))
        except OSError as error:
            self.refused.append((path, f"It cannot be read: {_why(error)}."))

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
    kinds = (
        (stat.S_ISFIFO, "a pipe"),
        (stat.S_ISSOCK, "a socket"),
        (stat.S_ISCHR, "a device"),
        (stat.S_ISBLK, "a device"),
    )
    kind = next((word for test, word in kinds if test(mode)), "a special file")
    return f"It is {kind}, not a file."


def _why(error: OSError) -> str:
    return (error.strerror or "unknown error").lower()
