"""Do intervals hold what they promise? Coverage, false alarms and power, by simulation.

    python -m benchmarks.intervals [--vectors FILE.npz]… [--draws 400] [--short] [--json FOLDER]

Two views of the same labelled images, each with noise of its own, so that neither is better: of
mixtures of several sorts, and of real vectors (files with `vectors` (n, d) and `labels` (n,)). On
some of the sorts nothing was chosen (benchmarks/views.py). From each, sets of 300 labelled images
are drawn again and again. *Truth* is the mean of a figure over all draws, which is what its
interval is of: what is to be expected of other images of the same kind, judged by as many.
*Varies*: the variance of that figure, in units of what independent images would have. *Held*: the
share of the intervals of both views that hold it. *False*: the share in which one of the two equal
views is called better. *Seen*: the share in which the better one is called so, when the other has
as much more noise as costs it three points of accuracy.
*At 3 points*: the same for exactly three, by the normal curve through the power that was seen at
the difference that was seen; its standard error by drawing the sets again. *Bound*: what a test
could see there that compares one answer of each image, right or wrong (McNemar's), if it knew how
often two answers differ, and if the images' answers were independent (Connor, "Sample size for
testing differences in proportions for the paired-sample design", 1987). *Before*: the same of the
ways that it replaced (Wilson and McNemar on the nearest neighbour).
"""

import argparse
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from rich.console import Console
from rich.table import Table
from scipy.stats import norm
from threadpoolctl import threadpool_limits

from benchmarks.machine import save
from benchmarks.views import ASIDE, IMAGES, SORTS, Floats, Ints, Sort, real, views
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
    neighbor_graph,
    share_right,
)

POINTS = 0.03
DRAWN = 50  # sets of images for each amount of noise that is tried
NOISES = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6)


@dataclass(frozen=True)
class Said:
    """What is said of two views of one set of images.

    differ: the share told right in one alone; guessing: the share of the commonest label.
    """

    first: Estimate | LabelAccuracy
    second: Estimate | LabelAccuracy
    apart: Paired
    differ: float
    guessing: float
    before: tuple[Estimate, Paired] | None = None


@dataclass(frozen=True)
class Measure:
    """judge: all that is said of two views; figure: that of one alone, quickly."""

    judge: Callable[[list[Floats], Ints], Said]
    figure: Callable[[Floats, Ints], float]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--vectors", type=Path, action="append", default=[], help="labelled, .npz")
    parser.add_argument("--draws", type=int, default=400)
    parser.add_argument("--short", action="store_true", help="40 draws of one sort")
    parser.add_argument("--json", type=Path, default=Path("benchmarks/results"))
    given = parser.parse_args()
    sorts = SORTS[:1] if given.short else [*SORTS, *ASIDE, *map(real, given.vectors)]
    draws = 40 if given.short else given.draws
    rows = []
    with ProcessPoolExecutor(initializer=one_thread) as pool:
        for sort in sorts:
            for name, by in MEASURES.items():
                rows.append(Simulation(pool, sort, by).row(draws) | {"measure": name})
                Console().print(", ".join(map(str, rows[-1].values())), style="dim")
    table = Table(*rows[0], box=None)
    for row in rows:
        table.add_row(*("–" if each is None else str(each) for each in row.values()))
    Console().print(table)
    if not given.short:
        results = {"images": IMAGES, "points": POINTS, "draws": draws, "rows": rows}
        Console().print(f"written to {save('intervals', results, given.json)}")


def one_thread() -> None:
    """In each process, for all libraries: those that set threads by themselves are loaded first."""
    import faiss  # noqa: F401

    threadpool_limits(1)


def by_nearest(both: list[Floats], labels: Ints) -> Said:
    graphs = [neighbor_graph(each) for each in both]
    alone = [judged_by_nearest(graph, labels) for graph in graphs]
    thinned = [judged_by_nearest(graph, labels, present=PRESENT) for graph in graphs]
    unknowing = [Judged(each.right) for each in alone]
    first, second = map(share_right, alone)
    differ = float(np.mean(alone[0].right != alone[1].right))
    before = share_right(unknowing[0]), difference(*unknowing)
    return Said(first, second, difference(*thinned), differ, commonest(labels), before)


