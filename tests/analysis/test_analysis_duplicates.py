"""Duplicates: groups around a keeper, that never chain."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from explorer.analysis import exact_duplicates, near_duplicates, neighbour_graph


def cosine(vectors):
    unit = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    return unit @ unit.T


def found_in(vectors, *, threshold=0.9, quality=None):
    quality = np.zeros(len(vectors)) if quality is None else quality
    graph = neighbour_graph(vectors)
    return near_duplicates(graph, vectors, threshold=threshold, quality=quality)


def circle(degrees):
    angles = np.radians(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


@given(
    arrays(
        np.float32, st.tuples(st.integers(0, 40), st.integers(1, 3)), elements=st.integers(-2, 2)
    ),
    st.floats(0.3, 0.999),
    st.integers(0, 3),
)
@settings(max_examples=150, deadline=None)
def test_every_member_is_close_to_its_one_keeper_and_no_keeper_could_join_a_better(
    vectors, threshold, seed
):
    quality = np.random.default_rng(seed).integers(0, 3, len(vectors))
    found = found_in(vectors, threshold=threshold, quality=quality)
    truth = cosine(vectors)
    for group in range(found.group.max(initial=-1) + 1):
        rows = np.flatnonzero(found.group == group)
        keepers = rows[found.keeper[rows]]
        assert len(rows) > 1
        assert len(keepers) == 1
        assert quality[keepers[0]] == quality[rows].max()
        assert (truth[keepers[0], rows] >= threshold - 1e-4).all()
        np.testing.assert_allclose(found.similarity[rows], truth[keepers[0], rows], atol=1e-4)
        np.testing.assert_allclose(found.lowest()[group], found.similarity[rows].min())
    assert np.isnan(found.similarity[found.group == -1]).all()


def test_a_pan_does_not_chain():
    found = found_in(circle(np.arange(0, 60, 10)), threshold=np.cos(np.radians(11)))
    sizes = np.bincount(found.group[found.group >= 0])
    assert sizes.max() <= 3


def test_the_largest_picture_is_kept():
    found = found_in(circle([0, 1, 2, 90]), quality=[100, 300, 200, 900])
    assert found.group.tolist() == [0, 0, 0, -1]
    assert found.keeper.tolist() == [False, True, False, False]


def test_a_group_may_be_larger_than_the_graph_is_wide():
    random = np.random.default_rng(0)
    vectors = random.normal(size=(300, 32)).astype(np.float32)
    vectors[:120] = vectors[0]
    vectors[120:220] = vectors[120] + random.normal(size=(100, 32)) * 0.01
    found = found_in(vectors, quality=random.random(300))
    assert len(set(found.group[:120].tolist())) == 1
    assert len(set(found.group[120:220].tolist())) == 1
    assert (found.group[220:] == -1).all()


def test_planted_duplicates_are_found_exactly():
    random = np.random.default_rng(0)
    vectors = random.normal(size=(1000, 64)).astype(np.float32)
    vectors[900:] = vectors[:100] + random.normal(size=(100, 64)) * 0.1
    found = found_in(vectors)
    np.testing.assert_array_equal(found.group[900:], found.group[:100])
    assert (np.bincount(found.group[found.group >= 0]) == 2).all()
    assert (found.group >= 0).sum() == 200


def test_exact_copies_have_equal_content():
    assert exact_duplicates(np.array([5, 3, 5, 4, 3, 5])).tolist() == [1, 0, 1, -1, 0, 1]
    assert exact_duplicates(np.array([], dtype=np.int64)).tolist() == []
