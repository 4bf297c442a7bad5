"""Files behind URLs, by fsspec: s3://, gs://, hf://, https://, memory:// and what else it knows."""

from __future__ import annotations

import contextlib
import email.utils
import errno
import io
import os
import re
import threading
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any, BinaryIO, cast
from urllib.parse import urlsplit

import fsspec

from explorer.errors import ImageError, SourceError
from explorer.images.large_files import hold
from explorer.images.listing import Stat
from explorer.images.reasons import too_large, why

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*(://|::)")

# What pip calls the packages that fsspec opens these with.
PACKAGES = {
    "s3": "s3fs",
    "s3a": "s3fs",
    "gs": "gcsfs",
    "gcs": "gcsfs",
    "hf": "huggingface_hub",
    "http": "aiohttp",
    "https": "aiohttp",
    "abfs": "adlfs",
    "az": "adlfs",
    "sftp": "paramiko",
    "ssh": "paramiko",
    "smb": "smbprotocol",
    "webdav": "webdav4",
    "oci": "ocifs",
    "oss": "ossfs",
}

# Where the places that fsspec knows keep what changes with the content, and when that was.
_ETAGS = ("ETag", "etag", "md5Hash", "Content-MD5", "blob_id", "checksum", "sha")
_TIMES = ("mtime", "LastModified", "last_modified", "updated", "modified", "modify", "created")

NO_PARTS = "its server does not hand out parts of a file; download it first"

# Seconds that a web server may take for one answer, and between two bytes of it.
TIME_LIMIT = 120.0
SILENCE = 20.0

Info = Mapping[str, Any]
"""What fsspec says of a file: what it knows depends on the place."""

_AT_ONCE = 16  # requests under way while files are only looked at
# A file system that is not asynchronous may hand the same open file to every thread.
_one_reader = threading.Lock()


def is_url(spec: str) -> bool:
    """True for `s3://bucket/photos`, false for a path."""
    return bool(_URL.match(spec))


def name_of(place: str) -> str:
    """The last part of a path or a URL, without its query: the name of a folder or a file."""
    if not is_url(place):
        return os.path.basename(place)
    parts = urlsplit(place)
    return PurePosixPath(parts.path).name or parts.netloc or "images"


def connect(url: str) -> tuple[fsspec.AbstractFileSystem, str]:
    """The fsspec file system of a URL, and what the URL's path is called there.

    Raises SourceError, which names the package to install if one is missing.
    """
    protocol = re.split("://|::", url, maxsplit=1)[0].lower()
    try:
        fs, path = fsspec.core.url_to_fs(url, **(_patience() if _is_web(url) else {}))
    except ImportError as error:
        needs = str(error)
        if package := PACKAGES.get(protocol):
            needs = f"{protocol}:// needs the Python package {package}: pip install {package}"
        raise SourceError(f"{url} cannot be opened: {needs}.") from error
    except Exception as error:  # each place has errors of its own: no credentials, no network …
        raise SourceError(f"{url} cannot be opened: {why(error)}.") from error
    return fs, path


def _patience() -> dict[str, object]:
    """How long a web server may take: aiohttp would wait for five minutes, for each file."""
    import aiohttp

    limits = aiohttp.ClientTimeout(total=TIME_LIMIT, sock_connect=SILENCE, sock_read=SILENCE)
    return {"client_kwargs": {"timeout": limits}}


def stat_url(url: str) -> Stat:
    """Look at a file. Raises OSError if it is not there or not a file."""
    fs, path = connect(url)
    return stat_of(_info(fs, path))


def stat_urls(urls: Iterable[str]) -> Iterator[Stat | str]:
    """Look at many files at once: for each, in order, what can be known of it, or why it is none.

    Of a file that may well be there, but does not answer, nothing is known.
    """

    def look(url: str) -> Stat | str:
        fs, path = connect(url)
        try:
            return stat_of(_info(fs, path))
        except FileNotFoundError as error:
            return f"It cannot be read: {why(error)}."
        except OSError:
            return Stat(None, None)

    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="look") as pool:
        yield from pool.map(look, urls)


def read_url(url: str) -> bytes:
    """Read a file whole. Raises ImageError, which says why not."""
    try:
        fs, path = connect(url)
        if _is_web(url):
            return _read_stream(fs, path)
        size = stat_of(_info(fs, path)).size or 0
        if reason := too_large(size):
            raise ImageError(reason)
        hold(size)
        return cast(bytes, fs.cat_file(path))
    except ImageError:
        raise
    except TimeoutError as error:
        raise ImageError(
            f"The file cannot be read: its server is too slow; it may take {TIME_LIMIT:g} s, and "
            f"be silent for {SILENCE:g} s."
        ) from error
    except Exception as error:  # each place has errors of its own
        raise ImageError(f"The file cannot be read: {why(error)}.") from error


