"""Unrelated images in two splits: nothing leaks; nor does much beside planted copies."""

import numpy as np
import pytest
from nothing import Floats, gaussian, on_sphere, random_hashes, uniform

from explorer.analysis import leak_partners, neighbour_graph, read_pictures, version_threshold


def leaking(vectors: Floats, hashes: list[str | None], *, threshold: float | None = None) -> int:
    pictures = read_pictures(hashes)
    splits = np.random.default_rng(1).integers(0, 3, len(vectors))
    found = leak_partners(
        neighbour_graph(vectors),
        splits,
        threshold=threshold or version_threshold(vectors, pictures.groups()),
        pictures=pictures,
    )
    leaked = np.flatnonzero(found >= 0)
    assert (splits[leaked] != splits[found[leaked]]).all()
    return len(leaked)


@pytest.mark.parametrize("draw", [gaussian, on_sphere, uniform])
@pytest.mark.parametrize(("n", "d"), [(20, 64), (300, 32), (2_000, 64)])
def test_nothing_leaks_where_no_two_images_are_related(draw, n: int, d: int) -> None:
    assert leaking(draw(n, d), random_hashes(n)) == 0
    assert leaking(draw(n, d), [None] * n) == 0


def test_copies_leak_whatever_the_threshold_is() -> None:
    """Forty pictures in five versions each; the extractor sees nothing of that."""
    hashes = random_hashes(40) * 5
    assert leaking(gaussian(200, 64), hashes, threshold=1.0) >= 0.9 * 200
