"""Jobs in processes of their own: they outlive the page, the tab and the app."""

import contextlib
import dataclasses
import importlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, Self

from explorer.batch.analyze import analyze, parse_changes
from explorer.batch.embed import embed
from explorer.batch.progress import Progress, Report
from explorer.batch.settings import EmbedSettings, told_about
from explorer.errors import ConflictError, ExplorerError
from explorer.images import open_source
from explorer.store import cache_folder, job_path, job_running, open_dataset, running_job

SECONDS_BETWEEN_REPORTS = 0.5


@dataclass(frozen=True)
class JobRequest:
    """What to embed, into which dataset, through which extractors.

    The dataset's other spaces are brought up to date as well; without extractors, these alone.
    """

    source: str
    dataset: str
    extractors: tuple[str, ...]

    def checked(self) -> Self:
        """The same with the source in full: the job runs in another folder than the app."""
        return dataclasses.replace(self, source=open_source(self.source).uri)

    def run(self, cache: Path, on_progress: Report, stop: threading.Event) -> tuple[bool, str]:
        """Do it; was it interrupted, and what was done?"""
        done = embed(
            self.source,
            name=self.dataset,
            cache=cache,
            settings=EmbedSettings(extractors=tuple(self.extractors) or None),
            on_progress=on_progress,
            stop=stop,
        )
        return done.interrupted, (
            f"{done.embedded:,} embedded, {done.unchanged:,} unchanged, {done.moved:,} moved, "
            f"{done.removed:,} removed, {done.rejected:,} rejected, {done.ignored:,} ignored."
            + "".join(f" {told}" for told in told_about(done))
        )


@dataclass(frozen=True)
class AnalysisRequest:
    """Which space to analyse again, with which changes of settings (`map.n_neighbors=30`)."""

    dataset: str
    space: str
    changes: tuple[str, ...] = ()

    @property
    def source(self) -> str:
        """What the list of jobs says of it."""
        return f"analysis of {self.space}"

    def checked(self) -> Self:
        """The same. Raises `UsageError` for a setting that does not exist or is out of range."""
        parse_changes(self.changes)
        return self

    def run(self, cache: Path, on_progress: Report, stop: threading.Event) -> tuple[bool, str]:
        """Do it; was it interrupted, and what was done?"""
        done = analyze(
            open_dataset(self.dataset, cache=cache),
            space=self.space,
            changes=self.changes,
            on_progress=on_progress,
            stop=stop,
        )
        computed = ", ".join(done.computed) or "nothing: all of it was still good"
        return done.interrupted, f"Computed {computed}."


class Request(Protocol):
    """A job on a dataset: a dataclass of what JSON can say, in a module of the package."""

    @property
    def dataset(self) -> str: ...
    @property
    def source(self) -> str:
        """What the list of jobs says of it."""

    def checked(self) -> Self:
        """The same, ready to run in another folder. Raises `ExplorerError` if it cannot."""

    def run(self, cache: Path, on_progress: Report, stop: threading.Event) -> tuple[bool, str]:
        """Do it; was it interrupted, and what was done?"""


def start_job(request: Request, *, cache: Path | None = None) -> None:
    """Start the job and return at once; `explorer.store.read_job` tells how far it is.

    Raises `SourceError` when the source cannot be reached and `UsageError` when a setting is wrong
    or a job on that dataset is running already.
    """
    folder = cache_folder(cache)
    request = request.checked()
    if running_job(folder, request.dataset):
        raise ConflictError(f"A job on {request.dataset!r} is running already.")
    # Where there are zombies, the job is nobody's child, so that it never stays behind as one: not
    # of a process whose place the app's server takes, either.
    script = (
        "import os, sys\n"
        "if hasattr(os, 'fork') and os.fork(): os._exit(0)\n"
        "from explorer.batch.background import main; main(*sys.argv[1:])"
    )
    kind = type(request)
    said = json.dumps(vars(request))
    log = job_path(folder, request.dataset).with_suffix(".log")
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w") as output:
        started = subprocess.Popen(
            [sys.executable, "-c", script, str(folder), kind.__module__, kind.__name__, said],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            # A session of its own: Ctrl-C in the app's terminal does not reach it.
            start_new_session=True,
            # A clone that is not installed is found from its own folder.
            cwd=Path(__file__).parents[2],
        )
    if hasattr(os, "fork"):
        started.wait()  # for the parent of the job, which has nothing else to do


def run_job(request: Request, cache: Path, stop: threading.Event) -> None:
    """The job itself, telling where it is twice a second, and in the end how it went."""
    with job_running(cache, request.dataset, request.source) as tell:
        try:
            interrupted, said = request.run(cache, _now_and_then(tell), stop)
        except ExplorerError as error:
            about = error.source, error.space
            tell(state="failed", message=str(error), error=type(error).__name__, about=about)
            return
        except Exception as error:
            log = job_path(cache, request.dataset).with_suffix(".log")
            tell(state="failed", message=f"An error in Explorer itself ({error}); see {log}.")
            raise
        tell(state="stopped" if interrupted else "done", message=said)


def _now_and_then(tell: Callable[..., None]) -> Report:
    last, began, first = 0.0, 0.0, 0
    stage = ""

    def report(progress: Progress) -> None:
        nonlocal last, began, first, stage
        now = time.monotonic()
        if progress.stage != stage:
            began, first = now, progress.done
        elif now - last < SECONDS_BETWEEN_REPORTS:
            return
        last, stage = now, progress.stage
        since, ahead = progress.done - first, progress.total - progress.done
        left = ahead * (now - began) / since if since > 0 else None
        tell(**dataclasses.asdict(progress), left=left)

    return report


def main(cache: str, module: str, kind: str, request: str) -> None:
    """What `start_job` runs: the cache, where the request is declared, and the request as JSON."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    with contextlib.suppress(ExplorerError):
        declared = getattr(importlib.import_module(module), kind)
        run_job(declared(**json.loads(request)), Path(cache), stop)
