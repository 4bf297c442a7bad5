"""The job that learns from the labels in every space that is compared. Needs no Streamlit."""

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from explorer import probe
from explorer.batch import Progress, Report
from explorer.store import open_dataset


@dataclass(frozen=True)
class CompareRequest:
    """Which spaces of which dataset to compare."""

    dataset: str
    spaces: tuple[str, ...]

    @property
    def source(self) -> str:
        """What the list of jobs says of it."""
        return f"comparison of {', '.join(self.spaces)}"

    def checked(self) -> Self:
        """The same: there is nothing to check."""
        return self

    def run(self, cache: Path, on_progress: Report, stop: threading.Event) -> tuple[bool, str]:
        """Learn what has not been learned yet; stopping leaves what is learned."""

        def step(stage: str, done: int, total: int) -> None:
            if stop.is_set():
                raise _Stopped
            on_progress(Progress(stage, done, total))

        dataset = open_dataset(self.dataset, cache=cache)
        try:
            found = probe.compare(dataset, spaces=self.spaces, on_step=step)
        except _Stopped:
            return True, "Stopped. The spaces that were done are kept."
        return False, probe.verdict(found, "label_accuracy") or found.why_not


class _Stopped(Exception):
    """The user has asked the job to stop."""
