"""Tar archives, WebDataset shards among them, read where they lie: nothing is unpacked to disk."""

from __future__ import annotations

import bz2
import gzip
import itertools
import json
import lzma
import tarfile
import threading
import zlib
from collections import deque
from dataclasses import dataclass, field
from functools import cached_property
from typing import BinaryIO, cast

from explorer.errors import ImageError
from explorer.images import entries
from explorer.images.entries import Contents, Entry, archive_stamp, key_of, member_name, too_many
from explorer.images.files import open_file, read_range, stat_file
from explorer.images.listing import Stat
from explorer.images.reasons import too_large, why

BLOCK = 512
# gzip shrinks zeros a thousandfold, and nothing that is worth reading two hundredfold.
MAX_RATIO = 200
MAX_NOTE_BYTES = 1 << 20
WINDOW = 32 << 20
CHUNK = 1 << 20

# What lies beside an image in a WebDataset shard, under the same key, and the column it fills;
# a .json file names its own.
NOTES = {"cls": "label", "txt": "text", "json": None}


class Tar:
    """One tar archive, plain or packed with gzip, bzip2 or xz."""

    def __init__(self, place: str) -> None:
        self._place = place
        self._lock = threading.Lock()
        self._window: _Window | None = None

    @cached_property
    def _stat(self) -> Stat:
        return stat_file(self._place)

    @cached_property
    def _is_packed(self) -> bool:
        with open_file(self._place) as raw:
            return _unpacked(raw) is not None

    def contents(self) -> Contents:
        """Walk from header to header. Raises OSError if the archive cannot be opened."""
        expected = self._stat  # from before it is read
        with open_file(self._place) as raw:
            unpacked = _unpacked(raw)
            walk = _TarWalk(_Window(unpacked) if unpacked else _Plain(raw), expected)
            walk.run()
        return walk.contents

    def read(self, entry: Entry) -> bytes:
        """Read one file. Raises ImageError."""
        try:
            if not self._is_packed:
                return read_range(self._place, entry.offset, entry.size, expected=self._stat)
            with self._lock:
                self._window = self._window or self._open_window()
                data = self._window.read(entry.offset, entry.size)
        except (OSError, EOFError, zlib.error, lzma.LZMAError) as error:
            raise ImageError(f"The archive cannot be read: {why(error)}.") from error
        if len(data) != entry.size:
            raise ImageError("The archive ends in the middle of the file.")
        return data

    def _open_window(self) -> _Window:
        unpacked = _unpacked(open_file(self._place))
        if unpacked is None:
            raise ImageError("The archive has changed since it was listed; run the job again.")
        return _Window(unpacked)

    def close(self) -> None:
        """Let go of the unpacked bytes."""
        with self._lock:
            self._window = None


_Unpacker = gzip.GzipFile | bz2.BZ2File | lzma.LZMAFile


def _unpacked(raw: BinaryIO) -> _Unpacker | None:
    """The tar within a packed one, None if it is not packed; the content tells."""
    head = raw.read(6)
    raw.seek(0)
    if head.startswith(b"\x1f\x8b"):
        return gzip.GzipFile(fileobj=raw)
    if head.startswith(b"BZh"):
        return bz2.BZ2File(raw)
    if head == b"\xfd7zXZ\0":
        return lzma.LZMAFile(raw)
    return None


