"""Zip and tar archives as a source of images: one, or several by a pattern or in a folder."""

from __future__ import annotations

import glob
import itertools
import os
import posixpath
import re
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence

from explorer.errors import ImageError, SourceError
from explorer.images.entries import Archive, Contents, Entry
from explorer.images.files import read_file
from explorer.images.formats import is_image_name
from explorer.images.listing import ImageRef, Labels, Listing, take_labels
from explorer.images.metadata import NAMES as METADATA_NAMES
from explorer.images.metadata import Metadata, joined
from explorer.images.reasons import why
from explorer.images.remote import connect, is_url, list_folder, name_of
from explorer.images.tables import table_of
from explorer.images.tars import Tar
from explorer.images.zips import Zip

ENDINGS = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")

_ENDING = re.compile("(" + "|".join(map(re.escape, ENDINGS)) + ")$", re.IGNORECASE)
_BRACES = re.compile(r"\{([^{}]*)\}")
_MOST_ARCHIVES = 100_000
_OPEN_AT_ONCE = 3  # where one archive ends and the next begins, threads read from both


def is_archive(place: str) -> bool:
    """Does the name end as that of an archive does?"""
    return bool(_ENDING.search(name_of(place)))


def is_pattern(spec: str) -> bool:
    """Does it stand for several archives: `shard-{000..099}.tar`, `shards/*.tar`?"""
    is_shard = is_archive(spec) or spec.lower().endswith(".parquet")
    return is_shard and bool(_BRACES.search(spec) or "*" in spec)


def expand(pattern: str) -> list[str]:
    """The archives that a pattern stands for. Raises SourceError if there are none."""
    places: list[str] = []
    for place in itertools.islice(_expand_braces(pattern), _MOST_ARCHIVES):
        if "*" not in place:
            places.append(place)
        elif is_url(place):
            fs, path = connect(place)
            places += sorted(map(fs.unstrip_protocol, fs.glob(path)))
        else:
            places += sorted(glob.glob(place, recursive=True))
    if not places:
        raise SourceError(f"There is no file {pattern!r}; check the path.")
    return places


def shards_in(names: Iterable[str], has_folders: bool) -> list[str]:
    """The shards among the files of a folder if it is one of these: no images, no sub-folders.

    They are its archives, or its Parquet files if there are none. Then what lies beside them (a
    README, a list) is of no matter.
    """
    names = list(names)
    if has_folders or any(map(is_image_name, names)):
        return []
    return sorted(filter(is_archive, names)) or sorted(n for n in names if n.endswith(".parquet"))


def _are_in_data(visible: Mapping[str, bool]) -> bool:
    """Whether the shards of a folder may be in `data/`; visible: its names, and which are folders.

    Only where there is nothing to look at above.
    """
    folders = [name for name, is_folder in visible.items() if is_folder]
    seen = any(map(is_image_name, visible)) or shards_in(visible, False)
    return folders == ["data"] and not seen


def remote_shards(url: str) -> list[str]:
    """The shards in a folder behind a URL, if it is one of these. Raises OSError."""
    fs, path = connect(url)
    entries = list_folder(fs, path)
    names = {str(e["name"]).rstrip("/").rpartition("/")[2]: e["type"] for e in entries}
    visible = {n: kind == "directory" for n, kind in names.items() if not n.startswith(".")}
    if _are_in_data(visible):
        return [f"data/{name}" for name in remote_shards(f"{url.rstrip('/')}/data")]
    return shards_in(visible, any(visible.values()))


def local_shards(folder: str) -> list[str]:
    """The shards in a folder of this machine, if it is one of these. Raises OSError."""
    with os.scandir(folder) as entries:
        visible = {e.name: e.is_dir() for e in entries if not e.name.startswith(".")}
    if _are_in_data(visible):
        return [f"data/{name}" for name in local_shards(os.path.join(folder, "data"))]
    return shards_in(visible, any(visible.values()))


