"""The progress bar of the commands that take a while."""

import contextlib
from collections.abc import Callable, Iterator

from rich.progress import BarColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from explorer.batch import Progress
from explorer.cli.terminal import err


@contextlib.contextmanager
def progress_bar(unit: str) -> Iterator[Callable[[Progress], None]]:
    """Show what a job is at, with rate and time left; yields the function that reports go to."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[count]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        TextColumn("[yellow]{task.fields[note]}"),
    )
    with Bar(*columns, console=err, disable=not err.is_terminal) as bar:
        task = bar.add_task("", total=None, count="", note="")
        stage = ""

        def report(progress: Progress) -> None:
            nonlocal stage
            if progress.stage != stage:
                stage = progress.stage
                bar.reset(task, total=progress.total or None, description=stage)
            bar.update(task, completed=progress.done, total=progress.total or None)
            speed = bar.tasks[0].speed
            rate = f" · {speed:,.0f} {unit}/s" if speed else ""
            count = f"{progress.done:,} of {progress.total:,}{rate}" if progress.total else ""
            note = f"{progress.rejected:,} rejected" if progress.rejected else ""
            bar.update(task, count=count, note=note)

        yield report
