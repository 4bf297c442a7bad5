"""What archives hold, whatever their kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from explorer.images.formats import is_image_name
from explorer.images.listing import Stat
from explorer.images.metadata import is_metadata

# ImageNet's archive holds two million; the limit keeps the memory bounded that a list takes.
MAX_ENTRIES = 3_000_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One image in an archive: `size` bytes, found at `offset`.

    `packed` is how many bytes it takes there, `method` how a zip has packed it, `crc` its CRC-32,
    `written` its name as it stands there and `room` how many bytes there are before the next file.
    """

    name: str
    size: int
    mtime_ns: int | None
    etag: str
    offset: int
    packed: int = 0
    method: int = 0
    crc: int = 0
    written: bytes = b""
    room: int = 0


class Archive(Protocol):
    """A file with files in it. `read` may be called from several threads."""

    def contents(self) -> Contents:
        """Find all images. Raises OSError if the archive cannot be opened."""

    def read(self, entry: Entry) -> bytes:
        """Read one image file. Raises ImageError."""

    def close(self) -> None:
        """Let go of what reading keeps open; it can be read again."""


@dataclass
class Contents:
    """What an archive holds, in its order.

    `refused` holds (name, reason), with an empty name for the archive itself. `notes` are values
    by the key that images share with the files beside them: the name without its endings. `lists`
    are files of what is known of the images, see `explorer.images.metadata`.
    """

    images: dict[str, Entry] = field(default_factory=dict)
    ignored: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)
    notes: dict[str, dict[str, object]] = field(default_factory=dict)
    lists: dict[str, Entry] = field(default_factory=dict)

    def add(self, entry: Entry, *, reason: str | None = None) -> None:
        """Take a file: an image, unless there is a reason against it, or nothing of ours."""
        if not _is_image(entry.name):
            self.ignored += 1
            if is_metadata(entry.name) and not reason:
                self.lists[entry.name] = entry
            return
        if reason:
            self.refused.append((entry.name, reason))
            return
        if before := self.images.pop(entry.name, None):
            # Two files of one name need two names among the refused.
            name = f"{entry.name} (at byte {before.offset})"
            self.refused.append((name, "The archive holds the name again; the last one counts."))
        self.images[entry.name] = entry

    def add_other(self, name: str, what: str) -> None:
        """Take something that is not a file."""
        if _is_image(name):
            self.refused.append((name, what))
        else:
            self.ignored += 1

    def spoil(self, name: str, reason: str) -> None:
        """Refuse a file that was ignored."""
        self.ignored -= 1
        self.refused.append((name, reason))

    def values_of(self, name: str) -> Mapping[str, object]:
        """What the files beside an image say of it."""
        return self.notes.get(key_of(name), {})


def key_of(name: str) -> str:
    """The key of a file in a WebDataset shard: its name up to the first dot."""
    folder, slash, file = name.rpartition("/")
    return f"{folder}{slash}{file.partition('.')[0]}"


def member_name(name: str) -> str:
    """A name in an archive as a relative path. It names, and leads nowhere: `..` stays.

    >>> member_name("/a//./b/../c.jpg")
    'a/b/../c.jpg'
    """
    return "/".join(part for part in name.split("/") if part not in ("", "."))


def archive_stamp(stat: Stat) -> str:
    """What changes when an archive is written again; its files may keep their sizes and times."""
    return stat.etag or f"{stat.size}-{stat.mtime_ns}"


def too_many() -> str:
    """What is wrong with an archive of more than `MAX_ENTRIES` files."""
    return f"it holds more than {MAX_ENTRIES:,} files; split it"


def _is_image(name: str) -> bool:
    if not is_image_name(name):
        return False
    parts = name.split("/")
    return not any(p == "__MACOSX" or (p.startswith(".") and p != "..") for p in parts)
