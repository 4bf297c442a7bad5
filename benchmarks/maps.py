"""How good the map is and how long it takes, beside umap-learn's layout of the same graph.

    python -m benchmarks.maps [--vectors FILE.npz] [--photos FILE.npz] [--short] [--json FOLDER]

`--vectors` and `--photos` hold `vectors` (n, d): of many images, of which sets of several sizes
are drawn, and of few, taken as they are. The layout beside ours is umap-learn's with the same
repulsion, rate and epochs, which is better than with its own (`benchmarks.analysis` compares with
that).
Seconds are processor time of one thread, so that a busy machine does not matter: once numba has
compiled, and of the first map in a process, in which it compiles.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from rich.console import Console
from rich.table import Table
from threadpoolctl import threadpool_limits

from benchmarks.machine import save
from benchmarks.planted import Mixture, mixture
from benchmarks.rivals import umap_fuzzy_set, umap_loop
from explorer.analysis import Graph, MapSettings, map_layout, map_quality, neighbor_graph

DRAWN = (128, 600, 2000, 3000, 10_000)
SEEDS = 3
LARGE = 20_000  # from here on, in two dimensions, once
NEIGHBORS = MapSettings().n_neighbors

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Strategy:
    """Means over the seeds. first: seconds of processor time of the first map in a process."""

    trustworthiness: float
    preservation: float
    seconds: float
    first: float


@dataclass(frozen=True)
class Row:
    """One set of vectors, laid out in so many dimensions."""

    case: str
    images: int
    dimensions: int
    ours: Strategy
    umap: Strategy


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--vectors", type=Path, help="of many images, .npz")
    parser.add_argument("--photos", type=Path, help="of a few, .npz")
    parser.add_argument("--short", action="store_true", help="128 without structure only")
    parser.add_argument("--json", type=Path, default=Path("benchmarks/results"))
    given = parser.parse_args()
    rows = []
    with threadpool_limits(1):
        for case, vectors in cases(given):
            for dimensions in (2, 3) if len(vectors) < LARGE else (2,):
                rows.append(measured(case, vectors, dimensions))
                if not given.short:
                    save("maps", {"rows": [asdict(row) for row in rows]}, given.json)
    show(rows)


def cases(given: argparse.Namespace) -> Iterator[tuple[str, Floats]]:
    """Without structure, planted, and real ones."""
    random = np.random.default_rng(0)
    for n in (128,) if given.short else (128, 3000):
        yield "nothing", random.normal(size=(n, 64)).astype(np.float32)
    if given.short:
        return
    yield "planted", mixture(Mixture(3000, 256))[0]
    if given.photos:
        yield given.photos.stem, np.load(given.photos)["vectors"]
    if given.vectors:
        vectors = np.load(given.vectors)["vectors"]
        for n in DRAWN:
            yield given.vectors.stem, vectors[np.sort(random.permutation(len(vectors))[:n])]
    yield "planted", mixture(Mixture(100_000, 512))[0]


def measured(case: str, vectors: Floats, dimensions: int) -> Row:
    graph = neighbor_graph(vectors)

    def ours(seed: int) -> Floats:
        return map_layout(graph, vectors, MapSettings(dimensions=dimensions, seed=seed))

    def umap(seed: int) -> Floats:
        return umap_loop(umap_fuzzy_set(graph, NEIGHBORS), vectors, dimensions, seed)

    ways = []
    for name, lay_out in (("ours", ours), ("umap", umap)):
        first = first_of_a_process(name, vectors, graph, dimensions)
        ways.append(judged(vectors, lay_out, first))
    return Row(case, len(vectors), dimensions, *ways)


def judged(vectors: Floats, lay_out: Callable[[int], Floats], first: float) -> Strategy:
    lay_out(0)  # whatever compiles, does so now
    found = []
    for seed in range(SEEDS if len(vectors) < LARGE else 1):
        started = time.process_time()
        layout = lay_out(seed)
        spent = time.process_time() - started
        quality = map_quality(layout, vectors)
        found.append((quality.trustworthiness, quality.preservation, spent))
    trustworthiness, preservation, seconds = np.mean(found, axis=0).tolist()
    return Strategy(trustworthiness, preservation, seconds, first)


def first_of_a_process(way: str, vectors: Floats, graph: Graph, dimensions: int) -> float:
    """Seconds of processor time, imports and compiling included."""
    with tempfile.NamedTemporaryFile(suffix=".npz") as file:
        np.savez(file, v=vectors, n=graph.neighbors, s=graph.similarities, d=dimensions)
        file.flush()
        command = [sys.executable, "-m", "benchmarks.maps_once", way, file.name]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(done.stdout)


def show(rows: list[Row]) -> None:
    table = Table("images", "dim.", "trust", "kept", "seconds", "first")
    for row in rows:
        pairs = [
            f"{getattr(row.ours, name):{form}} ({getattr(row.umap, name):{form}})"
            for name, form in (
                ("trustworthiness", ".3f"),
                ("preservation", ".3f"),
                ("seconds", ".2f"),
                ("first", ".1f"),
            )
        ]
        table.add_row(f"{row.case}, {row.images}", str(row.dimensions), *pairs)
    Console().print(table)


if __name__ == "__main__":
    main()
