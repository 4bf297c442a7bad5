"""manifest.json: the files that a dataset is made of, so that one that is gone or spoilt is missed.

Parts are never changed; they are listed at once when all files of a commit are there. Every other
file is replaced now and then: what it becomes is listed beside what it was before it takes its
place, and alone afterwards. So at any moment each file is as one of its entries says.
"""

import contextlib
import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from filelock import FileLock

from explorer.errors import StoreError
from explorer.store.atomic import replacing
from explorer.store.json_files import as_json, read_as

MANIFEST = "manifest.json"
KINDS = (
    "dataset.json",
    "rejected.parquet",
    "curation.db",
    "images/part-*.parquet",
    "thumbnails/part-*.arrow",
    "spaces/*/space.json",
    "spaces/*/embeddings/part-*.parquet",
    "spaces/*/index.faiss",
    "spaces/*/neighbors.parquet",
    "spaces/*/columns.parquet",
    "spaces/*/probe.json",
)
COPIED = ("dataset.json", "space.json")  # what they say can be told by nothing else
CHANGING = "curation.db"  # by people, at any time: listed so that it is missed, without a hash


@dataclass(frozen=True)
class ListedFile:
    """A file as it was written: BLAKE2b (16 bytes, hex), size, rows of a part, text of a copy."""

    hash: str = ""
    bytes: int = 0
    rows: int | None = None
    says: str | None = None


@dataclass(frozen=True)
class Manifest:
    """What a dataset is made of, by file name from its folder on; `becoming`: being replaced.

    No image gets an id below `next_image_id` any more.
    """

    next_image_id: int = 0
    files: Mapping[str, ListedFile] = field(default_factory=dict)
    becoming: Mapping[str, ListedFile] = field(default_factory=dict)

    def damage(self, root: Path, name: str) -> str:
        """What is wrong with a listed file: that it is missing, or not as it was; empty if fine."""
        path, entry = root / name, self.files[name]
        if not path.exists():
            return f"{path} is missing."
        if name == CHANGING or _hash(path) in {entry.hash, self.becoming.get(name, entry).hash}:
            return ""
        return f"{path} is damaged: it is not as it was written."


def files_of(root: Path) -> list[str]:
    """The names of the files that are there and belong to a dataset."""
    return [path.relative_to(root).as_posix() for kind in KINDS for path in sorted(root.glob(kind))]


def read_manifest(root: Path) -> Manifest | None:
    """What is listed; None for a dataset that has no manifest. Raises `StoreError` if damaged."""
    path = root / MANIFEST
    if not path.exists():
        return None
    try:
        text = path.read_bytes()
        body = text[: -len(_end(b""))]
        if text != body + _end(body):
            raise ValueError
        return read_as(Manifest, json.loads(text))
    except ValueError as error:
        raise StoreError(f"{path} is damaged: it is not as it was written.") from error


def _text(manifest: Manifest) -> bytes:
    """The file, a line for each entry."""
    blocks = (
        ",\n".join(
            f"{json.dumps(name)}: {json.dumps(_told(entries[name]))}" for name in sorted(entries)
        )
        for entries in (manifest.files, manifest.becoming)
    )
    files, becoming = (f"{{\n{block}\n}}" for block in blocks)
    listed = f'"files": {files},\n"becoming": {becoming},\n'
    body = f'{{"next_image_id": {manifest.next_image_id},\n{listed}'.encode("ascii")
    return body + _end(body)


def _end(body: bytes) -> bytes:
    """How the file ends: with the digest of all that comes before."""
    digest = hashlib.blake2b(body, digest_size=16).hexdigest()
    return f'"digest": "{digest}"}}\n'.encode()


def _told(entry: ListedFile) -> dict[str, object]:
    return {key: value for key, value in vars(entry).items() if value not in (None, "")}


def entry_of(path: Path) -> ListedFile:
    """The entry of a file as it is now."""
    if path.name == CHANGING:
        return ListedFile()
    name = path.name.strip(".")  # of a file that is being written, too
    says = path.read_text("ascii") if name.startswith(COPIED) else None
    return ListedFile(_hash(path), path.stat().st_size, _rows(path), says)


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()


