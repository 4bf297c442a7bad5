"""The first minute, by part: commands and what they import, `make demo`, *Add images*.

    python -m benchmarks.first_minute [--turns 5] [--only PART]… [--json FOLDER]
    python -m benchmarks.first_minute --checkout FOLDER --as before

On the 128 photos of sample_data/, once with nothing warm (empty folders for datasets, converted
models and numba's cache) and then warm. Set-up, which is a matter of the network, is over. Times
are seconds as seen from outside, and seconds of processor time; what is compared is measured in
turns, and told as a ratio. --checkout measures the code of another folder in this environment.
"""

import argparse
import json
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console
from rich.table import Table

from benchmarks import first_sight
from benchmarks.machine import machine

ROOT = Path(__file__).parents[1]
EXPLORER = str(Path(sys.executable).with_name("explorer"))
MAIN = "from explorer.cli import main; main()"
NOTHING = "python -c pass"
EMBED = ["embed", "sample_data"]
COMMANDS = {
    "--help": ["--help"],
    "wrong usage": ["embed", "x", "--nope"],
    "embed --help": ["embed", "--help"],
    "info": ["info", "sample_data"],
    "search": ["search", "sample_data", "--id", "0"],
    "tag": ["tag", "sample_data"],
    "select": ["select", "sample_data", "--how", "random", "-k", "5"],
    "export": ["export", "sample_data", "--to", "{folder}/set", "--force"],
}
BARS = {  # seconds on two quiet cores
    "--help": 0.4,
    "info": 0.8,
    "embed, nothing warm": 15.0,
    "embed, warm": 6.0,
    "make demo: first photo, warm": 8.0,
}
RATIOS = {"--help / python -c pass": 8.0, "embed / embed --no-analyze": 1.4}
IMPORT = re.compile(r"import time: +(\d+) \| +\d+ \| +(\S+)")  # its own microseconds, its name
# Runs the command line and then tells, on the last line of standard error, what numba compiled.
COMPILED = """
import atexit, json, sys
from numba.core import event
recorder = event.RecordingListener()
event.register("numba:compile", recorder)
def tell():
    depth, began, seconds, count = 0, 0.0, 0.0, 0
    for when, each in recorder.buffer:
        depth += 1 if each.is_start else -1
        count += each.is_start
        if each.is_start and depth == 1:
            began = when
        elif depth == 0:
            seconds += when - began
    print(json.dumps({"functions": count, "seconds": round(seconds, 2)}), file=sys.stderr)
atexit.register(tell)
from explorer.cli import main
main()
"""

Figures = dict[str, Any]


class Taken(NamedTuple):
    """What a command took: seconds, seconds of processor time in them; and what it said."""

    seconds: float
    processor: float
    said: str


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--only", action="append", choices=PARTS, metavar="PART")
    parser.add_argument("--checkout", type=Path, default=ROOT, metavar="FOLDER")
    parser.add_argument("--as", dest="name", default="after", help="the name of these figures")
    parser.add_argument("--json", type=Path, default=Path("benchmarks/results"))
    given = parser.parse_args()
    file = given.json / "first_minute.json"
    results = json.loads(file.read_text()) if file.exists() else {}
    given.json.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        minute = Minute(given.checkout.resolve(), Path(folder), given.turns)
        for part in given.only or PARTS:
            found = results.setdefault(given.name, {})
            found |= {"machine": machine(), "code": commit(given.checkout)}
            found[part] = PARTS[part](minute)
            file.write_text(json.dumps(results, indent=2) + "\n")
    show(results)


class Minute:
    """The measurements of one checkout; what they leave behind lies in `folder`."""

    def __init__(self, checkout: Path, folder: Path, turns: int) -> None:
        self.checkout, self.folder, self.turns = checkout, folder, turns
        self.fresh = 0

    def environment(self, models: str = "warm") -> dict[str, str]:
        """An empty folder for datasets each time; models and numba's cache lie under a name."""
        self.fresh += 1
        cache = self.folder / f"{self.fresh}" / "cache"
        cache.parent.mkdir()
        return os.environ | {
            "EXPLORER_CACHE": str(cache),
            "EXPLORER_MODELS": str(self.folder / models / "models"),
            "NUMBA_CACHE_DIR": str(self.folder / models / "numba"),
            "PYTHONPATH": str(self.checkout),
        }

    def run(self, command: list[str], environment: dict[str, str], code: int = 0) -> Taken:
        before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        done = subprocess.run(
            command, cwd=self.checkout, env=environment, capture_output=True, text=True
        )
        seconds, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
        if done.returncode != code:
            raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}: {done.stderr}")
        worked = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return Taken(seconds, worked, done.stderr)

    def explore(self, line: list[str], environment: dict[str, str], code: int = 0) -> Taken:
        return self.run([EXPLORER, *line], environment, code)