class _Plain:
    """Reads a stream from any place."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def read(self, offset: int, size: int) -> bytes:
        """Up to `size` bytes from `offset` on; fewer at the end of the stream."""
        self._stream.seek(offset)
        return self._stream.read(size)


class _Window:
    """Reads a stream forwards and remembers the last of it.

    Threads ask for files nearly in order: what one has passed over, the other still finds. What
    lies before the window is found by starting again.
    """

    def __init__(self, stream: _Unpacker) -> None:
        self._stream = stream
        self._chunks: deque[bytes] = deque()
        self._start = self._end = 0  # of the chunks, in the stream

    def read(self, offset: int, size: int) -> bytes:
        """Up to `size` bytes from `offset` on; fewer at the end of the stream."""
        if offset < self._start:
            self._stream.seek(0)
            self._chunks.clear()
            self._start = self._end = 0
        while self._end < offset + size and (chunk := self._next_chunk()):
            self._chunks.append(chunk)
            self._end += len(chunk)
            while self._end - self._start > WINDOW and self._start + len(self._chunks[0]) <= offset:
                self._start += len(self._chunks.popleft())
        parts, place = [], self._start
        for chunk in self._chunks:
            if place < offset + size and place + len(chunk) > offset:
                parts.append(chunk[max(offset - place, 0) : offset + size - place])
            place += len(chunk)
        return b"".join(parts)

    def _next_chunk(self) -> bytes:
        """The next stretch of the stream; of a damaged one all that comes before the damage."""
        pieces: list[bytes] = []
        size = 0
        while size < CHUNK:
            try:
                piece = self._stream.read1(CHUNK - size)
            except (OSError, EOFError, zlib.error, lzma.LZMAError):
                if not pieces:
                    raise
                break
            if not piece:
                break
            pieces.append(piece)
            size += len(piece)
        return b"".join(pieces)


class _Headers:
    """The file that tarfile sees: never asked for more at once than headers need."""

    def __init__(self, stream: _Plain | _Window) -> None:
        self._stream = stream
        self._place = 0

    def read(self, size: int) -> bytes:
        if size > MAX_NOTE_BYTES:
            raise tarfile.ReadError("a header in it is larger than headers are")
        data = self._stream.read(self._place, size)
        self._place += len(data)
        return data

    def seek(self, place: int) -> None:
        if place < 0:
            raise tarfile.ReadError("a header in it points before its start")
        self._place = place

    def tell(self) -> int:
        return self._place


@dataclass
class _TarWalk:
    """One walk from header to header."""

    stream: _Plain | _Window
    stat: Stat
    contents: Contents = field(default_factory=Contents)
    _here: int = 0

    def run(self) -> None:
        """Take every member; what a damaged or bottomless archive holds beyond is refused."""
        member: tarfile.TarInfo | None = None
        try:
            headers = cast(BinaryIO, _Headers(self.stream))
            with tarfile.open(fileobj=headers, mode="r:") as tar:
                for number in itertools.count(1):
                    if not (found := tar.next()):
                        break
                    if number > entries.MAX_ENTRIES:
                        raise tarfile.ReadError(too_many())
                    # Only with the next header at hand is it sure that this member is whole.
                    if member:
                        self._take(member)
                    member = found
                    self._check(tar, member)
                # tarfile takes a broken header for the end.
                if any(self.stream.read(tar.offset, BLOCK)):
                    raise tarfile.ReadError("a header in it is damaged")
            if member:
                self._take(member)
        except Exception as error:  # tarfile and the unpackers raise many things over damage
            after = f" from {member_name(member.name)!r} on" if member else ""
            reason = f"The archive cannot be read{after}: {why(error)}."
            self.contents.refused.append(("", reason))

    def _check(self, tar: tarfile.TarFile, member: tarfile.TarInfo) -> None:
        tar.members.clear()  # type: ignore[attr-defined]  # a million would fill the memory
        if tar.offset <= self._here or member.size < 0:
            raise tarfile.ReadError("a header in it points backwards")
        self._here = tar.offset
        if self.stat.size is not None and tar.offset > MAX_RATIO * (self.stat.size + 20 * BLOCK):
            raise tarfile.ReadError(f"it unpacks to more than {MAX_RATIO} times its size")

    def _take(self, member: tarfile.TarInfo) -> None:
        name = member_name(member.name)
        if member.isfile() and not member.issparse():
            entry = Entry(
                name,
                size=member.size,
                mtime_ns=_nanoseconds(member.mtime),
                etag=archive_stamp(self.stat),
                offset=member.offset_data,
            )
            self.contents.add(entry, reason=too_large(member.size))
            self._note(member, name)
        elif not member.isdir():
            self.contents.add_other(name, _what_is(member))

    def _note(self, member: tarfile.TarInfo, name: str) -> None:
        """Keep what a file in a shard says of the images with the same key."""
        key = key_of(name)
        ending = name[len(key) + 1 :].lower()
        if ending not in NOTES or member.size > MAX_NOTE_BYTES:
            return
        try:
            text = self.stream.read(member.offset_data, member.size).decode("utf-8").strip()
            values = {NOTES[ending]: text} if NOTES[ending] else json.loads(text)
            if not isinstance(values, dict):
                raise ValueError("no names")
        except (ValueError, RecursionError):
            self.contents.spoil(name, f"The .{ending} file beside an image is damaged.")
            return
        self.contents.notes.setdefault(key, {}).update(values)


def _what_is(member: tarfile.TarInfo) -> str:
    if member.issym() or member.islnk():
        return "It is a link; links in archives are not followed."
    if member.issparse():
        return "It is a sparse file, which is not stored as it is."
    return "It is a device or a pipe, not a file."


def _nanoseconds(seconds: float) -> int | None:
    """None for times before 1970 and beyond 2242, which only damage and malice set."""
    return int(seconds * 1_000_000_000) if 0 <= seconds < 1 << 33 else None
