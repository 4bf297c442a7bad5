"""Outliers: each kind that was planted stands at the top of the score."""

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.metrics import average_precision_score
from sklearn.neighbors import LocalOutlierFactor

from benchmarks.planted import Mixture, mixture, with_outliers
from explorer.analysis import (
    centre_distance,
    isolation,
    lof,
    neighbor_graph,
    odd_for_label,
    outlier_score,
    pca_views,
)


@pytest.fixture(scope="module")
def groups():
    return mixture(Mixture(3000, 128, groups=12, ratio=3, noise=0, spread=1.0, flat=True))


def score(vectors):
    return outlier_score(neighbor_graph(vectors))


@pytest.mark.parametrize(("kind", "least"), [("sphere", 0.98), ("group", 0.98), ("bridge", 0.75)])
def test_planted_outliers_are_found_as_by_the_better_view(groups, kind, least):
    vectors, planted = with_outliers(*groups, kind)
    graph = neighbor_graph(vectors)
    views = [average_precision_score(planted, view(graph)) for view in (isolation, lof)]
    found = average_precision_score(planted, score(vectors))
    assert found >= max(*views) - 0.03
    assert found >= least


def test_a_handful_of_aliens_is_no_company(groups):
    vectors, planted = with_outliers(*groups, "group")
    isolated = isolation(neighbor_graph(vectors))
    assert isolated[planted].min() > isolated[~planted].max()


def test_the_score_is_on_the_datasets_own_scale(groups):
    found = score(groups[0])
    assert np.median(found) == pytest.approx(0, abs=1e-6)
    assert np.quantile(found, 0.9) == pytest.approx(0.5, abs=1e-6)


def test_a_looser_photo_of_a_tight_group_is_less_odd_than_an_image_of_another_kind():
    """Local sparsity is a ratio and takes them the other way round."""
    random = np.random.default_rng(0)
    centers = 3 * np.eye(3, 64, dtype=np.float32)
    spreads = (0.3, 1.5, 1.5)
    parts = [
        center + spread * random.normal(size=(200, 64)) / 8
        for center, spread in zip(centers, spreads, strict=True)
    ]
    looser = centers[0] + 3 * 0.3 * random.normal(size=(1, 64)) / 8
    alien = 3 * np.eye(1, 64, 9) + 0.3 * random.normal(size=(1, 64)) / 8
    vectors = np.concatenate([*parts, looser, alien]).astype(np.float32)
    found = score(vectors)
    assert found[601] > found[600]
    sparse = lof(neighbor_graph(vectors))
    assert sparse[601] < sparse[600]


def test_an_image_of_a_varied_kind_is_less_odd_than_one_between_two_tight_ones():
    """Isolation takes them the other way round."""
    random = np.random.default_rng(0)
    centers = 3 * np.eye(3, 64, dtype=np.float32)
    parts = [
        center + spread * random.normal(size=(200, 64)) / 8
        for center, spread in zip(centers, (0.3, 0.3, 6.0), strict=True)
    ]
    between = (centers[:1] + centers[1:2]) / 2
    vectors = np.concatenate([*parts, between]).astype(np.float32)
    assert score(vectors).argmax() == 600
    isolated = isolation(neighbor_graph(vectors))
    assert isolated[600] < np.median(isolated[400:600])


def test_twenty_of_a_loose_kind_do_not_excuse_each_other(groups):
    random = np.random.default_rng(5)
    odd = 3 * np.eye(1, 128, 50) + 4 * random.normal(size=(20, 128)) / 128**0.5
    found = score(np.concatenate([groups[0], odd]).astype(np.float32))
    assert set(np.argsort(-found)[:20]) == set(range(3000, 3020))


def test_local_sparsity_is_scikit_learns_local_outlier_factor(groups):
    vectors = groups[0]
    reference = LocalOutlierFactor(n_neighbors=15, metric="cosine").fit(vectors)
    np.testing.assert_allclose(
        lof(neighbor_graph(vectors)), -reference.negative_outlier_factor_, rtol=1e-3
    )


def test_copies_are_not_infinitely_dense():
    vectors = np.random.default_rng(0).normal(size=(100, 8)).astype(np.float32)
    vectors[:40] = vectors[0]
    assert np.isfinite(score(vectors)).all()


def test_the_average_direction_is_nearest_to_the_centre():
    vectors = np.array([[1, 0], [1, 1], [0, 1], [-1, -1]], dtype=np.float32)
    far = centre_distance(vectors)
    assert far.argmin() == 1
    assert far.argmax() == 3
    assert far[3] == pytest.approx(2)


def test_pca_views_are_those_of_scikit_learns_components():
    vectors = np.random.default_rng(0).normal(size=(400, 12)).astype(np.float32)
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    reference = PCA(5, svd_solver="full").fit(unit)
    along = reference.transform(unit)
    far, left = pca_views(vectors, components=5)
    np.testing.assert_allclose(
        far, np.sqrt((along**2 / reference.explained_variance_).sum(axis=1)), rtol=1e-3
    )
    total = ((unit - unit.mean(axis=0)) ** 2).sum(axis=1)
    np.testing.assert_allclose(left, 1 - (along**2).sum(axis=1) / total, atol=1e-3)


def test_an_image_with_anothers_label_is_odd_for_it(groups):
    vectors, truth = groups
    labels = truth.copy()
    labels[:5] = (labels[:5] + 1) % 12
    labels[5] = 12
    labels[6] = -1
    odd = odd_for_label(vectors, labels)
    assert np.isnan(odd[5:7]).all()
    assert set(np.argsort(-np.nan_to_num(odd))[:5]) == set(range(5))
