"""The fuzzy set and the curve are umap-learn's; the layout is at least as good as its own."""

import numpy as np
import pytest
from umap.umap_ import find_ab_params

from benchmarks.planted import Mixture, mixture
from benchmarks.rivals import umap_fuzzy_set, umap_loop
from explorer.analysis import MapSettings, map_layout, map_quality, neighbor_graph
from explorer.analysis.forces import fit_curve
from explorer.analysis.fuzzy import fuzzy_set


def normal(n, d, seed=0):
    return np.random.default_rng(seed).normal(size=(n, d)).astype(np.float32)


VECTORS = {
    "one lump": normal(500, 64),
    "groups": mixture(Mixture(400, 32, groups=5))[0],
    "copies": np.repeat(normal(60, 8), 4, axis=0),
    "all the same": np.ones((40, 3), np.float32),
    "a few": normal(10, 3),
}


@pytest.mark.parametrize("name", VECTORS)
@pytest.mark.parametrize("n_neighbors", [2, 5, 15, 31])
def test_the_fuzzy_set_is_umap_learns(name, n_neighbors):
    graph = neighbor_graph(VECTORS[name])
    ours = fuzzy_set(graph, n_neighbors)
    theirs = umap_fuzzy_set(graph, n_neighbors)
    assert abs(ours - theirs).max() < 1e-5
    assert abs(ours - ours.T).max() == 0
    assert ours.nnz == theirs.nnz


@pytest.mark.parametrize("min_dist", [0, 0.05, 0.1, 0.3, 0.7, 1])
def test_the_curve_is_umap_learns(min_dist):
    curve = fit_curve(min_dist)
    np.testing.assert_allclose((curve.a, curve.b), find_ab_params(1.0, min_dist), atol=1e-4)


@pytest.mark.parametrize("dimensions", [2, 3])
@pytest.mark.parametrize("name", ["one lump", "groups"])
def test_the_map_is_as_good_as_umap_learns(name, dimensions):
    vectors = VECTORS[name]
    graph = neighbor_graph(vectors)
    theirs = umap_loop(umap_fuzzy_set(graph, 15), vectors, dimensions, seed=0)
    ours = map_quality(map_layout(graph, vectors, MapSettings(dimensions=dimensions)), vectors)
    other = map_quality(theirs, vectors)
    assert ours.trustworthiness > other.trustworthiness - 0.005
    assert ours.preservation > other.preservation
