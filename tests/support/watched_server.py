"""A server whose memory is watched."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from support.browser import process_of, running_app


@dataclass(frozen=True)
class Server:
    """A running app: its address, the number of its process, where its datasets and its log are."""

    url: str
    pid: int
    cache: Path
    log: Path

    def megabytes(self, what: str = "VmRSS") -> float:
        """What it takes of memory now (or at most, `VmHWM`)."""
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(what)) / 1024

    @contextmanager
    def may_grow_by(self, megabytes: float) -> Iterator[None]:
        """It takes at most so much more at any moment meanwhile."""
        Path(f"/proc/{self.pid}/clear_refs").write_text("5")  # the peak counts from here on
        before = self.megabytes()
        yield
        grown = self.megabytes("VmHWM") - before
        assert grown < megabytes, f"{grown:.0f} MB"


@contextmanager
def watched_server(cache: Path, log: Path) -> Iterator[Server]:
    """The app on the sample photos in a cache."""
    arguments = ("--dataset", "sample_data")
    with running_app("explorer/app.py", arguments, log, env={"EXPLORER_CACHE": str(cache)}) as url:
        yield Server(url, process_of(url), cache, log)
        assert "Traceback" not in log.read_text(), log.read_text()
