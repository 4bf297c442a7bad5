"""Views that rank without a verdict: of one cloud nothing stands far out, labels at random do not
make odd, and a random split is like what it is trained on.
"""

import numpy as np
import pytest
from nothing import CLOUDS, SHAPES, Floats, Shape, gaussian, stretched

from explorer.analysis import (
    across_splits,
    centre_distance,
    isolation,
    lof,
    neighbor_graph,
    odd_for_label,
    pca_views,
    to_training,
)

MOST = 4.0  # times as far from the median as 19 of 20 images stay


def views(vectors: Floats) -> dict[str, Floats]:
    graph = neighbor_graph(vectors)
    far, left = pca_views(vectors)
    return {
        "isolation": isolation(graph),
        "local_sparsity": lof(graph),
        "centre_distance": centre_distance(vectors),
        "mahalanobis": far,
        "pca_residual": left,
    }


def beyond(values: Floats) -> float:
    middle, high = np.quantile(values, [0.5, 0.95])
    return float((values.max() - middle) / (high - middle))


@pytest.mark.parametrize("cloud", CLOUDS)
@pytest.mark.parametrize(("n", "d"), [(20, 64), (128, 1280), (600, 256)])
def test_of_one_cloud_none_is_far_out(cloud, n: int, d: int) -> None:
    for name, values in views(cloud(n, d)).items():
        assert beyond(values) < MOST, name


def test_one_that_is_like_nothing_is_far_out_in_every_view() -> None:
    """By what it is made of; Mahalanobis distance has its own limit: it is one of the images."""
    vectors = gaussian(300, 64) * (np.arange(64) < 16) + 8 * np.eye(1, 64, dtype=np.float32)
    vectors[0] = -10 * np.eye(1, 64, 40)
    for name, values in views(vectors).items():
        if name != "pca_residual":  # which fifty directions explain, of sixteen
            assert values.argmax() == 0, name
            assert beyond(values) > MOST, name


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("cloud", [gaussian, stretched])
def test_at_random_the_own_label_is_no_odder_than_another(cloud, shape: Shape) -> None:
    labels = shape.labels()
    vectors = cloud(len(labels), shape.dimensions)
    own = odd_for_label(vectors, labels)
    others = odd_for_label(vectors, np.random.default_rng(1).permutation(labels))
    apart = (own - others)[np.isfinite(own) & np.isfinite(others)]
    assert abs(apart.mean()) < 3.5 * apart.std() / np.sqrt(len(apart))


@pytest.mark.parametrize("cloud", CLOUDS)
def test_images_of_small_labels_are_no_odder(cloud) -> None:
    shape = Shape(6, 60, 256, ratio=30)
    differences = []
    for seed in range(12):
        labels = shape.labels(seed)
        odd = odd_for_label(cloud(len(labels), shape.dimensions, seed), labels)
        differences.append(odd[labels >= 4].mean() - odd[labels < 4].mean())
    error = np.std(differences, ddof=1) / len(differences) ** 0.5
    assert abs(np.mean(differences)) < 3.5 * error


@pytest.mark.parametrize("cloud", CLOUDS)
@pytest.mark.parametrize("n", [100, 1000])
def test_a_random_split_is_as_like_the_training_images_as_they_are(cloud, n: int) -> None:
    from scipy.stats import mannwhitneyu

    splits = (np.random.default_rng(0).random(n) < 0.3).astype(np.int64)
    graph = neighbor_graph(cloud(n, 64))
    for values in (to_training(graph, splits), across_splits(graph, splits)):
        assert np.isfinite(values).mean() > 0.95
    reach = to_training(graph, splits)
    assert mannwhitneyu(reach[splits == 0], reach[splits == 1]).pvalue > 0.001
