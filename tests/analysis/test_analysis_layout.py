"""The map: neighbours stand together, it repeats, and new images find their place."""

import numpy as np
import pytest
from sklearn.manifold import trustworthiness

from benchmarks.planted import Mixture, mixture
from explorer.analysis import (
    MapSettings,
    QualitySettings,
    map_layout,
    map_quality,
    neighbor_graph,
    pca_layout,
    place_new,
)
from explorer.errors import UsageError


@pytest.fixture(scope="module")
def groups():
    return mixture(Mixture(600, 32, groups=6, ratio=3, noise=0, spread=1.0))


@pytest.fixture(scope="module")
def layout(groups):
    return map_layout(neighbor_graph(groups[0]), groups[0])


def test_neighbours_on_the_map_are_neighbours_in_truth(groups, layout):
    vectors, truth = groups
    assert layout.shape == (600, 2)
    assert layout.dtype == np.float32
    assert map_quality(layout, vectors).trustworthiness > 0.9
    nearest = neighbor_graph(np.hstack([layout, np.full((600, 1), 30)]), k=1).neighbors[:, 0]
    assert (truth[nearest] == truth).mean() > 0.95


def test_the_same_seed_gives_the_same_map_and_the_graph_is_reused(groups, layout):
    graph = neighbor_graph(groups[0])
    np.testing.assert_array_equal(layout, map_layout(graph, groups[0]))
    other = map_layout(graph, groups[0], MapSettings(seed=1))
    assert not np.array_equal(layout, other)


@pytest.mark.parametrize("n_neighbors", [2, 15])
@pytest.mark.parametrize(
    "vectors", [np.ones((50, 4)), np.eye(12).repeat(3, axis=0), np.zeros((10, 2))]
)
def test_what_has_no_directions_repeats_too(vectors, n_neighbors):
    """Where all have the same neighbourhood, nothing but the seed decides."""
    graph = neighbor_graph(vectors)
    settings = MapSettings(n_neighbors=n_neighbors)
    layout = map_layout(graph, vectors, settings)
    assert np.isfinite(layout).all()
    np.testing.assert_array_equal(layout, map_layout(graph, vectors, settings))


def test_a_curve_that_comes_back_near_itself_is_unrolled():
    """Its main directions lay its ends over one another; its neighbourhoods do not."""
    along = np.linspace(0, 1, 1200)
    waves = 2 * np.pi * along[:, None] * np.arange(1, 21)
    vectors = np.hstack([np.cos(waves), np.sin(waves), np.full((1200, 1), 20.0)])
    layout = map_layout(neighbor_graph(vectors), vectors)
    found = map_quality(layout, vectors)
    assert found.trustworthiness > 0.99
    assert map_quality(pca_layout(vectors), vectors).trustworthiness < 0.8


def test_three_dimensions(groups):
    settings = MapSettings(dimensions=3, n_neighbors=31, min_dist=0.5)
    layout = map_layout(neighbor_graph(groups[0]), groups[0], settings)
    assert layout.shape == (600, 3)
    assert map_quality(layout, groups[0]).trustworthiness > 0.9


def test_a_graph_with_too_few_neighbours_is_explained(groups):
    with pytest.raises(UsageError, match="choose at most 11"):
        map_layout(neighbor_graph(groups[0], k=10), groups[0], MapSettings(n_neighbors=12))


def test_islands_stand_apart_but_in_sight():
    random = np.random.default_rng(0)
    centers = np.eye(12)[:6] * 10
    vectors = (np.repeat(centers, 50, axis=0) + random.normal(size=(300, 12))).astype(np.float32)
    layout = map_layout(neighbor_graph(vectors, k=20), vectors)
    middles = layout.reshape(6, 50, 2).mean(axis=1)
    size = np.linalg.norm(layout.reshape(6, 50, 2) - middles[:, None], axis=2).max()
    between = np.linalg.norm(middles[:, None] - middles, axis=2)[np.triu_indices(6, 1)]
    assert between.min() > size
    assert between.max() < 30 * size


def test_new_images_stand_with_their_group_and_move_nobody(groups, layout):
    vectors, truth = groups
    new, kin = vectors[:100], truth[:100]
    kept = layout[100:].copy()
    similarities = (new / np.linalg.norm(new, axis=1, keepdims=True)) @ (
        vectors[100:] / np.linalg.norm(vectors[100:], axis=1, keepdims=True)
    ).T
    neighbors = np.argsort(-similarities, axis=1)[:, :15]
    places = place_new(kept, neighbors, np.take_along_axis(similarities, neighbors, axis=1))
    distance = np.linalg.norm(places[:, None] - kept, axis=2)
    assert (truth[100:][distance.argmin(axis=1)] == kin).mean() > 0.95
    np.testing.assert_array_equal(kept, layout[100:])


def test_a_new_image_between_groups_stands_in_one_of_them():
    layout = np.array([[0, 0], [0, 1], [0, 2], [100, 0], [100, 1]], dtype=np.float32)
    place = place_new(layout, np.array([[0, 1, 2, 3, 4]]), np.full((1, 5), 0.5, np.float32))
    assert place[0, 0] < 10


def test_pca_stands_in_at_once(groups):
    first = pca_layout(groups[0])
    np.testing.assert_array_equal(first, pca_layout(groups[0]))
    assert first.shape == (600, 2)
    assert first[:, 0].std() >= first[:, 1].std()


def test_trustworthiness_is_scikit_learns(groups, layout):
    vectors, _ = groups
    everything = map_quality(layout, vectors, QualitySettings(nearest=10, sample=600))
    reference = trustworthiness(vectors, layout, n_neighbors=10, metric="cosine")
    assert everything.trustworthiness == pytest.approx(reference, abs=1e-6)
    sampled = map_quality(layout, vectors, QualitySettings(nearest=10, sample=300))
    assert sampled.trustworthiness == pytest.approx(reference, abs=0.01)


def test_a_map_that_lies_is_told_apart(groups, layout):
    vectors, _ = groups
    shuffled = np.random.default_rng(0).permutation(layout)
    assert map_quality(shuffled, vectors).trustworthiness == pytest.approx(0.5, abs=0.05)
    assert map_quality(shuffled, vectors).preservation < 0.1
    perfect = map_quality(vectors[:, :3], vectors[:, :3] * [1, 1, 1])
    assert perfect.trustworthiness <= 1
