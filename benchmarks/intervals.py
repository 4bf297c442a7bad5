"""Do intervals hold what they promise? Coverage, false alarms and power, by simulation.

    python -m benchmarks.intervals [--vectors FILE.npz] [--draws 120] [--short] [--json FOLDER]

Two views of the same labelled images, each with noise of its own, so that neither is better: of
mixtures of Gaussians, and of real vectors (a file with `vectors` (n, d) and `labels` (n,)). From
each sort, sets of 300 labelled images are drawn again and again. *Truth* is the mean of a figure
over all draws, which is what its interval is of: what is to be expected of other images of the same
kind, judged by as many. *Held*: the share of the intervals of both views that hold it. *False*: the
share in which one of the two equal views is called better. *Seen*: the share in which the better
one is called so, when the other has as much more noise as costs it three points of accuracy.
*At 3 points*: the same for exactly three, by the normal curve through the power that was seen at
the difference that was seen; its standard error by drawing the sets again. *Bound*: what a test
could see there that compares one answer of each image, right or wrong (McNemar's), if it knew how
often two answers differ, and if the images' answers were independent (Connor, "Sample size for
testing differences in proportions for the paired-sample design", 1987). *Before*: the same of the
ways that it replaced (Wilson and McNemar on the nearest neighbour).
"""

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from rich.console import Console
from rich.table import Table
from scipy.stats import norm
from threadpoolctl import threadpool_limits

from benchmarks.machine import save
from explorer.analysis import (
    PRESENT,
    REPEATS,
    Estimate,
    Judged,
    LabelAccuracy,
    Paired,
    difference,
    held_out,
    judged_by_classifier,
    judged_by_nearest,
    knn_accuracy,
    label_accuracy,
    neighbour_graph,
    share_right,
)

IMAGES = 300
POINTS = 0.03
DRAWN = 50  # sets of images for each amount of noise that is tried
NOISES = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6)

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Sort:
    """draw: (random, n) to what is true of n images, (n, d) and (n,); noise: of both views."""

    name: str
    draw: Callable[[np.random.Generator, int], tuple[Floats, Ints]]
    noise: float


@dataclass(frozen=True)
class Said:
    """What is said of two views of one set of images. differ: the share told right in one alone."""

    first: Estimate | LabelAccuracy
    second: Estimate | LabelAccuracy
    apart: Paired
    differ: float
    before: tuple[Estimate, Paired] | None = None


@dataclass(frozen=True)
class Measure:
    """judge: all that is said of two views; figure: that of one alone, quickly."""

    judge: Callable[[list[Floats], Ints], Said]
    figure: Callable[[Floats, Ints], float]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--vectors", type=Path, help="labelled vectors, .npz")
    parser.add_argument("--draws", type=int, default=120)
    parser.add_argument("--short", action="store_true", help="40 draws of one sort")
    parser.add_argument("--json", type=Path, default=Path("benchmarks/results"))
    given = parser.parse_args()
    sorts = SORTS[:1] if given.short else [*SORTS, *real(given.vectors)]
    draws = 40 if given.short else given.draws
    rows = []
    with threadpool_limits(1):
        for sort in sorts:
            for name, by in MEASURES.items():
                rows.append(measure(sort, name, by, draws))
                Console().print(", ".join(map(str, rows[-1].values())), style="dim")
    table = Table(*rows[0], box=None)
    for row in rows:
        table.add_row(*("–" if each is None else str(each) for each in row.values()))
    Console().print(table)
    if not given.short:
        results = {"images": IMAGES, "points": POINTS, "draws": draws, "rows": rows}
        Console().print(f"written to {save('intervals', results, given.json)}")


def mixture(classes: int, d: int, apart: float) -> Callable[..., tuple[Floats, Ints]]:
    """Gaussians of length about one around centres at the distance `apart` from the middle."""
    centres = np.random.default_rng(7).normal(size=(classes, d))
    centres *= apart / np.linalg.norm(centres, axis=1, keepdims=True)

    def draw(random: np.random.Generator, n: int) -> tuple[Floats, Ints]:
        labels = random.integers(0, classes, n)
        rows = centres[labels] + random.normal(size=(n, d)) / d**0.5
        return rows.astype(np.float32), labels

    return draw


SORTS = [
    Sort("2 classes, 3 dimensions", mixture(2, 3, 0.9), 0.5),
    Sort("10 classes, 10 dimensions", mixture(10, 10, 1.3), 0.5),
    Sort("10 classes, 40 dimensions", mixture(10, 40, 0.9), 0.5),
    Sort("nothing: 5 labels, 20 dimensions", mixture(5, 20, 0.0), 0.5),
]


