"""The folder beside the target in which an export grows, until it is whole and takes its place.

It is named after the target and holds a plan and a journal of the files that are done: an export
that was interrupted or killed goes on from there when the same is asked for again.
"""

import contextlib
import hashlib
import io
import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, BinaryIO

from filelock import FileLock, Timeout

from explorer.errors import ExportError
from explorer.store import sync

if TYPE_CHECKING:
    from typing_extensions import Buffer

PLAN, JOURNAL, LOCK, WRITING = ".plan", ".journal", ".lock", ".writing"
OWN = {PLAN, JOURNAL, LOCK, WRITING}


def digest(data: bytes = b"") -> "hashlib.blake2b":
    """The hash of files here: that of `content_hash` in the images table."""
    return hashlib.blake2b(data, digest_size=16)


def file_digest(path: Path, *, sync: bool = False) -> str:
    """The hash of a file as it is on disk; with `sync` it is there for good."""
    with path.open("rb") as file:
        found = hashlib.file_digest(file, digest)
        if sync:
            os.fsync(file.fileno())
    return found.hexdigest()


class _Hashing(io.RawIOBase):
    """A file that keeps the hash of what is written to it. It cannot seek."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._place = 0
        self.found = digest()

    def write(self, data: "Buffer", /) -> int:
        view = memoryview(data).cast("B")
        self.found.update(view)
        self._place += len(view)
        self._file.write(view)
        return len(view)

    def tell(self) -> int:
        return self._place

    def writable(self) -> bool:
        return True


class StrangeFolder(ExportError):
    """A folder that looks like ours and is not: it must stay as it is."""


class Staging:
    """A folder that becomes `target` at the end. Use it within `staged`."""

    def __init__(self, target: Path) -> None:
        self.target = target
        self.folder = target.parent / f".{target.name}.exporting"
        self.files: dict[str, str] = {}  # what is done: relative path -> hash

    def begin(self, plan: str) -> None:
        """Go on with what was begun by the same plan, or begin anew."""
        if self._read(PLAN) == plan:
            self._go_on()
            return
        there = [path for path in self.folder.iterdir() if path.name != LOCK]
        if there and not (self.folder / PLAN).exists():
            raise StrangeFolder(f"{self.folder} is in the way and is none of ours; move it.")
        for path in there:
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
        (self.folder / PLAN).write_text(plan, "utf-8")

    def _read(self, name: str) -> str:
        path = self.folder / name
        return path.read_text("utf-8") if path.exists() else ""

    def _go_on(self) -> None:
        """Take over the files of the journal that still are what they were."""
        for line in self._read(JOURNAL).splitlines():
            with contextlib.suppress(ValueError, OSError):  # torn, or gone
                name, found = json.loads(line)
                if file_digest(self.place(name)) == found:
                    self.files[name] = found

    def place(self, name: str) -> Path:
        """Where a file of the export lies; never outside of it."""
        relative = PurePosixPath(name)
        if relative.is_absolute() or ".." in relative.parts or not relative.parts:
            raise ExportError(f"{name!r} is not a name within an export.")
        return self.folder / relative

    def done(self, name: str) -> bool:
        """Whether a file is there already, from a run before."""
        return name in self.files

    @contextlib.contextmanager
    def open(self, name: str) -> Iterator[_Hashing]:
        """A file of the export, to write to; it counts once it is whole."""
        place = self.place(name)
        place.parent.mkdir(parents=True, exist_ok=True)
        writing = self.folder / WRITING
        with writing.open("wb") as file:
            hashing = _Hashing(file)
            yield hashing
        writing.replace(place)
        self._note(name, hashing.found.hexdigest())

    def write(self, name: str, data: bytes, *, mtime_ns: int | None = None) -> None:
        """Write a whole file."""
        with self.open(name) as file:
            file.write(data)
        if mtime_ns is not None:
            os.utime(self.place(name), ns=(mtime_ns, mtime_ns))

    def make_folder(self, name: str) -> None:
        """A folder that may stay empty."""
        self.place(name).mkdir(parents=True, exist_ok=True)

    def link(self, name: str, original: Path, *, symbolic: bool) -> None:
        """A link instead of a copy."""
        place = self.place(name)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.unlink(missing_ok=True)
        if symbolic:
            place.symlink_to(original.absolute())
        else:
            os.link(os.path.realpath(original), place)
        self._note(name, file_digest(place))

    def _note(self, name: str, found: str) -> None:
        self.files[name] = found
        with (self.folder / JOURNAL).open("a", encoding="ascii") as journal:
            journal.write(json.dumps([name, found]) + "\n")

    def check(self, wanted: set[str], on_file: Callable[[int, int], object]) -> None:
        """Read everything back. Raises `ExportError` when a file is missing, too much or wrong."""
        there = {
            path.relative_to(self.folder).as_posix(): path
            for path in self.folder.rglob("*")
            if path.name not in OWN and (path.is_symlink() or not path.is_dir())
        }
        for name in there.keys() - wanted:  # of a run before, that wrote more
            there.pop(name).unlink()
        if missing := wanted - there.keys():
            raise ExportError(f"{len(missing)} files were not written, {min(missing)!r} first.")
        for done, (name, path) in enumerate(sorted(there.items()), start=1):
            if file_digest(path, sync=not path.is_symlink()) != self.files[name]:
                raise ExportError(
                    f"{name!r} reads back otherwise than it was written; the disk may be failing."
                )
            on_file(done, len(there))

    def finish(self) -> None:
        """Let the folder take the target's place; what was there goes only then."""
        for own in OWN:
            (self.folder / own).unlink(missing_ok=True)
        for path in (self.folder, *self.folder.rglob("*")):
            if path.is_dir() and not path.is_symlink():
                sync(path)
        old = self.target.with_name(f".{self.target.name}.exported-before")
        if self.target.exists():
            shutil.rmtree(old, ignore_errors=True)  # a crash may have left it
            self.target.rename(old)
        try:
            self.folder.rename(self.target)
        except OSError:
            if old.exists():
                old.rename(self.target)
            raise
        sync(self.target.parent)
        shutil.rmtree(old, ignore_errors=True)


@contextlib.contextmanager
def staged(target: Path) -> Iterator[Staging]:
    """A staging beside the target, for one process at a time.

    After an error nothing is left of it; after an interrupt it stays, to go on from. Raises
    `ExportError` when another export is writing to the same target.
    """
    staging = Staging(target)
    staging.folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(staging.folder / LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise ExportError(f"Another export is writing to {target} at this moment.") from None
    try:
        yield staging
    except StrangeFolder:
        raise
    except Exception:
        shutil.rmtree(staging.folder, ignore_errors=True)
        raise
    finally:
        lock.release()
