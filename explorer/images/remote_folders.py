"""A folder behind a URL as a source of images."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import fsspec

from explorer.errors import SourceError
from explorer.images import remote
from explorer.images.formats import is_image_name
from explorer.images.listing import ImageRef, Labels, Listing, Stat, take_labels
from explorer.images.metadata import Metadata, is_metadata
from explorer.images.reasons import why
from explorer.images.remote import connect, list_folder, name_of, read_url, stat_of, stat_urls

# A server's pages may link to each other without end.
_DEEPEST = 32
_MOST_FOLDERS = 100_000


def _look_at(found: Mapping[str, tuple[str, remote.Info]]) -> dict[str, Stat | str]:
    """What is known of files from their (URL, entry in a listing); a closer look where too little.

    A text is the reason why a file cannot be one of ours.
    """
    stats: dict[str, Stat | str] = {path: stat_of(entry) for path, (_, entry) in found.items()}
    silent = [path for path, stat in stats.items() if stat == Stat(None, None)]
    closer = stat_urls([found[path][0] for path in silent])
    return stats | dict(zip(silent, closer, strict=True))


@dataclass
class _RemoteWalk:
    """One walk through a folder and its sub-folders.

    found: path -> fsspec's entry.
    lists: of what is known of the images.
    """

    fs: fsspec.AbstractFileSystem
    root: str
    found: dict[str, remote.Info] = field(default_factory=dict)
    ignored: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)
    lists: list[str] = field(default_factory=list)

    def run(self) -> None:
        """Raises OSError if the folder itself cannot be listed."""
        self.fs.invalidate_cache()
        folders = [""]
        listed = 0
        while folders:
            folder = folders.pop()
            if listed == _MOST_FOLDERS:
                self.refused.append((folder, f"It comes after {_MOST_FOLDERS:,} other folders."))
                continue
            listed += 1
            try:
                entries = list_folder(self.fs, f"{self.root}/{folder}".rstrip("/"))
            except OSError as error:
                if not folder:
                    raise
                self.refused.append((folder, f"The folder cannot be listed: {why(error)}."))
                continue
            folders += filter(None, map(self._take, entries))

    def _take(self, entry: remote.Info) -> str | None:
        """Take one entry; the path of a folder that is to be visited."""
        path = str(entry["name"]).removeprefix(self.root).strip("/")
        parts = path.split("/")
        is_inside = entry["name"].startswith(f"{self.root}/") and not {".", ".."} & {*parts}
        if parts[-1].startswith(".") or not is_inside:
            self.ignored += 1  # hidden, or a link of a web page that leads up or elsewhere
        elif entry["type"] == "directory":
            if len(parts) <= _DEEPEST:
                return path
            self.refused.append((path, "The folder lies too deep within others."))
        elif is_image_name(path):
            self.found[path] = entry
        else:
            self.ignored += 1
            if is_metadata(path):
                self.lists.append(path)
        return None


class RemoteFolder:
    """The images in a folder behind a URL, and in its sub-folders."""

    def __init__(self, uri: str, labels: Labels = "auto") -> None:
        self.uri = uri
        self._labels = labels

    @property
    def name(self) -> str:
        return name_of(self.uri)

    @cached_property
    def _place(self) -> tuple[fsspec.AbstractFileSystem, str]:
        fs, root = connect(self.uri)
        return fs, root.rstrip("/")

    def list(self) -> Listing:
        fs, root = self._place
        walk = _RemoteWalk(fs, root)
        try:
            walk.run()
        except OSError as error:
            raise SourceError(f"{self.uri} cannot be listed: {why(error)}.") from error
        stats = _look_at({path: (self._url(path), walk.found[path]) for path in sorted(walk.found)})
        refused = [(path, stat) for path, stat in stats.items() if isinstance(stat, str)]
        seen = {path: stat for path, stat in stats.items() if isinstance(stat, Stat)}
        said = Metadata([*seen]).take(walk.lists, self.read)
        labels, columns = take_labels(said.columns, [*seen], self._labels)
        refs = [
            ImageRef(path, stat.size, stat.mtime_ns, label, stat.etag)
            for (path, stat), label in zip(seen.items(), labels, strict=True)
        ]
        refused += walk.refused + said.refused
        return Listing(refs, walk.ignored - len(said.refused), sorted(refused), columns)

    def _url(self, path: str) -> str:
        return f"{self.uri.rstrip('/')}/{path}"

    def read(self, path: str) -> bytes:
        return read_url(self._url(path))
