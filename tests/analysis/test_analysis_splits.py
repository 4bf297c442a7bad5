"""Splits: the same picture in two of them, and what training doesn't reach."""

import numpy as np
import pytest

from explorer.analysis import Inputs, across_splits, find_analysis, neighbor_graph, to_training

TRAIN, VAL = 0, 1


@pytest.fixture(scope="module")
def halves():
    """1,000 training images of one kind; 100 others: 10 copied, 20 of another kind."""
    random = np.random.default_rng(0)
    vectors = random.normal(size=(1100, 16)) * 0.6 + np.eye(16)[0] * 3
    vectors[1000:1010] = vectors[:10] + random.normal(size=(10, 16)) * 0.01
    vectors[1010:1030] = random.normal(size=(20, 16)) * 0.6 - np.eye(16)[0] * 3
    splits = np.where(np.arange(1100) < 1000, TRAIN, VAL)
    return vectors.astype(np.float32), splits


def test_leaks_and_uncovered_regions_are_found(halves):
    vectors, splits = halves
    analysis = find_analysis("split_check")
    settings = analysis.with_settings({"threshold": "0.999"})
    inputs = Inputs(
        neighbor_graph(vectors),
        lambda: vectors,
        splits=splits,
        content=np.arange(1100),
        columns={"picture_hash": np.full(1100, None), "contrast": np.ones(1100, np.float32)},
    )
    result = analysis.run(inputs, settings)
    leaks = np.flatnonzero(result.columns["split_leak"])
    assert leaks.tolist() == [*range(10), *range(1000, 1010)]
    uncovered = result.columns["uncovered"] == 1
    assert uncovered[1010:1030].all()
    assert uncovered[:1000].sum() == 0
    assert uncovered[1030:].mean() < 0.1
    figures = {"leak_threshold": 0.999, "leaked": 20, "uncovered": uncovered.sum()}
    assert result.figures == figures


def test_an_image_without_a_split_is_in_none(halves):
    vectors, splits = halves
    some = np.where(np.arange(1100) % 2 == 0, -1, splits)
    across = across_splits(neighbor_graph(vectors), some)
    assert np.isnan(across[::2]).all()
    assert across[1001] < 1


def test_training_similarity_leaves_the_image_itself_out(halves):
    vectors, splits = halves
    graph = neighbor_graph(vectors)
    reach = to_training(graph, splits)
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    truth = unit @ unit[:1000].T
    truth[np.arange(1000), np.arange(1000)] = -1
    seen = (graph.neighbors < 1000).any(axis=1)
    np.testing.assert_allclose(reach[seen], truth.max(axis=1)[seen], atol=1e-5)
    assert (reach[~seen] >= truth.max(axis=1)[~seen] - 1e-5).all()
