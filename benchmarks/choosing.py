"""How long choosing takes, and how well it covers: k-centre and facility location.

    python -m benchmarks.choosing [--size 100000x1280] [--count 1000] [--short] [--json FOLDER]

On 200 groups of very different sizes, each flat in its own directions, and 1 % that is anywhere.
*Plain* is the loop that people write: one product of the whole matrix with a vector for each image
chosen; it is timed on the first of them only.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from rich.console import Console
from rich.table import Table

from benchmarks.machine import save
from benchmarks.planted import Mixture, mixture
from explorer.analysis import coverage, facility_location, k_centers, neighbor_graph, unit_rows

MOST_SECONDS = 60.0  # for 1,000 of 100,000 × 1280 on 2 cores
PLAIN_STEPS = 20

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--size", default="100000x1280", help="rows x dimension")
    parser.add_argument("--count", type=int, default=1000, help="how many to choose")
    parser.add_argument("--short", action="store_true", help="100 of 10,000 x 256")
    parser.add_argument("--json", type=Path, default=Path("benchmarks/results"))
    given = parser.parse_args()
    n, d = map(int, ("10000x256" if given.short else given.size).split("x"))
    count = 100 if given.short else given.count
    results = measure(planted(n, d), count)
    table = Table("way", "seconds", "× plain", "mean (random)", "worst (random)", box=None)
    for way, found in results["ways"].items():
        covers = found["coverage"]
        table.add_row(
            way,
            f"{found['seconds']:.1f}",
            f"{results['plain_seconds'] / found['seconds']:.1f}",
            f"{covers['mean']:.3f} ({covers['random_mean']:.3f})",
            f"{covers['worst']:.3f} ({covers['random_worst']:.3f})",
        )
    Console().print(f"{count:,} of {n:,} × {d:,}; the bar for k-centre is {MOST_SECONDS:.0f} s")
    Console().print(table)
    if not given.short:
        Console().print(f"written to {save('choosing', results, given.json)}")


def planted(n: int, d: int) -> Floats:
    """Rows of length one in groups of very different sizes."""
    return unit_rows(mixture(Mixture(n, d, groups=200, noise=0.01, flat=True))[0])


def measure(unit: Floats, count: int) -> dict[str, Any]:
    """Seconds and coverage of each way; the graph, which is there already, on its own."""
    started = time.perf_counter()
    graph = neighbor_graph(unit)
    graph_seconds = time.perf_counter() - started
    ways: dict[str, Any] = {}
    choices: dict[str, Callable[[], Ints]] = {
        "k-centre": lambda: k_centers(unit, count),
        "facility location": lambda: facility_location(graph, count),
    }
    for way, choose in choices.items():
        started = time.perf_counter()
        chosen = choose()
        seconds = time.perf_counter() - started
        covers = coverage(len(unit), chosen, lambda rows: unit[rows])
        ways[way] = {
            "seconds": round(seconds, 2),
            "coverage": {
                name: round(float(getattr(covers, name)), 4)
                for name in ("mean", "worst", "random_mean", "random_worst")
            },
        }
    return {
        "rows": len(unit),
        "dimension": unit.shape[1],
        "count": count,
        "ways": ways,
        "plain_seconds": round(plain_seconds(unit, count), 1),
        "graph_seconds": round(graph_seconds, 1),
        "most_seconds": MOST_SECONDS,
    }


def plain_seconds(unit: Floats, count: int) -> float:
    """What the plain loop takes for `count` images, from its first steps."""
    steps = min(PLAIN_STEPS, count)
    nearest = np.full(len(unit), -1, np.float32)
    row = 0
    started = time.perf_counter()
    for _ in range(steps):
        np.maximum(nearest, unit @ unit[row], out=nearest)
        row = int(nearest.argmin())
    return (time.perf_counter() - started) * count / steps


if __name__ == "__main__":
    main()
