"""The shape of spaces in which there is nothing, and spaces that have nothing in common."""

import numpy as np
import pytest
from nothing import CLOUDS, SHAPES, Floats, Shape, gaussian, most_by_chance, stretched

from explorer.analysis import (
    hubness,
    intrinsic_dimension,
    knn_accuracy,
    linear_cka,
    neighbor_graph,
    neighbor_overlap,
)


@pytest.mark.parametrize("cloud", CLOUDS)
@pytest.mark.parametrize(("n", "d"), [(20, 16), (128, 1280), (600, 64), (2000, 16)])
def test_one_cloud_has_no_hubs(cloud, n: int, d: int) -> None:
    """Above 2, some images are near everything."""
    found = hubness(neighbor_graph(cloud(n, d)))
    assert found.skewness < 2
    assert found.never < 0.05
    assert found.most < 8 * 10


def test_an_image_that_is_near_everything_is_a_hub() -> None:
    vectors = gaussian(600, 64) + 0.3
    vectors[:3] = 0.3  # they have what all have in common, and nothing else
    found = hubness(neighbor_graph(vectors))
    assert found.skewness > 2
    assert found.most > 150


@pytest.mark.parametrize("d", [3, 5, 9, 17])
def test_the_dimension_of_a_cloud_is_what_it_fills(d: int) -> None:
    """Of directions: one less than the vectors have. Empty dimensions beside it count for none."""
    vectors = np.pad(gaussian(1000, d), [(0, 0), (0, 100)])
    found = intrinsic_dimension(neighbor_graph(vectors))
    assert 0.7 * (d - 1) <= found <= 1.15 * (d - 1)


@pytest.mark.parametrize(("n", "d"), [(20, 16), (100, 1280), (500, 64)])
def test_unrelated_spaces_are_not_alike(n: int, d: int) -> None:
    for seed in range(6):
        one, other = gaussian(n, d, seed), stretched(n, d, seed + 10)
        assert linear_cka(one, other) < 3 / n**0.5
        graphs = [neighbor_graph(each) for each in (one, other)]
        width = min(15, n - 1)
        shared = neighbor_overlap(*graphs, k=15).mean()
        chance = width / (n - 1)
        error = np.sqrt(chance * (1 - chance) / (n * width))
        assert abs(shared - chance) < 4 * error


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("k", [1, 15])
def test_neighbours_agree_on_labels_at_random_as_often_as_by_guessing(shape: Shape, k: int) -> None:
    labels = shape.labels()
    vectors: Floats = gaussian(len(labels), shape.dimensions)
    assert knn_accuracy(neighbor_graph(vectors), labels, k=k) <= most_by_chance(labels)
