"""Clusters: what was planted is found, at the usual granularity, finer and coarser."""

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score

from benchmarks.planted import Mixture, mixture
from explorer.analysis import (
    ClusterSettings,
    Inputs,
    clusters,
    find_analysis,
    neighbor_graph,
    unit_rows,
)
from explorer.analysis.profiles import cluster_rows, main_label, medoid_scores


@pytest.mark.parametrize("flat", [False, True])
def test_planted_groups_of_very_unequal_size_are_found_and_noise_is_left_out(flat):
    vectors, truth = mixture(Mixture(4000, 256, groups=15, ratio=50, noise=0.1, flat=flat))
    found = clusters(neighbor_graph(vectors))
    assert adjusted_rand_score(truth, found) >= 0.95
    assert (found[truth < 0] < 0).mean() >= 0.8
    assert (found[truth >= 0] < 0).mean() <= 0.02


def test_numbers_are_by_falling_size_and_the_same_every_time():
    vectors, _ = mixture(Mixture(1000, 64, groups=8, spread=1.0))
    graph = neighbor_graph(vectors)
    found = clusters(graph)
    sizes = np.bincount(found[found >= 0])
    assert (np.diff(sizes) <= 0).all()
    assert sizes.min() >= ClusterSettings().smallest
    np.testing.assert_array_equal(found, clusters(graph))


def test_the_slider_goes_from_few_to_many():
    vectors, _ = mixture(Mixture(2000, 64, groups=12, spread=2.0, noise=0))
    analysis = find_analysis("clusters")
    result = analysis.run(Inputs(neighbor_graph(vectors), lambda: vectors), analysis.settings)
    counts = [result.columns[column.name].max() + 1 for column in analysis.columns]
    assert counts == sorted(counts)
    assert counts[-1] > 2 * counts[0]
    assert result.figures["clusters"] == result.columns["cluster"].max() + 1


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize(("flat", "spread"), [(True, 2.2), (False, 2.4)])
def test_many_small_groups_are_found_at_the_finest_level(flat, spread, seed):
    """75 groups of 20, where k-means that is told their number comes to 0.65 to 0.8."""
    plan = Mixture(1500, 256, groups=75, ratio=1, noise=0, spread=spread, flat=flat, seed=seed)
    vectors, truth = mixture(plan)
    analysis = find_analysis("clusters")
    result = analysis.run(Inputs(neighbor_graph(vectors), lambda: vectors), analysis.settings)
    finest = result.columns["cluster_most"]
    told = KMeans(75, n_init=1, random_state=0).fit_predict(unit_rows(vectors))
    found, by_kmeans = (adjusted_mutual_info_score(truth, each) for each in (finest, told))
    assert found >= 0.9
    assert 0.64 < by_kmeans < 0.81


@pytest.mark.parametrize("n", [20, 60, 128, 400])
def test_at_the_finest_level_a_small_dataset_does_not_fall_to_pieces(n):
    vectors, _ = mixture(Mixture(n, 128, groups=5, ratio=3, noise=0, spread=1.0))
    analysis = find_analysis("clusters")
    result = analysis.run(Inputs(neighbor_graph(vectors), lambda: vectors), analysis.settings)
    assert (result.columns["cluster_most"] < 0).mean() <= 0.25


def test_two_far_islands_are_two_clusters():
    vectors = np.random.default_rng(0).normal(size=(80, 10)).astype(np.float32) * 0.1
    vectors[:30, 0] += 5
    vectors[30:, 0] -= 5
    found = clusters(neighbor_graph(vectors), ClusterSettings(resolution=0.3))
    assert set(found[:30].tolist()) - {-1} == {1}
    assert set(found[30:].tolist()) - {-1} == {0}


def test_a_cluster_has_a_most_typical_member_and_a_main_label():
    vectors = np.array([[1, 0, 0], [1, 0.1, 0], [1, 0.2, 0], [1, 0.6, 0]], np.float32)
    assert medoid_scores(unit_rows(vectors)).argmax() == 2
    labels = np.array([7, 7, 3, -1, 3, 3, -1, -1, 7])
    rows = cluster_rows(np.array([0, 0, 0, 0, 1, 1, 2, 2, -1]))
    assert {code: each.tolist() for code, each in rows.items()} == {
        0: [0, 1, 2, 3],
        1: [4, 5],
        2: [6, 7],
    }
    assert main_label(rows[0], labels) == (7, pytest.approx(2 / 3))
    assert main_label(rows[1], labels) == (3, 1)
    label, share = main_label(rows[2], labels)
    assert label == -1
    assert np.isnan(share)
    assert cluster_rows(np.full(9, -1)) == {}
