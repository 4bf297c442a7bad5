"""How fast and how right the analysis is: on planted truth, and against what people would use.

    python -m benchmarks.analysis [--size 10000x1280]… [--real FOLDER] [--short] [--json FOLDER]

`--real` is a folder of labelled images, one sub-folder per label, such as CIFAR-10's test images.
The plain route is umap-learn with its own search, scikit-learn's HDBSCAN on the map and its
LocalOutlierFactor on the vectors. Times are from one run, ours and theirs in turn, numba compiled
before. EVoC and cleanlab are compared with where they are installed.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from rich.console import Console
from rich.table import Table
from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score
from sklearn.metrics import average_precision_score as precision

from benchmarks import rivals
from benchmarks.copies import COPIES, planted, sorts
from benchmarks.machine import machine, save
from benchmarks.planted import Mixture, flipped, mixture, with_outliers
from explorer import EmbedSettings, embed, open_dataset
from explorer.analysis import (
    Duplicates,
    Graph,
    Pictures,
    clusters,
    held_out,
    label_trouble,
    map_layout,
    map_quality,
    near_duplicates,
    neighbor_graph,
    outlier_score,
    read_pictures,
    version_threshold,
)

# Above, the others' outliers and cross-validated labels take many times as long as all the rest.
MOST_COMPARED = 20_000
RECALL = 0.98

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Line:
    """One bar: ours must reach `bar`, which may be what the best of the others reaches."""

    what: str
    case: str
    ours: float
    bar: float
    beside: str

    @property
    def holds(self) -> bool:
        return bool(self.ours >= self.bar - 0.0005)  # equal to three decimals


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--size", action="append", help="rows x dimension; default 10000x1280")
    parser.add_argument("--real", type=Path, help="a folder of labelled images")
    parser.add_argument("--short", action="store_true", help="small, planted truth only")
    parser.add_argument("--json", type=Path, default=Path("benchmarks/results"))
    given = parser.parse_args()
    sizes = ["3000x256"] if given.short else given.size or ["10000x1280"]
    lines: list[Line] = []
    seconds: dict[str, dict[str, float]] = {}
    rivals.warm_up()
    for size in sizes:
        n, d = (int(part) for part in size.split("x"))
        vectors, truth = mixture(Mixture(n, d))
        lines += speed(vectors, f"planted {size}", seconds)
        lines += planted_clusters(n, d)
        if n <= MOST_COMPARED:
            lines += planted_outliers(n, d) + planted_labels(n, d)
        keep(lines, seconds, given)
    if given.real and not given.short:
        vectors, truth, photos = real_vectors(given.real)
        name = f"{given.real.name} {len(vectors)}x{vectors.shape[1]}"
        lines += speed(vectors, name, seconds)
        lines += real_clusters(vectors, truth, name)
        lines += outliers(f"photos in {name}", *with_photos(vectors, photos))
        lines += labels(name, vectors, truth, least=0.0)
        lines += duplicates(given.real)
    show(lines, seconds)
    keep(lines, seconds, given)


def keep(
    lines: list[Line], seconds: dict[str, dict[str, float]], given: argparse.Namespace
) -> None:
    """Write what is known so far: the large sizes take long."""
    if not given.short:
        results = {"bars": [asdict(line) | {"holds": line.holds} for line in lines]}
        save("analysis", {"seconds": seconds, **results}, given.json)


def speed(vectors: Floats, case: str, seconds: dict[str, dict[str, float]]) -> list[Line]:
    """All of our columns against the plain route; the two maps; the graph alone."""
    timed_again = partial(timed, turns=3 if len(vectors) <= MOST_COMPARED else 1)
    ours: dict[str, float] = {}
    graph = timed_again(ours, "graph", lambda: neighbor_graph(vectors))
    layout = timed_again(ours, "map", lambda: map_layout(graph, vectors))
    timed_again(ours, "clusters", lambda: clusters(graph))
    timed_again(ours, "outliers", lambda: outlier_score(graph))
    n = len(vectors)
    find = partial(grouped, graph, vectors, read_pictures([None] * n), np.zeros(n))
    timed_again(ours, "duplicates", find)
    theirs: dict[str, float] = {}
    plain = timed_again(theirs, "map", lambda: rivals.umap_layout(vectors))
    timed_again(theirs, "clusters", lambda: rivals.hdbscan(plain, 5))
    timed_again(theirs, "outliers", lambda: rivals.local_outlier_factor(vectors))
    search: dict[str, float] = {}
    timed_again(search, "exact", lambda: rivals.exact_graph(vectors, 31))
    found = timed_again(search, "pynndescent", lambda: rivals.pynndescent_graph(vectors, 31))
    theirs_found = rivals.recall(vectors, rivals.without_self(found), 15)
    seconds |= {f"ours, {case}": ours, f"plain, {case}": theirs, f"search alone, {case}": search}
    mine, other = map_quality(layout, vectors), map_quality(plain, vectors)
    ratio = sum(theirs.values()) / sum(ours.values())
    # A search counts only if it finds what ours must find.
    fastest = "pynndescent" if theirs_found >= RECALL else "exact"
    fastest = min(("exact", fastest), key=lambda name: search[name])
    beside = f"{fastest}; pynndescent's recall {theirs_found:.2f}"
    return [
        Line("times the plain route", case, ratio, 5 if len(vectors) > 50_000 else 4, ""),
        Line("graph: times the faster search", case, search[fastest] / ours["graph"], 0.9, beside),
        Line("graph: recall@15", case, rivals.recall(vectors, graph.neighbors, 15), RECALL, ""),
        Line(
            "map: trustworthiness",
            case,
            mine.trustworthiness,
            other.trustworthiness - 0.005,
            "umap-learn",
        ),
        Line("map: preservation", case, mine.preservation, other.preservation, "umap-learn"),
    ]


def timed(into: dict[str, float], name: str, work: Callable[[], Any], *, turns: int = 1) -> Any:
    """The result of some work, and into a dict the median of its seconds."""
    spent = []
    for _ in range(turns):
        started = time.perf_counter()
        result = work()
        spent.append(time.perf_counter() - started)
    into[name] = statistics.median(spent)
    return result


def planted_clusters(n: int, d: int) -> list[Line]:
    lines = []
    for flat in (False, True):
        vectors, truth = mixture(Mixture(n, d, ratio=50, noise=0.1, flat=flat))
        found = clusters(neighbor_graph(vectors))
        inside = truth >= 0
        plain = rivals.kmeans(vectors, 20)
        beside = f"k-means {adjusted_rand_score(truth[inside], plain[inside]):.2f}"
        case = f"planted {n}x{d}" + (", flat" if flat else "")
        lines.append(
            Line("clusters: Rand index", case, adjusted_rand_score(truth, found), 0.95, beside)
        )
    return lines


def real_clusters(vectors: Floats, truth: Ints, name: str) -> list[Line]:
    graph = neighbor_graph(vectors)
    found = clusters(graph)
    layout = map_layout(graph, vectors)
    others = {
        "k-means": [rivals.kmeans(vectors, int(found.max()) + 1)],
        "HDBSCAN": [rivals.hdbscan(layout, size) for size in (5, 15, 50)],
        "EVoC": rivals.evoc(vectors),
    }
    scores = {
        f"{method} {len(np.unique(codes)) - 1}": adjusted_mutual_info_score(truth, codes)
        for method, levels in others.items()
        for codes in levels
    }
    return [against("clusters: mutual information", name, ami(truth, found), scores, 0.0)]


def ami(truth: Ints, found: npt.NDArray[np.int32]) -> float:
    return float(adjusted_mutual_info_score(truth, found))


def planted_outliers(n: int, d: int) -> list[Line]:
    lines = []
    for kind in ("sphere", "bridge", "group"):
        groups = mixture(Mixture(n, d, ratio=5, noise=0, spread=1.0, flat=True))
        vectors, odd = with_outliers(*groups, kind)
        lines += outliers(f"{kind}, planted {n}x{d}", vectors, odd)
    return lines


def outliers(case: str, vectors: Floats, odd: npt.NDArray[np.bool_]) -> list[Line]:
    graph = neighbor_graph(vectors)
    ours = precision(odd, outlier_score(graph))
    scores = {
        name: float(precision(odd, score)) for name, score in rivals.outliers(vectors).items()
    }
    lines = [against("outliers: average precision", case, ours, scores, 0.03)]
    if case.startswith("sphere"):
        lines.append(Line("outliers: average precision", case, ours, 0.95, ""))
    return lines


def planted_labels(n: int, d: int) -> list[Line]:
    vectors, truth = mixture(Mixture(n, d, ratio=5, noise=0.01, spread=1.0))
    return labels(f"planted {n}x{d}", vectors, np.where(truth < 0, 0, truth), least=0.9)


def labels(case: str, vectors: Floats, truth: Ints, *, least: float) -> list[Line]:
    given, wrong = flipped(truth)
    ours = float(precision(wrong, label_trouble(held_out(vectors, given, repeats=3), given)))
    scores = {
        name: float(precision(wrong, score))
        for name, score in rivals.label_trouble(vectors, given).items()
    }
    lines = [against("labels: average precision", case, ours, scores, 0.0)]
    return lines + ([Line("labels: average precision", case, ours, least, "")] if least else [])


def duplicates(folder: Path) -> list[Line]:
    lines = []
    for name, images in sorts(folder).items():
        given = planted(images)
        pictures = read_pictures(given.hashes, contrast=given.contrast)
        found = grouped(neighbor_graph(given.vectors), given.vectors, pictures, given.pixels)
        same = (found.group[:, None] == found.group) & (found.group >= 0)[:, None]
        np.fill_diagonal(same, False)
        right = same & (given.original[:, None] == given.original)
        share = float(right.sum() / max(same.sum(), 1))
        lines.append(Line("duplicates: precision", name, share, 0.95, ""))
        originals = np.arange(0, len(same), len(COPIES))
        lines += [
            Line(
                f"duplicates: {kind}", name, float(same[originals, originals + at].mean()), bar, ""
            )
            for at, kind in enumerate(COPIES[1:], 1)
            for bar in [0.97 if kind == "half size" else 0.95]
        ]
    return lines


def grouped(
    graph: Graph, vectors: Floats, pictures: Pictures, quality: npt.ArrayLike
) -> Duplicates:
    threshold = version_threshold(vectors, pictures.groups())
    return near_duplicates(graph, vectors, threshold=threshold, quality=quality, pictures=pictures)


def against(what: str, case: str, ours: float, scores: dict[str, float], slack: float) -> Line:
    """A bar set by the best of the others."""
    best = max(scores, key=lambda name: scores[name])
    return Line(what, case, float(ours), scores[best] - slack, f"{best}: {scores[best]:.3f}")


def real_vectors(folder: Path) -> tuple[Floats, Ints, Floats]:
    """The vectors and label codes of the folder's images, and the vectors of the sample photos."""
    with tempfile.TemporaryDirectory(prefix="explorer-bench-") as cache:
        settings = EmbedSettings(analyze=False)
        for source in (folder, Path("sample_data")):
            embed(source, cache=Path(cache), settings=settings)
        data = open_dataset(folder.name, cache=Path(cache))
        names = np.array(data.table(["label"])["label"].to_pylist(), dtype=str)
        photos = open_dataset("sample_data", cache=Path(cache)).space().embeddings()
        return data.space().embeddings(), np.unique(names, return_inverse=True)[1], photos


def with_photos(vectors: Floats, photos: Floats) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Photos among small images: outliers of another kind, 1 %."""
    count = min(len(photos), len(vectors) // 100)
    chosen = np.random.default_rng(0).choice(len(photos), count, replace=False)
    odd = np.arange(len(vectors) + count) >= len(vectors)
    return np.concatenate([vectors, photos[chosen]]), odd


def show(lines: list[Line], seconds: dict[str, dict[str, float]]) -> None:
    table = Table("what", "case", "ours", "bar", "beside", "holds")
    for line in lines:
        holds = "yes" if line.holds else "NO"
        table.add_row(
            line.what, line.case, f"{line.ours:.3f}", f"{line.bar:.3f}", line.beside, holds
        )
    Console().print(table)
    times = Table("seconds", "of", "all")
    for name, steps in seconds.items():
        each = ", ".join(f"{step} {spent:.1f}" for step, spent in steps.items())
        times.add_row(name, each, f"{sum(steps.values()):.1f}")
    Console().print(times)
    about = machine()
    Console().print(f"{about['processor']}, {about['cores']} cores, {about['memory_gib']} GiB")


if __name__ == "__main__":
    main()