def by_classifier(both: list[Floats], labels: Ints) -> Said:
    found = [held_out(each, labels, repeats=REPEATS) for each in both]
    first, second = (label_accuracy(each, labels) for each in found)
    assert first is not None
    assert second is not None
    pairs = zip(both, found, strict=True)
    judged = [judged_by_classifier(view, labels, of_it) for view, of_it in pairs]
    differ = float(np.mean(found[0].right[0] != found[1].right[0]))
    return Said(first, second, difference(*judged), differ, commonest(labels))


def commonest(labels: Ints) -> float:
    return float(np.bincount(labels).max() / len(labels))


def share_by_nearest(view: Floats, labels: Ints) -> float:
    return knn_accuracy(neighbor_graph(view), labels)


def share_by_classifier(view: Floats, labels: Ints) -> float:
    return float(held_out(view, labels).right.mean())


MEASURES: Mapping[str, Measure] = {
    "nearest neighbour": Measure(by_nearest, share_by_nearest),
    "label accuracy": Measure(by_classifier, share_by_classifier),
}


@dataclass(frozen=True)
class Simulation:
    """One measure on one sort of images, drawn again and again in several processes."""

    pool: Executor
    sort: Sort
    by: Measure

    def row(self, draws: int) -> dict[str, Any]:
        """One row of the table."""
        equal = self.judged(range(draws), 0.0)
        figures = [each for said in equal for each in (said.first, said.second)]
        truth = float(np.mean([each.value for each in figures]))
        row: dict[str, Any] = {
            "sort": self.sort.name,
            "measure": "",
            "truth": round(truth, 3),
            "varies": varies([said.first.value for said in equal]),
            "held": held(figures, truth),
            "false": round(float(np.mean([is_called(each) for each in equal])), 3),
            "held before": None,
            "false before": None,
        }
        before = [each.before for each in equal if each.before]
        if before:
            row["held before"] = held([interval for interval, _ in before], truth)
            row["false before"] = round(float(np.mean([pair.p < 0.05 for _, pair in before])), 3)
        if "nothing" in self.sort.name:
            return row | dict.fromkeys(("points", "seen", "at 3 points", "error", "bound"))
        worse = range(10_000, 10_000 + draws)
        return row | power(self.judged(worse, self.noise_for(POINTS)))

    def judged(self, seeds: range, more: float) -> list[Said]:
        said = partial(judged, self.by.judge, self.sort, more)
        return list(self.pool.map(said, seeds, chunksize=4))

    def noise_for(self, points: float) -> float:
        """The noise that costs so many points."""
        costs = [0.0]
        for noise in NOISES:
            cost = partial(costs_of, self.by.figure, self.sort, noise)
            found = list(self.pool.map(cost, range(20_000, 20_000 + DRAWN), chunksize=4))
            costs.append(float(np.mean(found)))
            if costs[-1] > points:
                break
        return float(np.interp(points, np.maximum.accumulate(costs), [0, *NOISES][: len(costs)]))


def judged(judge: Callable[[list[Floats], Ints], Said], sort: Sort, more: float, seed: int) -> Said:
    return judge(*views(sort, seed, more))


def costs_of(figure: Callable[[Floats, Ints], float], sort: Sort, noise: float, seed: int) -> float:
    """How much lower the figure of the view with more noise is."""
    (first, second), labels = views(sort, seed, noise)
    return figure(first, labels) - figure(second, labels)


def power(worse: list[Said]) -> dict[str, float]:
    """How often the better one is called so, of sets in which the second view is worse."""
    apart = np.array([each.first.value - each.second.value for each in worse])
    seen = np.array([is_called(each) and each.apart.by.value > 0 for each in worse])
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


def varies(shares: list[float]) -> float:
    """The variance of the share told right, in units of that of independent images."""
    found = np.array(shares)
    return round(float(found.var() / (found * (1 - found) / IMAGES).mean()), 2)


def is_called(said: Said) -> bool:
    """Whether one of the two views is called better, which none is where both may be guessing."""
    return said.apart.p < 0.05 and max(said.first.low, said.second.low) > said.guessing


if __name__ == "__main__":
    main()