def read_url_range(url: str, offset: int, size: int) -> bytes:
    """Read up to `size` bytes of a file from `offset` on. Raises ImageError."""
    try:
        fs, path = connect(url)
        if fs.async_impl:
            return cast(bytes, fs.cat_file(path, start=offset, end=offset + size))
        with _one_reader:
            return cast(bytes, fs.cat_file(path, start=offset, end=offset + size))
    except Exception as error:  # each place has errors of its own
        raise ImageError(f"The archive cannot be read: {why(error)}.") from error


def open_url(url: str) -> BinaryIO:
    """Open a file to read and seek in. Raises OSError."""
    fs, path = connect(url)
    with _os_errors():
        if _is_web(url):
            _check_parts(fs, path)
        file = fs.open(path, "rb")
    if file.size is None:
        raise OSError(errno.ESPIPE, NO_PARTS)
    return cast(BinaryIO, file)


def _is_web(url: str) -> bool:
    return urlsplit(url).scheme in ("http", "https")


def _check_parts(fs: fsspec.AbstractFileSystem, path: str) -> None:
    """Ask a web server for one byte, which not all of them know to answer with one byte."""
    with fs.open(path, "rb", block_size=0, size=1, headers={"Range": "bytes=0-0"}) as file:
        if file.r.status != 206:
            raise OSError(errno.ESPIPE, NO_PARTS)


def list_folder(fs: fsspec.AbstractFileSystem, path: str) -> list[Info]:
    """The entries of a folder, by name, as fsspec describes them. Raises OSError."""
    with _os_errors():
        entries: list[Info] = fs.ls(path, detail=True)
    # A folder may be listed within itself, and stands for a file if that has its name.
    here = path.rstrip("/")
    inner = [entry for entry in entries if entry["name"].rstrip("/") != here]
    return sorted(inner, key=lambda entry: str(entry["name"]))


def _info(fs: fsspec.AbstractFileSystem, path: str) -> Info:
    with _os_errors():
        info: Info = fs.info(path)
    if info.get("type") == "directory":
        raise IsADirectoryError(errno.EISDIR, "it is a folder, not a file")
    return info


@contextlib.contextmanager
def _os_errors() -> Iterator[None]:
    """Raise whatever is raised as an OSError; FileNotFoundError only for what is surely not there.

    fsspec calls everything so that a web server does not hand out, and a server that is down.
    """
    try:
        yield
    except Exception as error:  # each place has errors of its own
        cause = error.__cause__
        gone = isinstance(error, FileNotFoundError) and getattr(cause, "status", 404) in (404, 410)
        answered = cause is None or hasattr(cause, "status")
        kind = FileNotFoundError if gone and answered else OSError
        code = errno.ENOENT if kind is FileNotFoundError else errno.EIO
        raise kind(code, why(error)) from error


def stat_of(info: Info) -> Stat:
    etag = next((str(info[key]) for key in _ETAGS if info.get(key)), None)
    when = next((info[key] for key in _TIMES if info.get(key) is not None), None)
    size = info.get("size")
    return Stat(
        int(size) if size is not None else None,
        _nanoseconds(when if when is not None else info.get("Last-Modified")),
        etag,
    )


def _nanoseconds(when: object) -> int | None:
    """A time as a file system gives it (seconds, a datetime, an HTTP date) in ns since 1970."""
    try:
        if isinstance(when, str):
            when = email.utils.parsedate_to_datetime(when)
        if isinstance(when, datetime):
            when = when.timestamp()
        return round(when * 1_000_000) * 1000 if isinstance(when, (int, float)) else None
    except (ValueError, OverflowError, OSError):
        return None


def _read_stream(fs: fsspec.AbstractFileSystem, path: str) -> bytes:
    """Read what a web server sends, but not without end: it need not be what it promised."""
    data = io.BytesIO()
    # Without blocks it is one request; with a size, whatever it is, no other one comes before.
    with fs.open(path, "rb", block_size=0, size=1) as file:
        while chunk := file.read(1 << 20):
            size = data.tell() + len(chunk)
            if reason := too_large(size):
                raise ImageError(reason)
            hold(size)
            data.write(chunk)
    return data.getvalue()
