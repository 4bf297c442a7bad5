"""What background jobs say of themselves: one small file each, in the cache's folder `.jobs`."""

import contextlib
import dataclasses
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from filelock import FileLock, Timeout

from explorer.errors import LockedError, StoreError
from explorer.store.json_files import read_json, write_json
from explorer.store.lock import is_held
from explorer.store.names import folder_name

State = Literal["running", "done", "stopped", "failed"]


@dataclass(frozen=True)
class JobStatus:
    """Where a job is: `done` of `total` units of a stage (total 0: not known).

    left: seconds to the end of the stage at the rate so far; None where that is not known.

    error: the name of the class of what it failed with, if that is one of ours; about: its
        `source` and `space`.
    """

    dataset: str
    source: str
    started: str
    pid: int
    state: State = "running"
    stage: str = "Starting"
    done: int = 0
    total: int = 0
    rejected: int = 0
    left: float | None = None
    message: str = ""
    error: str = ""
    about: tuple[str, str] = ("", "")


Tell = Callable[..., None]


def job_path(cache: Path, dataset: str) -> Path:
    """The file of the job on a dataset."""
    return cache / ".jobs" / f"{folder_name(dataset)}.json"


@contextlib.contextmanager
def job_running(cache: Path, dataset: str, source: str) -> Iterator[Tell]:
    """Within the job's own process: keep its file up to date; yields the function that does so.

    The operating system drops the lock when the process dies, so a killed job is not taken for a
    running one. Raises `LockedError` when a job on that dataset is running.
    """
    path = job_path(cache, dataset)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(path.with_suffix(".lock"), timeout=0):
            started = datetime.now(UTC).isoformat(timespec="seconds")
            status = JobStatus(dataset, source, started, os.getpid())

            def tell(**changes: object) -> None:
                nonlocal status
                status = dataclasses.replace(status, **changes)  # type: ignore[arg-type]
                write_json(path, status)

            tell()
            yield tell
    except Timeout as error:
        raise LockedError(f"A job on {dataset!r} is running already.") from error


def read_job(cache: Path, dataset: str) -> JobStatus | None:
    """The last known status of the job on a dataset; a job that was killed counts as failed."""
    path = job_path(cache, dataset)
    if not path.exists():
        return None
    status = read_json(path, JobStatus)
    if status.state == "running" and not is_held(path.with_suffix(".lock")):
        said = "It was ended from outside. What it had done is kept: start it again to go on."
        return dataclasses.replace(status, state="failed", message=said)
    return status


def running_job(cache: Path, dataset: str) -> JobStatus | None:
    """The job that works on a dataset now, if there is one."""
    job = read_job(cache, dataset)
    return job if job and job.state == "running" else None


def read_jobs(cache: Path) -> list[JobStatus]:
    """All jobs that left a file, the newest first."""
    found = []
    for path in sorted((cache / ".jobs").glob("*.json")):
        with contextlib.suppress(StoreError):
            job = read_job(cache, read_json(path, JobStatus).dataset)
            found += [job] if job else []
    return sorted(found, key=lambda job: job.started, reverse=True)