class ArchiveSource:
    """The images in archives. Their paths begin with the archive's: `shard.tar/000123.jpg`.

    In a tar, files that share a key (the name up to its first dot) belong together, as in
    WebDataset shards: `.cls` is the label, `.txt` the column `text`, and what a `.json` holds are
    columns. So is what a `metadata.csv` says, in the archives or beside them. Other labels come
    from folders, past one that holds all the rest.
    """

    def __init__(self, uri: str, places: Sequence[str], labels: Labels = "auto") -> None:
        self.uri = uri
        self._labels = labels
        self._is_one = list(places) == [uri]
        folders = [posixpath.dirname(place) for place in places]
        self._base = folders[0] if self._is_one else posixpath.commonpath(folders)
        self._archives = {posixpath.relpath(place, self._base): _open(place) for place in places}
        self._images: dict[str, dict[str, Entry]] = {}
        self._lists: dict[str, dict[str, Entry]] = {}
        self._recent: deque[Archive] = deque()
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        literal = re.split(r"[{*]", _ENDING.sub("", name_of(self.uri)))[0].rstrip("-_. ")
        return literal or posixpath.basename(posixpath.dirname(self.uri)) or "images"

    def list(self) -> Listing:
        refs: list[tuple[str, str, Entry]] = []
        values: list[dict[str, object]] = []
        refused: list[tuple[str, str]] = []
        ignored = 0
        for prefix in self._archives:
            try:
                contents = self._contents(prefix)
            except OSError as error:
                reason = f"The archive cannot be read: {why(error)}."
                contents = Contents(refused=[("", reason)])
            if self._is_one and contents.refused and not contents.images:
                raise SourceError(f"{self.uri}: {contents.refused[0][1]}")
            inner = _past_common_folder(list(contents.images))
            for (name, entry), path in zip(contents.images.items(), inner, strict=True):
                refs.append((f"{prefix}/{name}", path, entry))
                values.append(dict(contents.values_of(name)))
            refused += [(f"{prefix}/{n}".rstrip("/"), reason) for n, reason in contents.refused]
            ignored += contents.ignored
        said = self._metadata([path for path, _, _ in refs])
        refused += said.refused
        ignored -= sum("/" in path for path, _ in said.refused)
        columns = joined(table_of(values), said.columns)
        labels, columns = take_labels(columns, [inner for _, inner, _ in refs], self._labels)
        return Listing(
            [
                ImageRef(path, entry.size, entry.mtime_ns, label, entry.etag)
                for (path, _, entry), label in zip(refs, labels, strict=True)
            ],
            ignored,
            sorted(refused),
            columns,
        )

    def _metadata(self, paths: Sequence[str]) -> Metadata:
        """What the lists in the archives say, and those beside them on this machine."""
        inside = {
            f"{prefix}/{name}": (archive, entry)
            for prefix, archive in self._archives.items()
            for name, entry in self._lists.get(prefix, {}).items()
        }
        beside = {} if is_url(self._base) else _files(self._base, METADATA_NAMES)
        tops = ["", *itertools.chain.from_iterable(map(self._tops, self._archives))]

        def read(place: str) -> bytes:
            if place in beside:
                return read_file(beside[place])
            archive, entry = inside[place]
            return archive.read(entry)

        return Metadata(paths).take(
            [*inside, *beside],
            read,
            roots=lambda place: tops if place in beside else [posixpath.dirname(place)],
            strangers=beside if self._is_one else (),
        )

    def _tops(self, prefix: str) -> Sequence[str]:
        """The folders that people may take for the top of an archive."""
        names = [*self._images.get(prefix, {})]
        if _past_common_folder(names) == names:
            return [prefix]
        return [prefix, f"{prefix}/{names[0].partition('/')[0]}"]

    def read(self, path: str) -> bytes:
        prefix = next((p for p in _parents(path) if p in self._archives), None)
        if prefix is None:
            raise ImageError("The archive that held the file is no longer in the source.")
        archive = self._archives[prefix]
        with self._lock:
            if prefix not in self._images:
                try:
                    self._contents(prefix)
                except OSError as error:
                    raise ImageError(f"The archive cannot be read: {why(error)}.") from error
            entry = self._images[prefix].get(path[len(prefix) + 1 :])
            if archive not in self._recent:
                self._recent.append(archive)
            if len(self._recent) > _OPEN_AT_ONCE:
                self._recent.popleft().close()
        if entry is None:
            raise ImageError("The file is no longer in the archive.")
        return archive.read(entry)

    def _contents(self, prefix: str) -> Contents:
        contents = self._archives[prefix].contents()
        self._images[prefix] = contents.images
        self._lists[prefix] = contents.lists
        return contents


def _files(folder: str, names: Iterable[str]) -> dict[str, str]:
    """Those of the names that are files in a folder, with where they are."""
    places = {name: os.path.join(folder, name) for name in sorted(names)}
    return {name: place for name, place in places.items() if os.path.isfile(place)}


def _open(place: str) -> Archive:
    return Zip(place) if name_of(place).lower().endswith(".zip") else Tar(place)


def _parents(path: str) -> Iterator[str]:
    """`a`, `a/b`, `a/b/c` of `a/b/c/d`."""
    for match in re.finditer("/", path):
        yield path[: match.start()]


def _past_common_folder(names: Sequence[str]) -> list[str]:
    """The names without the one folder that all of them lie in, as when a folder was packed."""
    folders = {name.partition("/")[0] if "/" in name else None for name in names}
    if len(folders) == 1 and None not in folders:
        return [name.partition("/")[2] for name in names]
    return list(names)


def _expand_braces(pattern: str) -> Iterator[str]:
    """`{000..012}` and `{train,val}`, as a shell does it."""
    match = _BRACES.search(pattern)
    if not match:
        yield pattern
        return
    span = re.fullmatch(r"(\d+)\.\.(\d+)", match[1])
    choices: Iterable[str] = match[1].split(",")
    if span:
        width = len(span[1]) if span[1].startswith("0") else 0
        choices = (f"{number:0{width}d}" for number in range(int(span[1]), int(span[2]) + 1))
    for choice in choices:
        yield from _expand_braces(pattern[: match.start()] + choice + pattern[match.end() :])
