"""Agreement of two spaces and the shape of one: planted truth and invariants."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.analysis import (
    Graph,
    hubness,
    intrinsic_dimension,
    linear_cka,
    neighbor_graph,
    neighbor_overlap,
)


def normal(n: int, d: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, d)).astype(np.float32)


def turned(vectors: np.ndarray, seed: int = 1) -> np.ndarray:
    turn, _ = np.linalg.qr(np.random.default_rng(seed).normal(size=(vectors.shape[1],) * 2))
    return (3 * vectors @ turn).astype(np.float32)


@given(st.integers(4, 60), st.integers(2, 80), st.integers(0, 1000))
def test_cka_of_a_space_with_itself_turned_and_scaled_is_one(n, d, seed):
    vectors = normal(n, d, seed)
    assert linear_cka(vectors, turned(vectors)) == pytest.approx(1, abs=1e-4)


@given(st.integers(4, 60), st.integers(0, 1000))
def test_cka_is_symmetric_and_within_its_range(n, seed):
    one, other = normal(n, 9, seed), normal(n, 30, seed + 1)
    assert linear_cka(one, other) == pytest.approx(linear_cka(other, one), abs=1e-6)
    assert 0 <= linear_cka(one, other) <= 1


def test_unrelated_spaces_are_unrelated_even_with_more_dimensions_than_images():
    """The plain estimate finds them alike: 0.8 and more."""
    assert linear_cka(normal(60, 1000), normal(60, 800, seed=1)) < 0.1


def test_cka_is_that_of_the_whole_matrices_of_similarities():
    """Song et al. 2012, equation 5, on the n by n matrices."""

    def independence(k: np.ndarray, m: np.ndarray) -> float:
        n = len(k)
        k, m = k - np.diag(np.diag(k)), m - np.diag(np.diag(m))
        whole = k.sum() * m.sum() / ((n - 1) * (n - 2))
        return float((k * m).sum() + whole - 2 / (n - 2) * (k.sum(0) @ m.sum(1)))

    one = normal(40, 7)
    other = np.hstack([one[:, :3], normal(40, 20, seed=1)])
    grams = [
        (unit := each / np.linalg.norm(each, axis=1, keepdims=True)) @ unit.T
        for each in (one.astype(np.float64), other.astype(np.float64))
    ]
    expected = independence(*grams) / np.sqrt(
        independence(grams[0], grams[0]) * independence(grams[1], grams[1])
    )
    assert linear_cka(one, other) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("vectors", [normal(3, 5), np.ones((9, 5), np.float32)])
def test_cka_of_too_little_is_not_known(vectors):
    assert np.isnan(linear_cka(vectors, vectors))


def test_overlap_is_counted_image_by_image():
    similarities = np.ones((3, 2), np.float32)
    one = Graph(np.array([[1, 2], [0, 2], [0, 1]]), similarities)
    other = Graph(np.array([[2, 1], [0, 3], [0, 3]]), similarities)
    assert neighbor_overlap(one, other, k=2).tolist() == [1, 0.5, 0.5]
    assert neighbor_overlap(one, other, k=1).tolist() == [0, 1, 1]


def test_overlap_is_one_with_itself_and_rare_by_chance():
    one, other = neighbor_graph(normal(400, 8)), neighbor_graph(normal(400, 8, seed=1))
    assert (neighbor_overlap(one, one, k=10) == 1).all()
    assert neighbor_overlap(one, other, k=10).mean() < 0.06
    alone = neighbor_graph(normal(1, 8))
    assert np.isnan(neighbor_overlap(alone, alone, k=10)).all()


@pytest.mark.parametrize("dimensions", [2, 5, 10])
def test_the_planted_dimension_is_found_in_a_wide_space(dimensions):
    """A patch of a flat space, bent a little and turned into 60 dimensions."""
    inside = np.random.default_rng(0).uniform(-0.4, 0.4, (4000, dimensions))
    wide = np.hstack([inside, np.ones((4000, 1)), np.zeros((4000, 59 - dimensions))])
    found = intrinsic_dimension(neighbor_graph(turned(wide.astype(np.float32))))
    assert found == pytest.approx(dimensions, rel=0.25)


def test_copies_tell_nothing_of_the_dimension():
    vectors = normal(1000, 4)
    doubled = np.vstack([vectors, vectors[:50]])
    plain, copied = (intrinsic_dimension(neighbor_graph(each)) for each in (vectors, doubled))
    assert copied == pytest.approx(plain, rel=0.15)
    assert np.isnan(intrinsic_dimension(neighbor_graph(np.ones((50, 4), np.float32))))
    assert np.isnan(intrinsic_dimension(neighbor_graph(normal(1, 4))))


def test_hubs_appear_where_theory_says():
    """Radovanović et al.: many dimensions make hubs, few do not; on a ring there are none."""
    # One constant dimension more: by cosine, all then lie in a cap around it, not all around.
    clouds = [np.hstack([normal(2000, d), np.full((2000, 1), 20, np.float32)]) for d in (3, 100)]
    narrow, wide = (hubness(neighbor_graph(cloud)) for cloud in clouds)
    assert wide.skewness > 1.5 > 0.7 > narrow.skewness
    assert wide.never > narrow.never
    angles = np.arange(100) * 2 * np.pi / 100
    ring = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    even = hubness(neighbor_graph(ring), k=2)
    assert (even.skewness, even.never, even.most) == (0, 0, 2)
