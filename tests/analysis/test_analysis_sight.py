"""Similarity taken apart, and dimensions that stand out."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from explorer.analysis import similarity_by_dimension, similarity_by_place, standing_out

values = st.floats(-100, 100, width=32)


def maps(dimension: int):
    sides = st.tuples(st.integers(1, 5), st.integers(1, 5))
    return sides.flatmap(lambda side: arrays(np.float32, (*side, dimension), elements=values))


def cosine(one: np.ndarray, other: np.ndarray) -> float:
    scale = float(np.linalg.norm(one) * np.linalg.norm(other))
    return float(one @ other) / scale if scale else 0.0


@given(maps(3), maps(3))
def test_the_places_of_each_image_add_up_to_the_similarity(one, other):
    means = [each.reshape(-1, 3).mean(axis=0) for each in (one, other)]
    if min(np.linalg.norm(mean) for mean in means) < 1e-2:
        return  # almost no direction: what rounding leaves
    found = similarity_by_place(one, other)
    for heat, given_maps in zip(found, (one, other), strict=True):
        assert heat.shape == given_maps.shape[:2]
        assert heat.sum() == pytest.approx(cosine(*means), abs=1e-2)


def test_what_two_images_share_is_where_the_heat_is():
    one, other = np.zeros((4, 4, 6), np.float32), np.zeros((3, 3, 6), np.float32)
    one[0, 1, 2], other[2, 2, 2] = 5, 7  # shared
    one[3, 3, 0], other[0, 0, 1] = 9, 9  # each its own
    first, second = similarity_by_place(one, other)
    assert np.argwhere(first > 1e-6).tolist() == [[0, 1]]
    assert np.argwhere(second > 1e-6).tolist() == [[2, 2]]
    empty = np.zeros((2, 2, 6), np.float32)
    assert (similarity_by_place(empty, one)[0] == 0).all()


@given(arrays(np.float32, (2, 6), elements=values))
def test_the_dimensions_add_up_to_the_similarity(pair):
    shares = similarity_by_dimension(*pair)
    assert shares.sum() == pytest.approx(cosine(*pair.astype(np.float64)), abs=1e-4)


def test_the_planted_dimension_stands_out():
    random = np.random.default_rng(0)
    vectors = np.abs(random.normal(size=(200, 20))).astype(np.float32)
    chosen = np.arange(200) < 15
    vectors[chosen, 7] += 4
    scores = standing_out(vectors, chosen)
    assert scores.argmax() == 7
    alone = np.arange(200) == 3
    vectors[3, 11] += 9
    assert standing_out(vectors, alone).argmax() == 11


@pytest.mark.parametrize("chosen", [np.zeros(5, bool), np.ones(5, bool)])
def test_nothing_stands_out_against_nothing(chosen):
    vectors = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)
    assert (standing_out(vectors, chosen) == 0).all()
    assert (standing_out(np.ones((5, 3), np.float32), np.arange(5) < 2) == 0).all()