def real(file: Path | None) -> list[Sort]:
    """Subsets of real vectors: their first 64 principal components, scaled to one."""
    if file is None:
        return []
    stored = np.load(file)
    vectors = stored["vectors"] / np.linalg.norm(stored["vectors"], axis=1, keepdims=True)
    labels = np.unique(stored["labels"], return_inverse=True)[1].astype(np.int64)
    centred = vectors - vectors.mean(axis=0)
    axes = np.linalg.svd(centred[:: max(1, len(centred) // 2000)], full_matrices=False)[2][:64]
    rows = centred @ axes.T
    rows /= np.sqrt((rows**2).sum(axis=1).mean())

    def draw(random: np.random.Generator, n: int) -> tuple[Floats, Ints]:
        chosen = random.choice(len(rows), n, replace=False)
        return rows[chosen].astype(np.float32), labels[chosen]

    return [Sort(file.stem, draw, 0.3)]


def views(sort: Sort, seed: int, more: float) -> tuple[list[Floats], Ints]:
    """Two views of one set of images, the second with more noise."""
    random = np.random.default_rng(seed)
    truth, labels = sort.draw(random, IMAGES)
    noises = [random.normal(size=truth.shape) / truth.shape[1] ** 0.5 for _ in range(2)]
    amounts = (sort.noise, sort.noise + more)
    made = [truth + amount * noise for amount, noise in zip(amounts, noises, strict=True)]
    return [each.astype(np.float32) for each in made], labels


def by_nearest(both: list[Floats], labels: Ints) -> Said:
    graphs = [neighbour_graph(each) for each in both]
    alone = [judged_by_nearest(graph, labels) for graph in graphs]
    thinned = [judged_by_nearest(graph, labels, present=PRESENT) for graph in graphs]
    unknowing = [Judged(each.right) for each in alone]
    first, second = map(share_right, alone)
    differ = float(np.mean(alone[0].right != alone[1].right))
    before = share_right(unknowing[0]), difference(*unknowing)
    return Said(first, second, difference(*thinned), differ, before)


def by_classifier(both: list[Floats], labels: Ints) -> Said:
    found = [held_out(each, labels, repeats=REPEATS) for each in both]
    first, second = (label_accuracy(each, labels) for each in found)
    assert first is not None
    assert second is not None
    pairs = zip(both, found, strict=True)
    judged = [judged_by_classifier(view, labels, of_it) for view, of_it in pairs]
    differ = float(np.mean(found[0].right[0] != found[1].right[0]))
    return Said(first, second, difference(*judged), differ)


MEASURES: Mapping[str, Measure] = {
    "nearest neighbour": Measure(
        by_nearest, lambda view, labels: knn_accuracy(neighbour_graph(view), labels)
    ),
    "label accuracy": Measure(
        by_classifier, lambda view, labels: float(held_out(view, labels).right.mean())
    ),
}


def measure(sort: Sort, name: str, by: Measure, draws: int) -> dict[str, Any]:
    """One row of the table."""
    equal = [by.judge(*views(sort, seed, 0.0)) for seed in range(draws)]
    figures = [each for said in equal for each in (said.first, said.second)]
    truth = float(np.mean([each.value for each in figures]))
    row: dict[str, Any] = {
        "sort": sort.name,
        "measure": name,
        "truth": round(truth, 3),
        "held": held([each for said in equal for each in (said.first, said.second)], truth),
        "false": called(equal),
        "held before": None,
        "false before": None,
    }
    before = [each.before for each in equal if each.before]
    if before:
        row["held before"] = held([interval for interval, _ in before], truth)
        row["false before"] = round(float(np.mean([pair.p < 0.05 for _, pair in before])), 3)
    if "nothing" in sort.name:
        return row | dict.fromkeys(("points", "seen", "at 3 points", "error", "bound"))
    more = noise_for(sort, by.figure, POINTS)
    return row | power([by.judge(*views(sort, 10_000 + seed, more)) for seed in range(draws)])


def power(worse: list[Said]) -> dict[str, float]:
    """How often the better one is called so, of sets in which the second view is worse."""
    apart = np.array([each.first.value - each.second.value for each in worse])
    seen = np.array([each.apart.p < 0.05 and each.apart.by.value > 0 for each in worse])
    differ = float(np.mean([each.differ for each in worse]))
    bound = norm.cdf(POINTS / np.sqrt((differ - POINTS**2) / IMAGES) - _Z)
    random = np.random.default_rng(0)
    again = random.integers(0, len(worse), (1000, len(worse)))
    drawn = [at_points(apart[rows], seen[rows]) for rows in again]
    return {
        "points": round(100 * float(apart.mean()), 1),
        "seen": round(float(seen.mean()), 3),
        "at 3 points": round(at_points(apart, seen), 2),
        "error": round(float(np.std(drawn)), 2),
        "bound": round(float(bound), 2),
    }


_Z = float(norm.ppf(0.975))


def at_points(apart: Floats, seen: npt.NDArray[np.bool_]) -> float:
    """The power at exactly the points asked for, by the normal curve through what was seen."""
    share = np.clip(seen.mean(), 0.5 / len(seen), 1 - 0.5 / len(seen))
    errors = (norm.ppf(share) + _Z) * POINTS / max(float(apart.mean()), 1e-3)
    return float(norm.cdf(errors - _Z))


def held(intervals: list[Any], truth: float) -> float:
    return round(float(np.mean([each.low <= truth <= each.high for each in intervals])), 3)


def called(said: list[Said]) -> float:
    """How often one of the two views is called better."""
    return round(float(np.mean([each.apart.p < 0.05 for each in said])), 3)


def noise_for(sort: Sort, figure: Callable[[Floats, Ints], float], points: float) -> float:
    """The noise that costs so many points."""
    costs = [0.0]
    for noise in NOISES:
        found = []
        for seed in range(DRAWN):
            (first, second), labels = views(sort, 20_000 + seed, noise)
            found.append(figure(first, labels) - figure(second, labels))
        costs.append(float(np.mean(found)))
        if costs[-1] > points:
            break
    return float(np.interp(points, np.maximum.accumulate(costs), [0, *NOISES][: len(costs)]))


if __name__ == "__main__":
    main()
