"""The similarity from which two images may be versions of one picture, space by space."""

import numpy as np
import numpy.typing as npt
import pytest

from explorer.analysis import VERSIONS_FROM, version_threshold

Floats = npt.NDArray[np.float32]


def unlike(count: int, *, shared: float) -> Floats:
    """Vectors that have a part in common: two at random are about shared² / (1 + shared²) alike."""
    random = np.random.default_rng(1)
    apart = random.normal(size=(count, 64)) / 8
    return np.concatenate([apart, np.full((count, 1), shared)], axis=1).astype(np.float32)


@pytest.mark.parametrize("shared", [0.0, 0.5])
def test_where_chance_pairs_are_unlike_it_is_the_usual_one(shared: float) -> None:
    assert version_threshold(unlike(500, shared=shared)) == VERSIONS_FROM


def test_where_all_are_alike_it_leaves_few_to_chance() -> None:
    vectors = unlike(500, shared=3.0)  # chance pairs are 0.9 alike
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    pairs = (unit @ unit.T)[np.triu_indices(500, 1)]
    threshold = version_threshold(vectors)
    assert VERSIONS_FROM < threshold < 1
    assert (pairs >= VERSIONS_FROM).mean() > 0.3
    assert (pairs >= threshold).mean() < 1e-4
    copies = unit + np.random.default_rng(2).normal(size=unit.shape).astype(np.float32) * 0.005
    copies /= np.linalg.norm(copies, axis=1, keepdims=True)
    assert ((unit * copies).sum(axis=1) >= threshold).all()


@pytest.mark.parametrize("images", [40, 200, 1000])
def test_copies_do_not_raise_it(images: int) -> None:
    vectors = unlike(images, shared=0.5)
    assert version_threshold(np.repeat(vectors, 5, axis=0)) == VERSIONS_FROM
    blank = np.repeat(vectors[:1], images // 4, axis=0)  # a fifth are one and the same
    assert version_threshold(np.concatenate([vectors, blank])) == VERSIONS_FROM
    assert version_threshold(vectors[:0]) == VERSIONS_FROM


@pytest.mark.parametrize("kinds", [80, 150])
def test_ties_in_the_distances_give_a_threshold(kinds: int) -> None:
    """One-hot vectors, as people import them, some with a feature more: the distances tie."""
    vectors = np.eye(kinds, kinds + 1, dtype=np.float32)[np.arange(300) % kinds]
    vectors[::2, -1] = 2
    assert 0.9 <= version_threshold(vectors) <= 1
