"""Which score finds odd images, by planted kinds of several sorts.

    python -m benchmarks.outliers [--vectors FILE.npz --photos FILE.npz] [--seeds 3]
    python -m benchmarks.outliers --kept-aside FOLDER --json FILE

Average precision of each score on mixtures and, with `--vectors` and `--photos` (arrays `vectors`
and `labels` of small images of ten classes and of photos), on real vectors. Kinds: foreign images
of different sorts, few of each, images between groups, siblings; among classes that are few or
many, tight or wide, with members that are all alike or not. With `--kept-aside` and a folder of
small images in folders of classes, instead, on kinds that were not looked at when the score was
chosen (benchmarks/kept_aside.py).
"""

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from rich.console import Console
from rich.table import Table
from sklearn.metrics import average_precision_score as precision

from benchmarks.kept_aside import Case, Flags, Floats, kept_aside, look
from benchmarks.planted import Mixture, OutlierKind, mixture, with_outliers
from explorer.analysis import (
    centre_distance,
    isolation,
    lof,
    neighbor_graph,
    outlier_score,
    pca_views,
    unit_rows,
)

PHOTOS = Path(__file__).parents[1] / "sample_data"
KINDS: tuple[OutlierKind, ...] = ("sphere", "bridge", "group")


@dataclass(frozen=True)
class Real:
    """Vectors of small images with their class, and of photos."""

    images: Floats
    classes: npt.NDArray[np.int64]
    photos: Floats

    @property
    def within(self) -> Floats:
        """What sets images apart from the mean of their class."""
        means = np.array([self.images[self.classes == code].mean(axis=0) for code in range(10)])
        return np.asarray(self.images - means[self.classes])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--vectors", type=Path)
    parser.add_argument("--photos", type=Path)
    parser.add_argument("--kept-aside", type=Path)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--seeds", type=int, default=3)
    given = parser.parse_args()
    real = read(given.vectors, given.photos) if given.vectors else None
    seen = look(given.kept_aside, PHOTOS) if given.kept_aside else None
    found: dict[str, list[dict[str, float]]] = {}
    for seed in range(given.seeds):
        for name, vectors, odd in kept_aside(seed, seen) if seen else cases(seed, real):
            each = {title: float(precision(odd, x)) for title, x in scores(vectors).items()}
            found.setdefault(name, []).append(each)
    means = {
        name: {title: float(np.mean([e[title] for e in each])) for title in each[0]}
        for name, each in found.items()
    }
    show(means)
    if given.json:
        given.json.write_text(json.dumps(rounded(means), indent=2) + "\n")


def read(vectors: Path, photos: Path) -> Real:
    with np.load(vectors) as file:
        images, classes = file["vectors"], np.unique(file["labels"], return_inverse=True)[1]
    with np.load(photos) as file:
        return Real(unit_rows(images), classes, unit_rows(file["vectors"]))


def scores(vectors: Floats) -> dict[str, Floats]:
    graph = neighbor_graph(vectors)
    far, left = pca_views(vectors)
    near = graph.nearest(15).similarities
    isolated, sparse = isolation(graph), lof(graph)
    return {
        "score": outlier_score(graph),
        "isolation": isolated,
        "mean of 15": 1 - near.mean(axis=1),
        "15th": 1 - near[:, -1],
        "LOF": sparse,
        "larger of both": np.maximum(scaled(isolated), scaled(sparse)),
        "mahalanobis": far,
        "residual": left,
        "centre": centre_distance(vectors),
    }


def scaled(values: Floats) -> Floats:
    """The median at 0, the 95 % quantile at 1."""
    middle, high = np.quantile(values, [0.5, 0.95])
    return np.asarray((values - middle) / (high - middle))


def cases(seed: int, real: Real | None) -> Iterator[Case]:
    for flat in (False, True):
        groups = mixture(
            Mixture(2000, 512, groups=12, ratio=5, noise=0, spread=1, flat=flat, seed=seed)
        )
        for kind in KINDS:
            name = f"{kind}, {'flat' if flat else 'full'} groups"
            yield name, *with_outliers(*groups, kind, seed=seed + 1)
    if real:
        yield from foreign(seed, real)
        for uneven in (0.0, 0.3, 0.5):
            yield from many_classes(seed, real, uneven)


def foreign(seed: int, real: Real) -> Iterator[Case]:
    """Images of another kind among the images of one class, of ten, and among photos."""
    random = np.random.default_rng(seed)

    def some(rows: Floats, count: int) -> Floats:
        return rows[random.choice(len(rows), count, replace=False)]

    one = real.images[real.classes == seed % 10]
    other = real.images[real.classes == (seed + 1) % 10]
    few = some(real.images, 2000)
    mixed = np.where(random.random(few.shape[1]) < 0.5, few[:15], few[15:30])
    yield "photos among one class", *planted(some(one, 900), some(real.photos, 9))
    yield "another class among one", *planted(some(one, 900), some(other, 9))
    yield "photos among ten classes", *planted(few, some(real.photos, 20))
    yield "small images among photos", *planted(real.photos, some(real.images, 5))
    yield "features shuffled", *planted(few, random.permuted(few[:15], axis=1))
    yield "features of two images", *planted(few, mixed)


def many_classes(seed: int, real: Real, uneven: float) -> Iterator[Case]:
    """75 classes of 20, some tight and some wide, whose members stray more or less."""
    random = np.random.default_rng((seed, round(10 * uneven)))
    within, mean = real.within, real.images.mean(axis=0)

    def around(center: Floats, count: int) -> Floats:
        mixing = random.normal(size=(count, 8, 1)).astype(np.float32) / np.float32(8**0.5)
        strays = random.uniform(0.5, 1.2) * np.exp(uneven * random.normal(size=(count, 1)))
        drawn = within[random.choice(len(within), (count, 8))]
        return np.asarray(center + strays * (mixing * drawn).sum(axis=1), dtype=np.float32)

    picked = real.images[random.choice(len(real.images), (90, 3))] - mean
    centers = mean + picked.sum(axis=1) / np.float32(3**0.5)
    classes = np.concatenate([around(center, 20) for center in centers[:75]])
    alone = np.concatenate([around(center, 1) for center in centers[75:]])
    photos = real.photos[random.choice(len(real.photos), 15, replace=False)]
    images = real.images[random.choice(len(real.images), 15, replace=False)]
    name = f"75 classes, straying {uneven:g}"
    yield f"one of another class, {name}", *planted(classes, alone)
    yield f"photos, {name}", *planted(classes, photos)
    yield f"images, {name}", *planted(classes, images)


def planted(usual: Floats, odd: Floats) -> tuple[Floats, Flags]:
    both = np.concatenate([usual, odd]).astype(np.float32)
    return both, np.arange(len(both)) >= len(usual)


def rounded(found: dict[str, dict[str, float]]) -> dict[str, dict[str, float]]:
    return {case: {name: round(x, 3) for name, x in each.items()} for case, each in found.items()}


def show(found: dict[str, dict[str, float]]) -> None:
    names = list(next(iter(found.values())))
    table = Table("average precision", *names)
    for case, each in found.items():
        table.add_row(case, *(f"{each[name]:.2f}" for name in names))
    every = np.array([[each[name] for name in names] for each in found.values()])
    behind = (every.max(axis=1, keepdims=True) - every).max(axis=0)
    table.add_row("mean", *(f"{mean:.2f}" for mean in every.mean(axis=0)))
    table.add_row("at most behind the best", *(f"{most:.2f}" for most in behind))
    Console(width=160).print(table)


if __name__ == "__main__":
    main()
