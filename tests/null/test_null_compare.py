"""Spaces in which there is nothing, or the same: no label is told, and none is called better."""

from pathlib import Path

import numpy as np
import pytest
from nothing import SHAPES, Shape, gaussian, most_by_chance
from support.fakes import fill
from support.planted_spaces import planted_spaces

from explorer.analysis import (
    PRESENT,
    CurveSettings,
    Graph,
    difference,
    held_out,
    judged_by_classifier,
    judged_by_nearest,
    learning_curve,
    neighbor_graph,
    share_right,
)
from explorer.batch import EmbedSettings, bench
from explorer.probe import MEASURES, compare, verdict

SMALL = [shape for shape in SHAPES if len(shape.labels()) <= 350]
DRAWS = 12


def few(comparisons: int) -> float:
    """How often "better" may be said of equal spaces: 1 in 20, and three standard errors."""
    return 0.05 * comparisons + 3 * np.sqrt(0.05 * 0.95 * comparisons)


def graph(shape: Shape, labels: np.ndarray, seed: int) -> Graph:
    return neighbor_graph(gaussian(len(labels), shape.dimensions, seed))


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_the_nearest_is_no_better_than_guessing(shape: Shape) -> None:
    labels = shape.labels()
    found = share_right(judged_by_nearest(graph(shape, labels, 0), labels))
    assert found.value <= most_by_chance(labels)
    assert found.low <= np.bincount(labels).max() / len(labels)


def test_of_two_spaces_with_nothing_none_has_the_better_neighbours() -> None:
    said = []
    for shape in SMALL:
        for seed in range(DRAWS):
            labels = shape.labels(seed)
            two = [graph(shape, labels, 2 * seed + which) for which in range(2)]
            said.append(difference(*(judged_by_nearest(g, labels, present=PRESENT) for g in two)).p)
    assert np.sum(np.array(said) < 0.05) <= few(len(said))


def test_of_two_views_of_the_same_none_is_the_better() -> None:
    """Each has noise of its own, and the labels can be told: 3 classes, 4 dimensions."""
    said = []
    for seed in range(60):
        random = np.random.default_rng(seed)
        labels = random.integers(0, 3, 100)
        truth = random.normal(size=(100, 4)) + 2 * np.eye(3, 4)[labels]
        views = [(truth + random.normal(size=truth.shape)).astype(np.float32) for _ in range(2)]
        judged = [judged_by_classifier(v, labels, held_out(v, labels)) for v in views]
        assert np.mean([each.right for each in judged]) > np.bincount(labels).max() / 100
        said.append(difference(*judged).p)
    assert np.sum(np.array(said) < 0.05) <= few(len(said))


@pytest.mark.parametrize("shape", [each for each in SHAPES if each.images >= 10], ids=str)
def test_the_learning_curve_is_flat_at_chance(shape: Shape) -> None:
    labels = shape.labels()
    vectors = gaussian(len(labels), shape.dimensions)
    points = learning_curve(vectors, labels, CurveSettings(draws=4))
    assert len(points) >= 3
    for point in points:
        assert point.mean <= most_by_chance(labels), f"{point.per_label} of each label"


def test_no_verdict_where_there_is_nothing(tmp_path: Path) -> None:
    """Not of whichever of three spaces comes out best, either."""
    said = []
    for seed in range(12):
        spaces = {f"space {number}": gaussian(60, 16, 10 * seed + number) for number in range(3)}
        names = [f"label {code}" for code in Shape(3, 20, 16).labels(seed)]
        dataset = planted_spaces(tmp_path / str(seed), spaces, list(names))
        found = compare(dataset, settings=CurveSettings(draws=1))
        said += [verdict(found, measure) for measure in MEASURES]
    assert len(said) == 24
    assert sum("none of these spaces is better than guessing" in each for each in said) >= 23


def test_bench_tells_no_label_of_noise(tmp_path: Path) -> None:
    labels = Shape(2, 10, 0).labels()
    files = {f"{'ab'[code]}/{number}.png": number for number, code in enumerate(labels)}
    rows = bench(fill(tmp_path / "noise", files), EmbedSettings(extractors=("color-histogram",)))
    (row,) = rows
    assert row.label_accuracy.low <= row.label_accuracy.majority
    assert row.knn.low <= row.label_accuracy.majority
