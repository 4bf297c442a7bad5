"""Clusters are found in any data: what is said of them where there are none."""

import numpy as np
import pytest
from nothing import CLOUDS, Floats, Ints, Shape, gaussian, stretched

from benchmarks.planted import Mixture, mixture
from explorer.analysis import (
    Clarity,
    Inputs,
    cluster_clarity,
    clusters,
    find_analysis,
    neighbor_graph,
)
from explorer.analysis.naming import name_clusters
from explorer.analysis.profiles import main_label

REPEATS = {20: 8, 100: 4, 500: 1}


@pytest.mark.parametrize("n", REPEATS)
def test_one_cloud_is_clear_in_at_most_one_of_twenty(n: int) -> None:
    found = [
        cluster_clarity(cloud(n, d, seed))
        for cloud in CLOUDS
        for d in (16, 256)
        for seed in range(REPEATS[n])
    ]
    assert sum(each.clear for each in found) <= max(1, len(found) / 20)
    assert np.median([each.clarity for each in found]) < 0.05


@pytest.mark.parametrize("cloud", CLOUDS)
def test_a_large_cloud_without_groups_gives_many_all_the_same(cloud) -> None:
    found = clusters(neighbor_graph(cloud(3000, 64)))
    assert found.max() + 1 > 10
    assert (found < 0).mean() < 0.01


def test_of_a_large_cloud_a_sample_is_looked_at() -> None:
    found = cluster_clarity(gaussian(3000, 64))
    assert not found.clear
    assert found.clarity < 0.05


@pytest.mark.parametrize("groups", [3, 20])
@pytest.mark.parametrize("flat", [False, True])
def test_planted_groups_are_clear(groups: int, flat: bool) -> None:
    plan = Mixture(300, 256, groups=groups, ratio=3, noise=0.1, spread=1.5, flat=flat)
    found = cluster_clarity(mixture(plan)[0])
    assert found.clear
    assert found.clarity > 0.25


def test_too_few_images_and_images_that_are_all_the_same_have_no_clear_clusters() -> None:
    few = cluster_clarity(gaussian(9, 16))
    assert np.isnan(few.clarity)
    assert not few.clear
    assert not cluster_clarity(np.ones((50, 16), np.float32)).clear


def test_clear_is_more_than_chance_varies_and_more_than_a_little() -> None:
    assert Clarity(0.6, 0.4, 0.02).clear
    assert not Clarity(0.6, 0.4, 0.07).clear
    assert not Clarity(0.45, 0.4, 0.001).clear
    assert Clarity(0.7, 0.4, 0.0).clarity == pytest.approx(0.5)


# --- the purity of clusters, by labels that mean nothing


def by_drawing(labels: Ints, size: int, draws: int) -> tuple[float, float]:
    """The purity of so many images drawn at random: its mean and standard deviation."""
    random = np.random.default_rng(size)
    found = [main_label(random.permutation(len(labels))[:size], labels)[1] for _ in range(draws)]
    return float(np.mean(found)), float(np.std(found))


def purities(vectors: Floats, labels: Ints) -> list[tuple[int, float]]:
    """The size and the purity of every cluster."""
    names = {"labels": [str(code) for code in range(labels.max() + 1)]}
    inputs = Inputs(neighbor_graph(vectors), lambda: vectors, labels=labels, names=names)
    clusters = find_analysis("clusters")
    codes = clusters.run(inputs, clusters.settings).columns["cluster"]
    return [(int((codes == g.code).sum()), g.purity) for g in name_clusters(codes, inputs)]


@pytest.mark.parametrize(
    "shape", [Shape(10, 30, 64), Shape(2, 100, 256), Shape(5, 40, 16, ratio=10)], ids=str
)
@pytest.mark.parametrize("cloud", [gaussian, stretched])
def test_by_labels_at_random_clusters_are_as_pure_as_by_drawing(cloud, shape: Shape) -> None:
    """Which is much purer than the commonest label's share where clusters are small."""
    apart, variance = [], []
    for seed in range(3):
        labels = shape.labels(seed)
        for size, purity in purities(cloud(len(labels), shape.dimensions, seed), labels):
            mean, spread = by_drawing(labels, size, 300)
            apart.append(purity - mean)
            variance.append(spread**2)
    assert len(apart) > 10
    assert abs(np.sum(apart)) < 3.5 * np.sqrt(np.sum(variance))


def test_where_the_labels_are_the_clusters_they_are_pure() -> None:
    found = purities(*mixture(Mixture(300, 256, groups=5, ratio=3, noise=0, spread=1)))
    assert len(found) >= 5
    assert min(purity for _, purity in found) > 0.95


@pytest.mark.parametrize(("size", "purity"), [(5, 0.36), (50, 0.17), (500, 0.12)])
def test_how_pure_that_is_of_ten_labels_that_are_equally_common(size: int, purity: float) -> None:
    """As docs/analysis.md tells it."""
    assert by_drawing(np.arange(5000) % 10, size, 2000)[0] == pytest.approx(purity, abs=0.005)
