"""Folds: each image is judged once, by what has not seen it, and small labels are short alike."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from explorer.analysis.folds import draw_folds

sizes = st.lists(st.integers(1, 25), min_size=1, max_size=8)


def drawn(sizes: list[int], copies: int, count: int, seed: int):
    """Labels and groups in random order, each group with one label; some images have none."""
    random = np.random.default_rng(seed)
    labels = np.repeat(np.arange(len(sizes)), sizes)
    labels, groups = np.repeat(labels, copies), np.repeat(np.arange(len(labels)), copies)
    labels, groups = np.append(labels, [-1, -1]), np.append(groups, [len(groups), 0])
    order = random.permutation(len(labels))
    labels, groups = labels[order], groups[order]
    return labels, groups, draw_folds(labels, groups, count=count, seed=seed)


@given(sizes, st.integers(1, 3), st.integers(2, 12), st.integers(0, 99))
def test_each_is_judged_once_by_a_fold_that_has_seen_neither_it_nor_its_copies(
    sizes, copies, count, seed
):
    labels, groups, folds = drawn(sizes, copies, count, seed)
    assert ((folds.judged_in == -1) == (labels == -1)).all()
    assert not folds.left_out[:, labels == -1].any()
    for row in np.flatnonzero(labels >= 0):
        same = (groups == groups[row]) & (labels >= 0)
        assert folds.left_out[folds.judged_in[row], same].all()


@given(sizes, st.integers(1, 3), st.integers(2, 12), st.integers(0, 99))
def test_every_fold_is_short_of_each_label_and_evenly_so(sizes, copies, count, seed):
    """One more or less; but a label of one picture or two is there wherever it is not judged."""
    labels, _, folds = drawn(sizes, copies, count, seed)
    for code, size in enumerate(sizes):
        short = folds.left_out[:, labels == code].sum(axis=1) / copies
        assert short.max() <= max(1, -(-size // count))
        assert short.max() < size or size == 1
        assert short.min() >= max(size > 2, size // count)
        assert size > 2 or short.sum() == size


def test_other_seeds_draw_other_folds_and_the_same_the_same():
    labels = np.repeat([0, 1, 2], 8)
    one, again, other = (
        draw_folds(labels, np.arange(24), count=5, seed=seed).judged_in for seed in (0, 0, 1)
    )
    assert (one == again).all()
    assert (one != other).any()
