"""The neighbour graph: equal to brute force, stable, and fit for degenerate input."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import explorer.analysis.graph as graph_module
import explorer.analysis.index as index_module
import explorer.analysis.nearest as nearest_module
from benchmarks.planted import Mixture, mixture
from explorer.analysis import build_index, neighbor_graph
from explorer.analysis.exact import exact_all
from explorer.analysis.vectors import unit_rows
from explorer.errors import ExplorerError


def brute_force(vectors: np.ndarray) -> np.ndarray:
    lengths = np.linalg.norm(vectors.astype(np.float64), axis=1, keepdims=True)
    unit = vectors / np.where(lengths > 0, lengths, 1)
    return unit @ unit.T


def random_vectors(n: int, d: int = 16, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, d)).astype(np.float32)


small_integers = arrays(
    np.float32, st.tuples(st.integers(0, 25), st.integers(1, 4)), elements=st.integers(-3, 3)
)


@given(small_integers, st.integers(1, 8))
@settings(max_examples=200, deadline=None)
def test_similarities_are_the_true_highest_when_no_list_is_crowded(vectors, k):
    graph = neighbor_graph(vectors, k=min(k, graph_module.COPIES))
    truth = brute_force(vectors)
    for row, (neighbors, similarities) in enumerate(
        zip(graph.neighbors, graph.similarities, strict=True)
    ):
        assert row not in neighbors
        assert len(set(neighbors.tolist())) == len(neighbors)
        others = np.sort(np.delete(truth[row], row))[::-1][: len(neighbors)]
        np.testing.assert_allclose(similarities, others, atol=1e-5)
        np.testing.assert_allclose(truth[row, neighbors], similarities, atol=1e-5)


@given(small_integers, st.integers(1, 20))
@settings(max_examples=200, deadline=None)
def test_lists_are_full_sorted_and_ties_stand_by_row_number(vectors, k):
    graph = neighbor_graph(vectors, k=k)
    assert graph.neighbors.shape == (len(vectors), min(k, max(len(vectors) - 1, 0)))
    falling = np.diff(graph.similarities, axis=1)
    assert (falling <= 0).all()
    tied = falling == 0
    assert (np.diff(graph.neighbors, axis=1)[tied] > 0).all()


def test_neighbours_of_random_vectors_are_brute_forces_own():
    vectors = random_vectors(300)
    truth = brute_force(vectors)
    np.fill_diagonal(truth, -np.inf)
    expected = np.argsort(-truth, axis=1)[:, :30]
    np.testing.assert_array_equal(neighbor_graph(vectors).neighbors, expected)


@given(st.integers(0, 2**32 - 1), st.integers(1, 40), st.sampled_from([0.0, 0.3, 1.0]))
@settings(max_examples=20, deadline=None)
def test_half_of_the_products_find_what_all_of_them_find(seed, k, copied):
    vectors = random_vectors(2500, 6, seed)
    copies = np.random.default_rng(seed).random(2500) < copied
    vectors[copies] = vectors[0]
    vectors[7] = 0
    unit = unit_rows(vectors)
    rows, similarities = exact_all(unit, k, seed=seed)
    truth = unit @ unit.T
    np.testing.assert_allclose(similarities, -np.sort(-truth, axis=1)[:, :k], atol=1e-6)
    np.testing.assert_allclose(np.take_along_axis(truth, rows, axis=1), similarities, atol=1e-6)
    assert (np.diff(np.sort(rows, axis=1), axis=1) > 0).all()


def test_copies_do_not_push_real_neighbours_out_of_sight():
    vectors = random_vectors(200)
    vectors[:60] = vectors[0]
    graph = neighbor_graph(vectors, k=30)
    copies = graph.neighbors < 60
    assert (copies[:60].sum(axis=1) == graph_module.COPIES).all()
    assert (graph.similarities[:60, : graph_module.COPIES] == 1).all()
    assert (copies[60:].sum(axis=1) <= graph_module.COPIES).all()
    truth = brute_force(vectors)[0, 60:]
    expected = 60 + np.argsort(-truth)[: 30 - graph_module.COPIES]
    np.testing.assert_array_equal(graph.neighbors[40, graph_module.COPIES :], expected)


def test_all_copies_fill_the_lists_when_there_is_nothing_else():
    graph = neighbor_graph(np.ones((50, 4), dtype=np.float32), k=30)
    assert graph.neighbors.shape == (50, 30)
    assert (graph.similarities == 1).all()
    assert all(row not in neighbors for row, neighbors in enumerate(graph.neighbors))


def test_length_of_a_vector_does_not_matter():
    vectors = random_vectors(50)
    scaled = vectors * np.geomspace(1e-20, 1e20, 50)[:, None].astype(np.float32)
    np.testing.assert_array_equal(
        neighbor_graph(vectors).neighbors, neighbor_graph(scaled).neighbors
    )


def test_zero_vectors_are_like_nothing():
    vectors = random_vectors(20)
    vectors[3] = 0
    graph = neighbor_graph(vectors, k=5)
    assert (graph.similarities[3] == 0).all()
    assert np.isfinite(graph.similarities).all()


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_broken_vectors_are_named(bad):
    vectors = random_vectors(20)
    vectors[[4, 17], 2] = bad
    with pytest.raises(ExplorerError, match=r"2 of 20 .*rows 4, 17"):
        neighbor_graph(vectors)


@pytest.mark.parametrize("noise", [0.0, 0.3])
def test_a_search_in_blocks_reaches_its_recall_and_repeats(monkeypatch, noise):
    vectors, _ = mixture(Mixture(4000, 32, noise=noise, spread=1.0))
    vectors[100:160] = vectors[100]
    truth = neighbor_graph(vectors)
    monkeypatch.setattr(nearest_module, "_EXACT_WORK", 0)
    graph = neighbor_graph(vectors)
    again = neighbor_graph(vectors)
    np.testing.assert_array_equal(graph.neighbors, again.neighbors)
    hits = [
        len(np.intersect1d(a, b))
        for a, b in zip(graph.neighbors[:, :15], truth.neighbors[:, :15], strict=True)
    ]
    assert 0.98 <= graph.recall <= 1
    assert np.mean(hits) / 15 == pytest.approx(graph.recall, abs=0.01)
    found = brute_force(vectors)[np.arange(4000)[:, None], graph.neighbors]
    np.testing.assert_allclose(graph.similarities, found, atol=1e-5)


def test_an_index_by_inverted_lists_reaches_its_recall(monkeypatch):
    monkeypatch.setattr(index_module, "_EXACT_NUMBERS", 0)
    vectors = random_vectors(4000, d=8)
    index = build_index(vectors, ids=np.arange(4000) * 2)
    assert index.faiss.nprobe < index.faiss.nlist
    _, found = index.faiss.search(index.unit[:200], 16)
    truth = neighbor_graph(vectors).neighbors[:200, :15] * 2
    hits = [len(np.intersect1d(a, b)) for a, b in zip(found, truth, strict=True)]
    assert index.recall >= 0.98
    assert np.mean(hits) / 15 == pytest.approx(index.recall, abs=0.02)


def test_an_index_answers_with_the_ids_it_was_given():
    vectors = random_vectors(40)
    ids = np.arange(40) * 10 + 7
    index = build_index(vectors, ids=ids)
    _, found = index.faiss.search(index.unit[[5]], 1)
    assert found[0, 0] == 57
    np.testing.assert_array_equal(
        neighbor_graph(vectors, index=index).neighbors, neighbor_graph(vectors).neighbors
    )
