"""Coverage where the splits are drawn from the same images."""

import numpy as np
import pytest
from nothing import CLOUDS, beside, random_hashes

from explorer.analysis import Inputs, find_analysis, neighbor_graph

REPEATS = {20: 10, 100: 5, 500: 2}


def uncovered(vectors: np.ndarray, splits: np.ndarray) -> np.ndarray:
    analysis = find_analysis("split_check")
    n = len(vectors)
    pictures = {"picture_hash": np.array(random_hashes(n), object), "contrast": np.full(n, 0.2)}
    inputs = Inputs(neighbor_graph(vectors), lambda: vectors, splits=splits, columns=pictures)
    return analysis.run(inputs, analysis.settings).columns["uncovered"] == 1


@pytest.mark.parametrize("share", [0.1, 0.5])
@pytest.mark.parametrize("n", REPEATS)
def test_a_random_split_is_covered_in_nineteen_of_twenty(n: int, share: float) -> None:
    said = [
        uncovered(
            cloud(n, d, seed), (np.random.default_rng(seed).random(n) < share).astype(np.int64)
        ).any()
        for cloud in CLOUDS
        for d in (16, 256)
        for seed in range(REPEATS[n])
    ]
    assert sum(said) <= max(1, len(said) / 20)


def test_a_region_that_training_does_not_reach_is_told() -> None:
    """Loosely, so that none of it is far off by itself; it is by being many."""
    usual, odd = beside(600, 64)
    region = odd[0] / np.linalg.norm(odd[0]) + beside(100, 64, 1)[0]
    splits = np.arange(700) >= 500
    found = uncovered(np.concatenate([usual, region]), splits.astype(np.int64))
    assert found[600:].mean() > 0.3
    assert found[:600].sum() <= 6


def test_a_few_that_are_far_off_are_told_alone() -> None:
    usual, odd = beside(500, 64)
    splits = (np.arange(501) >= 400).astype(np.int64)
    found = uncovered(np.concatenate([usual, odd[:1]]), splits)
    assert np.flatnonzero(found).tolist() == [500]