def embedding(minute: Minute) -> Figures:
    """The whole job with nothing warm; what numba compiles; warm, in turns without analysis."""
    found = {"embed, nothing warm": told([minute.explore(EMBED, minute.environment("cold"))])}
    said = minute.run([sys.executable, "-c", COMPILED, *EMBED], minute.environment()).said
    without = [*EMBED, "--no-analyze"]
    times: dict[str, list[Taken]] = {"embed, warm": [], "embed --no-analyze, warm": []}
    for _ in range(minute.turns):
        for name, line in zip(times, (EMBED, without), strict=True):
            times[name].append(minute.explore(line, minute.environment()))
    embedded = minute.environment()
    minute.explore(without, embedded)
    times["analyze"] = [minute.explore(["analyze"], embedded)]
    numba = json.loads(said.splitlines()[-1])
    return found | {name: told(each) for name, each in times.items()} | {"numba": numba}


def commands(minute: Minute) -> Figures:
    """Each command in turns, beside a Python that does nothing, and what it imports."""
    environment = minute.environment()
    minute.explore(EMBED, environment)
    lines = {
        name: [each.format(folder=minute.folder) for each in line]
        for name, line in COMMANDS.items()
    }
    times: dict[str, list[Taken]] = {name: [] for name in (NOTHING, *lines)}
    for _ in range(minute.turns):
        times[NOTHING].append(minute.run([sys.executable, "-c", "pass"], environment))
        for name, line in lines.items():
            code = 2 if name == "wrong usage" else 0
            times[name].append(minute.explore(line, environment, code))
    found = {name: told(each) for name, each in times.items()}
    for name, line in lines.items():
        timed = [sys.executable, "-X", "importtime", "-c", MAIN, *line]
        code = 2 if name == "wrong usage" else 0
        found[name]["imports"] = imports(minute.run(timed, environment, code).said)
    return found


def imports(said: str) -> dict[str, int]:
    """Milliseconds that each top-level package took to be imported, the dearest ones."""
    spent: Counter[str] = Counter()
    for line in said.splitlines():
        if named := IMPORT.match(line):
            spent[named[2].partition(".")[0]] += int(named[1])
    return {name: round(us / 1000) for name, us in spent.most_common(12) if us >= 1000}


def make_demo(minute: Minute) -> Figures:
    return first_sight.cold_and_warm(first_sight.demo, minute.checkout, minute.environment)


def add_images(minute: Minute) -> Figures:
    return first_sight.cold_and_warm(first_sight.added, minute.checkout, minute.environment)


PARTS = {
    "commands": commands,
    "embedding": embedding,
    "make demo": make_demo,
    "Add images": add_images,
}


def told(taken: list[Taken]) -> dict[str, Any]:
    return {
        "seconds": round(statistics.median(each.seconds for each in taken), 3),
        "processor": round(statistics.median(each.processor for each in taken), 3),
    }


def commit(checkout: Path) -> str:
    command = ["git", "-C", str(checkout), "rev-parse", "--short", "HEAD"]
    return subprocess.run(command, capture_output=True, text=True).stdout.strip()


def compared(results: dict[str, Figures]) -> list[list[str]]:
    """The lines of the table: what it is, seconds (of processor time) before and after, the bar."""
    figures = [rows(measured) for measured in results.values()]
    lines = []
    for what in dict.fromkeys(what for each in figures for what in each):
        bar = (BARS | RATIOS).get(what)
        lines.append(
            [what, *(shown(each.get(what)) for each in figures), "" if bar is None else f"{bar:g}"]
        )
    return lines


def shown(taken: tuple[float, float | None] | None) -> str:
    if taken is None:
        return ""
    seconds, worked = taken
    return f"{seconds:.2f}" if worked is None else f"{seconds:.2f} ({worked:.2f})"


def rows(measured: Figures) -> dict[str, tuple[float, float | None]]:
    """The table's figures by what they are: seconds, and seconds of processor time."""
    figures: dict[str, tuple[float, float | None]] = {}
    for part in ("commands", "embedding"):
        for name, each in measured.get(part, {}).items():
            figures["numba compiles" if name == "numba" else name] = (
                each["seconds"],
                each.get("processor"),
            )
    for part in ("make demo", "Add images"):
        for state, seen in measured.get(part, {}).items():
            figures |= {f"{part}: {what}, {state}": (each, None) for what, each in seen.items()}
    for ratio, (over, under) in {
        "--help / python -c pass": ("--help", NOTHING),
        "embed / embed --no-analyze": ("embed, warm", "embed --no-analyze, warm"),
    }.items():
        if over in figures and under in figures:
            worked = (figures[over][1] or 0) / (figures[under][1] or 1)
            figures[ratio] = figures[over][0] / figures[under][0], worked
    return figures


def show(results: dict[str, Figures]) -> None:
    table = Table("what: seconds (of processor time)", *results, "bar", box=None)
    for line in compared(results):
        table.add_row(*line)
    Console().print(table)


if __name__ == "__main__":
    main()
