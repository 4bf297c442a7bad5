"""The embedding job in a process of its own: it outlives the page, the tab and the app."""

import contextlib
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from explorer.batch.embed import embed
from explorer.batch.progress import Progress
from explorer.batch.settings import EmbedSettings
from explorer.errors import ExplorerError, UsageError
from explorer.images import open_source
from explorer.store import cache_folder, job_path, job_running, read_job

SECONDS_BETWEEN_REPORTS = 0.5


@dataclass(frozen=True)
class JobRequest:
    """What to embed, into which dataset, through which extractors."""

    source: str
    dataset: str
    extractors: tuple[str, ...]


def start_job(request: JobRequest, *, cache: Path | None = None) -> None:
    """Start the job and return at once; `explorer.store.read_job` tells how far it is.

    Raises `SourceError` when the source cannot be reached and `UsageError` when a job on that
    dataset is running already.
    """
    folder = cache_folder(cache)
    # In full: the job runs in another folder than the app, where a relative path means another.
    source = open_source(request.source).uri
    running = read_job(folder, request.dataset)
    if running and running.state == "running":
        raise UsageError(f"A job on {request.dataset!r} is running already.")
    script = "import sys; from explorer.batch.background import main; main(sys.argv[1:])"
    command = [sys.executable, "-c", script, str(folder)]
    command += [source, request.dataset, *request.extractors]
    log = job_path(folder, request.dataset).with_suffix(".log")
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            # A session of its own: Ctrl-C in the app's terminal does not reach it.
            start_new_session=True,
            # A clone that is not installed is found from its own folder.
            cwd=Path(__file__).parents[2],
        )
    # Whoever waits for it is told of its end, so that it never stays behind as a zombie.
    threading.Thread(target=process.wait, daemon=True).start()


def run_job(request: JobRequest, cache: Path, stop: threading.Event) -> None:
    """The job itself, telling where it is twice a second, and in the end how it went."""
    with job_running(cache, request.dataset, request.source) as tell:
        last = 0.0
        stage = ""

        def report(progress: Progress) -> None:
            nonlocal last, stage
            now = time.monotonic()
            if progress.stage != stage or now - last >= SECONDS_BETWEEN_REPORTS:
                last, stage = now, progress.stage
                tell(
                    stage=progress.stage,
                    done=progress.done,
                    total=progress.total,
                    rejected=progress.rejected,
                )

        try:
            done = embed(
                request.source,
                name=request.dataset,
                cache=cache,
                settings=EmbedSettings(extractors=request.extractors),
                on_progress=report,
                stop=stop,
            )
        except ExplorerError as error:
            tell(state="failed", message=str(error))
            return
        except Exception as error:
            log = job_path(cache, request.dataset).with_suffix(".log")
            tell(state="failed", message=f"An error in Explorer itself ({error}); see {log}.")
            raise
        counts = (
            f"{done.embedded:,} embedded, {done.unchanged:,} unchanged, {done.moved:,} moved, "
            f"{done.removed:,} removed, {done.rejected:,} rejected, {done.ignored:,} ignored."
        )
        tell(state="stopped" if done.interrupted else "done", message=counts)


def main(arguments: list[str]) -> None:
    """What `start_job` runs: cache, source, dataset, extractors."""
    cache, source, dataset, *extractors = arguments
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    with contextlib.suppress(ExplorerError):
        run_job(JobRequest(source, dataset, tuple(extractors)), Path(cache), stop)
