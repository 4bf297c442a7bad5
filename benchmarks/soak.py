"""What the product withstands: the tests of the suite with many more kills, events, reruns …

    python -m benchmarks.soak [--only PART]… [--json FOLDER]      (`make soak`)

Each part is a few test files and how much they are to try; what they count is written to
benchmarks/results/soak.json. A full disk is a small file system, which only root may mount.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree

from rich.console import Console
from rich.table import Table

from benchmarks.first_minute import commit
from benchmarks.machine import machine

ROOT = Path(__file__).parents[1]
ENDURANCE = "tests/adversary/test_adversary_endurance.py"

Figures = dict[str, Any]


class Part(NamedTuple):
    """Test files (or pytest's options), and the environment that says how much they try."""

    tests: list[str]
    environment: dict[str, str]


PARTS = {
    "kills": Part(["tests/batch/test_batch_kill.py"], {"EXPLORER_KILL_POINTS": "200"}),
    "full disk": Part(["tests/batch/test_batch_disk_full.py"], {"EXPLORER_FULL_DISK": "mount"}),
    "odd files": Part(
        ["tests/adversary/test_fuzz.py", "tests/adversary/test_hostile_folder.py"],
        {"EXPLORER_FUZZ_SECONDS": "120"},
    ),
    "requests": Part(
        ["tests/adversary/test_adversary_requests.py"], {"EXPLORER_REQUESTS": "10000"}
    ),
    "three users": Part(["tests/store/test_store_three_users.py"], {"EXPLORER_HISTORIES": "500"}),
    "events by HTTP": Part([ENDURANCE, "-k", "event"], {"EXPLORER_EVENTS": "2000"}),
    "events in Chromium": Part(
        ["tests/e2e/test_events_arrive.py", "-k", "no_key_is_lost"], {"EXPLORER_EVENTS": "2000"}
    ),
    "reruns": Part([ENDURANCE, "-k", "rerun or window"], {"EXPLORER_RERUNS": "5000"}),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--only", action="append", choices=PARTS, metavar="PART")
    parser.add_argument("--json", type=Path, default=Path("benchmarks/results"))
    given = parser.parse_args()
    file = given.json / "soak.json"
    results = json.loads(file.read_text()) if file.exists() else {}
    given.json.mkdir(parents=True, exist_ok=True)
    for name in given.only or PARTS:
        found = {"code": commit(ROOT), "machine": machine(), **tried(PARTS[name])}
        results = json.loads(file.read_text()) if file.exists() else {}
        results[name] = found
        file.write_text(json.dumps(results, indent=2) + "\n")
    show(results)
    sys.exit(any(results[name]["failed"] for name in given.only or PARTS))


def tried(part: Part) -> Figures:
    """What the tests of a part count, how many there were, and how many of them failed."""
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", f"--junitxml={report}", *part.tests]
        command += ["-o", "junit_family=xunit1"]
        subprocess.run(command, cwd=ROOT, env=os.environ | part.environment, check=False)
        suite = next(ElementTree.parse(report).iter("testsuite"))
    counted = {name: int(suite.get(name) or 0) for name in ("tests", "failures", "errors")}
    figures: Figures = {
        "tests": counted["tests"],
        "failed": counted["failures"] + counted["errors"],
        "seconds": round(time.perf_counter() - began),
    }
    properties = [(each.get("name", ""), each.get("value", "")) for each in suite.iter("property")]
    properties = [pair for pair in properties if not pair[0].startswith("hypothesis-")]
    if not properties:
        tries = part.environment.items()
        properties = [(name.removeprefix("EXPLORER_").lower(), value) for name, value in tries]
    for name, text in properties:
        value = json.loads(text)
        figures[name] = value if isinstance(value, list) else figures.get(name, 0) + value
    return figures


def told(results: dict[str, Figures]) -> list[list[str]]:
    """The lines of the table: what was tried, how much of it, what came of it."""
    lines = []
    for part, found in results.items():
        skipped = {"code", "machine", "tests", "failed", "seconds"}
        figures = [
            f"{value:,} {name}"
            for name, value in found.items()
            if name not in skipped and not isinstance(value, list)
        ]
        failed = f"{found['failed']} of {found['tests']}"
        lines.append([part, "; ".join(figures), failed, f"{found['seconds'] / 60:.0f}"])
    return lines


def show(results: dict[str, Figures]) -> None:
    table = Table("part", "tried", "tests that failed", "minutes", box=None)
    for line in told(results):
        table.add_row(*line)
    Console().print(table)


if __name__ == "__main__":
    main()
