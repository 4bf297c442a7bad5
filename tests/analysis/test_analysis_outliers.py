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
    neighbour_graph,
    odd_for_label,
    outlier_score,
    pca_views,
)


@pytest.fixture(scope="module")
def groups():
    return mixture(Mixture(3000, 128, groups=12, ratio=3, noise=0, spread=1.0, flat=True))


def score(vectors):
    graph = neighbour_graph(vectors)
    return outlier_score(isolation(graph), lof(graph))


@pytest.mark.parametrize(("kind", "least"), [("sphere", 0.98), ("group", 0.98), ("bridge", 0.75)])
def test_planted_outliers_are_found_as_by_the_better_view(groups, kind, least):
    vectors, planted = with_outliers(*groups, kind)
    graph = neighbour_graph(vectors)
    views = [average_precision_score(planted, view(graph)) for view in (isolation, lof)]
    found = average_precision_score(planted, score(vectors))
    assert found >= max(*views) - 0.03
    assert found >= least


def test_a_handful_of_aliens_is_no_company(groups):
    vectors, planted = with_outliers(*groups, "group")
    isolated = isolation(neighbour_graph(vectors))
    assert isolated[planted].min() > isolated[~planted].max()


def test_the_score_is_on_the_datasets_own_scale(groups):
    found = score(groups[0])
    assert np.median(found) >= 0
    assert 0.05 <= (found > 1).mean() <= 0.1


def test_local_sparsity_is_scikit_learns_local_outlier_factor(groups):
    vectors = groups[0]
    reference = LocalOutlierFactor(n_neighbors=15, metric="cosine").fit(vectors)
    np.testing.assert_allclose(
        lof(neighbour_graph(vectors)), -reference.negative_outlier_factor_, rtol=1e-3
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