def _rows(path: Path) -> int | None:
    """How many rows a part holds; None for other files, and where the file does not say it."""
    if not path.name.startswith("part-"):
        return None
    try:
        if path.suffix == ".parquet":
            rows: int = pq.read_metadata(path).num_rows
            return rows
        return len(pa.ipc.open_file(pa.memory_map(str(path))).read_all())
    except (OSError, pa.ArrowException):  # listed as it is; `verify` tells
        return None


# --- changing it


@contextlib.contextmanager
def _held(root: Path) -> Iterator[None]:
    """Nobody else changes the manifest meanwhile: the app and `compare` do without a job's lock."""
    with FileLock(root / ".manifest.lock"):
        yield


def _write(root: Path, manifest: Manifest) -> None:
    with replacing(root / MANIFEST) as temporary:
        temporary.write_bytes(_text(manifest))


def _root_of(path: Path) -> Path | None:
    """The dataset that a file outside the folders of parts belongs to, if it has a manifest."""
    root = path.parents[2] if path.parent.parent.name == "spaces" else path.parent
    return root if (root / MANIFEST).exists() else None


@contextlib.contextmanager
def replacing_listed(path: Path) -> Iterator[Path]:
    """`replacing` for a file of a dataset that is no part, and for what is listed of it."""
    root = _root_of(path)
    name = path.relative_to(root).as_posix() if root else ""
    with replacing(path) as temporary:
        yield temporary
        entry = entry_of(temporary)
        if root:
            _change(root, becoming={name: entry})
    if root:
        _change(root, files={name: entry})


def write_listed_json(path: Path, value: object) -> None:
    """`write_json` for a file of a dataset."""
    with replacing_listed(path) as temporary:
        temporary.write_text(as_json(value), "ascii")


def _change(
    root: Path,
    *,
    files: Mapping[str, ListedFile] | None = None,
    becoming: Mapping[str, ListedFile] | None = None,
    next_image_id: int = 0,
) -> None:
    with _held(root):
        before = read_manifest(root) or Manifest()
        files = files or {}
        still = {name: entry for name, entry in before.becoming.items() if name not in files}
        after = Manifest(
            max(before.next_image_id, next_image_id),
            {**before.files, **files},
            {**still, **(becoming or {})},
        )
        _write(root, after)


def list_parts(root: Path, paths: Iterable[Path], *, next_image_id: int) -> None:
    """List the parts of a commit: they are there, and so are all images below `next_image_id`."""
    files = {path.relative_to(root).as_posix(): entry_of(path) for path in paths}
    _change(root, files=files, next_image_id=next_image_id)


def note_made(path: Path) -> None:
    """List a file that people have made something in, if its dataset has a manifest."""
    root = _root_of(path)
    with contextlib.suppress(StoreError):  # a damaged manifest is for `verify` to tell
        if root:
            _change(root, files={path.name: entry_of(path)})


def forget(root: Path, names: Collection[str]) -> None:
    """Take files off the list; all of it where the manifest itself is among them."""
    with _held(root):
        if MANIFEST in names:
            (root / MANIFEST).unlink(missing_ok=True)
        elif before := read_manifest(root):
            files = {name: entry for name, entry in before.files.items() if name not in names}
            becoming = {name: e for name, e in before.becoming.items() if name not in names}
            _write(root, Manifest(before.next_image_id, files, becoming))


def settle(root: Path, *, next_image_id: int) -> None:
    """Bring the manifest in line with what is there; done when a dataset is opened for writing.

    It lists what a job that was killed, or an Explorer from before there was a manifest, has left
    unlisted, and forgets vectors and thumbnails that are gone, which a job makes again.
    """
    with _held(root):
        before = read_manifest(root) or Manifest()
        there = files_of(root)
        known = {name: before.files[name] for name in there if name in before.files}
        listed = {
            name: known[name] if name in known and name not in before.becoming else entry_of(path)
            for name, path in ((name, root / name) for name in there)
        }
        missed = {
            name: entry
            for name, entry in before.files.items()
            if name not in listed and _is_missed(root, name)
        }
        next_image_id = max(next_image_id, before.next_image_id)
        after = Manifest(next_image_id, {**listed, **missed})
        if after != before or not (root / MANIFEST).exists():
            _write(root, after)


def _is_missed(root: Path, name: str) -> bool:
    """Parts are made again; a space may be removed with its folder."""
    path = root / name
    return "/part-" not in name and (path.parent.is_dir() or path.parent == root)
