"""Why a file cannot be read, in words that fit into a sentence."""

from __future__ import annotations

import stat

# Larger files are no photographs; the limit keeps a job's memory bounded.
MAX_FILE_BYTES = 1 << 30


def why(error: BaseException) -> str:
    """The reason in an error, to stand in the middle of a sentence, without a full stop."""
    # fsspec calls all that a web server does not hand out "not found"; the cause knows better.
    if isinstance(error, FileNotFoundError) and not error.errno and error.__cause__:
        error = error.__cause__
    status = getattr(error, "status", None)
    if isinstance(status, int):
        return f"the server answers {status} {getattr(error, 'message', '')}".rstrip()
    if isinstance(error, OSError) and error.strerror:
        return error.strerror[:1].lower() + error.strerror[1:]
    if isinstance(error, FileNotFoundError):
        return "there is no such file"
    if isinstance(error, TimeoutError):
        return "it took too long"
    text = str(error).strip().split("\n", 1)[0].rstrip(".")
    return text[:200] or type(error).__name__


def kind_of(mode: int) -> str:
    """Say what something is that is not a regular file, from its `st_mode`."""
    kinds = (
        (stat.S_ISDIR, "a folder"),
        (stat.S_ISFIFO, "a pipe"),
        (stat.S_ISSOCK, "a socket"),
        (stat.S_ISCHR, "a device"),
        (stat.S_ISBLK, "a device"),
    )
    return next((word for test, word in kinds if test(mode)), "a special file")


def too_large(size: int) -> str | None:
    """The sentence about a file of `size` bytes if that is over the limit."""
    if size <= MAX_FILE_BYTES:
        return None
    return f"The file has {size >> 20:,} MiB; the limit is {MAX_FILE_BYTES >> 20:,} MiB."
