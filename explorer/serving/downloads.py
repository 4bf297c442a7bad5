"""Exports as downloads: made and checked on the server first, then streamed as one zip file."""

import contextlib
import io
import secrets
import shutil
import tempfile
import zipfile
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from explorer.serving.routes import guarded
from explorer.serving.urls import TOKEN

if TYPE_CHECKING:
    from typing_extensions import Buffer

MOST_READY = 4  # prepared exports that are kept; older ones go
CHUNK = 1 << 20
MADE = (1980, 1, 1, 0, 0, 0)  # the same export is the same zip file

_HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    # Photos do not shrink: keeps Streamlit's gzip away.
    "Content-Encoding": "identity",
}


@dataclass(frozen=True)
class _Ready:
    folder: Path
    name: str


_ready: OrderedDict[str, _Ready] = OrderedDict()


@lru_cache(maxsize=1)
def _room() -> "tempfile.TemporaryDirectory[str]":
    """Where prepared exports lie; it goes when the server ends."""
    return tempfile.TemporaryDirectory(prefix="explorer-exports-")


@contextlib.contextmanager
def new_download() -> Iterator[Path]:
    """A new place for an export that is going to be downloaded; what comes to nothing goes."""
    place = Path(_room().name) / secrets.token_hex(8) / "export"
    try:
        yield place
    finally:
        if not place.exists():
            shutil.rmtree(place.parent, ignore_errors=True)


def offer(folder: Path, name: str) -> str:
    """The URL of a prepared export as `name`.zip. Only the last few are kept."""
    key = secrets.token_urlsafe(16)
    _ready[key] = _Ready(folder, name)
    while len(_ready) > MOST_READY:
        _, old = _ready.popitem(last=False)
        shutil.rmtree(old.folder.parent, ignore_errors=True)
    return f"/x/{TOKEN}/download/{key}"


def is_offered(url: str) -> bool:
    """Whether a URL still leads to an export."""
    return url.rpartition("/")[2] in _ready


def zipped(folder: Path, name: str) -> Iterator[bytes]:
    """A folder as a zip file, piece by piece; its files lie in a folder `name` there."""
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", allowZip64=True) as archive:
        for path in sorted(folder.rglob("*")):
            inside = path.relative_to(folder).as_posix()
            if path.is_dir():
                if not any(path.iterdir()):
                    archive.writestr(zipfile.ZipInfo(f"{name}/{inside}/", MADE), b"")
                continue
            member = zipfile.ZipInfo(f"{name}/{inside}", MADE)
            member.external_attr = 0o644 << 16
            with path.open("rb") as file, archive.open(member, "w", force_zip64=True) as entry:
                while data := file.read(CHUNK):
                    entry.write(data)
                    yield sink.take()
            yield sink.take()
    yield sink.take()


class _Sink(io.RawIOBase):
    """A file that is only written to, and emptied in between."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, data: "Buffer", /) -> int:
        self._parts.append(bytes(data))
        return len(self._parts[-1])

    def writable(self) -> bool:
        return True

    def take(self) -> bytes:
        data = b"".join(self._parts)
        self._parts.clear()
        return data


@guarded
def download(request: Request) -> Response:
    """A prepared export."""
    ready = _ready[request.path_params["key"]]
    named = quote(f"{ready.name}.zip", safe="")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{named}"}
    pieces = (piece for piece in zipped(ready.folder, ready.name) if piece)
    return StreamingResponse(pieces, 200, _HEADERS | headers, "application/zip")


DOWNLOADS = [Route("/x/{token}/download/{key}", download)]
