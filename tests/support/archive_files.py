"""Archives made for the tests."""

from __future__ import annotations

import io
import json
import struct
import tarfile
import zipfile
import zlib
from pathlib import Path

from explorer.errors import SourceError
from explorer.images import Listing, open_source

ENDINGS = {"tar": "w", "tar.gz": "w:gz", "tgz": "w:gz", "tar.bz2": "w:bz2", "tar.xz": "w:xz"}


def make_zip(path: Path, files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in files.items():
            info = zipfile.ZipInfo(name, (2024, 1, 2, 3, 4, 6))
            info.compress_type = method
            archive.writestr(info, data)
    return path


def local_header(name: bytes, data: bytes, extra: int = 0) -> bytes:
    """What stands before a stored file in a zip; `extra` bytes of what follows are skipped."""
    sizes = (zlib.crc32(data), len(data), len(data), len(name), extra)
    return struct.pack("<4s5H3I2H", b"PK\3\4", 20, 0, 0, 0, 33, *sizes) + name


def zip_of(before: bytes, files: list[tuple[bytes, bytes, int]]) -> bytes:
    """A zip of `before` and a directory that says (name, stored content, offset) of its files."""
    listed = b"".join(
        struct.pack(
            *(
                "<4s6H3I5H2I",
                b"PK\1\2",
                20,
                20,
                0,
                0,
                0,
                33,
                zlib.crc32(data),
                len(data),
                len(data),
            ),
            *(len(name), 0, 0, 0, 0, 0, offset),
        )
        + name
        for name, data, offset in files
    )
    counts = (0, 0, len(files), len(files), len(listed), len(before), 0)
    return before + listed + struct.pack("<4s4H2IH", b"PK\5\6", *counts)


def member(name: str, data: bytes = b"", **fields: object) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.size, info.mtime = len(data), 1_700_000_000
    for field, value in fields.items():
        setattr(info, field, value)
    return info, data


def make_tar(path: Path, files: dict[str, bytes] | list, mode: str = "w") -> Path:
    members = [member(*item) for item in files.items()] if isinstance(files, dict) else files
    with tarfile.open(path, mode) as archive:
        for info, data in members:
            archive.addfile(info, io.BytesIO(data))
    return path


def shard(start: int, count: int) -> dict[str, bytes]:
    files = {}
    for number in range(start, start + count):
        files[f"{number:06d}.jpg"] = f"image {number}".encode()
        files[f"{number:06d}.cls"] = str(number % 3).encode()
        files[f"{number:06d}.json"] = json.dumps({"width": number, "who": f"P{number}"}).encode()
        files[f"{number:06d}.txt"] = f" A caption, {number}.\n".encode()
    return files


def contents(path: Path | str, **options: str) -> tuple[Listing, dict[str, bytes]]:
    """What a source lists, and the bytes of each image: read in its order, and from the end."""
    source = open_source(path, **options)
    found = source.list()
    data = {ref.path: source.read(ref.path) for ref in found.refs}
    fresh = open_source(path)
    assert {ref.path: fresh.read(ref.path) for ref in reversed(found.refs)} == data
    return found, data


def open_source_refused(path: Path) -> str:
    """Why the only file of an archive is refused."""
    try:
        ((_, reason),) = open_source(path).list().refused
    except SourceError as error:
        return str(error)
    return reason


def images_in(prefix: str, files: dict[str, bytes]) -> dict[str, bytes]:
    return {f"{prefix}/{name}": data for name, data in files.items() if not name.endswith(".md")}
