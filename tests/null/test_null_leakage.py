"""Unrelated images in two splits: nothing leaks; nor does much beside planted copies."""

import numpy as np
import pytest
from nothing import CLOUDS, Floats, gaussian, random_hashes

from explorer.analysis import leak_partners, neighbor_graph, read_pictures, version_threshold

REPEATS = {20: 8, 100: 6, 500: 3, 3000: 1}


def leaking(vectors: Floats, hashes: list[str | None], *, threshold: float | None = None) -> int:
    pictures = read_pictures(hashes)
    splits = np.random.default_rng(1).integers(0, 3, len(vectors))
    found = leak_partners(
        neighbor_graph(vectors),
        splits,
        threshold=threshold or version_threshold(vectors, pictures.groups()),
        pictures=pictures,
    )
    leaked = np.flatnonzero(found >= 0)
    assert (splits[leaked] != splits[found[leaked]]).all()
    return len(leaked)


@pytest.mark.parametrize("n", REPEATS)
def test_nothing_leaks_where_no_two_images_are_related(n: int) -> None:
    """Whether the images use few directions or many; in at most one dataset of twenty."""
    counts = [
        leaking(cloud(n, d, seed), random_hashes(n) if seed % 2 else [None] * n)
        for cloud in CLOUDS
        for d in (8, 64)
        for seed in range(REPEATS[n])
    ]
    assert np.count_nonzero(counts) <= max(1, len(counts) / 20)
    assert np.sum(counts) <= max(2, len(counts) / 10)


@pytest.mark.parametrize("cloud", CLOUDS)
@pytest.mark.parametrize("n", [100, 1000])
def test_copies_among_them_leak(cloud, n: int) -> None:
    """One in ten is there a second time, 0.99 alike."""
    vectors = cloud(n, 64)
    some = vectors[: n // 10]
    apart = gaussian(*some.shape, seed=1)
    apart *= 0.14 * np.linalg.norm(some, axis=1, keepdims=True) / 64**0.5
    both = np.concatenate([vectors, some + apart])
    splits = np.arange(len(both)) >= n
    threshold = version_threshold(both)
    pictures = read_pictures([None] * len(both))
    graph = neighbor_graph(both)
    found = leak_partners(graph, splits.astype(np.int64), threshold=threshold, pictures=pictures)
    assert (found[n:] >= 0).mean() >= 0.95
    assert (found[n // 10 : n] >= 0).sum() <= n / 100


def test_copies_leak_whatever_the_threshold_is() -> None:
    """Forty pictures in five versions each; the extractor sees nothing of that."""
    hashes = random_hashes(40) * 5
    assert leaking(gaussian(200, 64), hashes, threshold=1.0) >= 0.9 * 200
