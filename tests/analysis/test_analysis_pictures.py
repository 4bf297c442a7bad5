"""One rule for "the same picture", whoever asks: hashes, contrast and transparency."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.analysis import Graph, Pictures, leak_partners, read_pictures
from explorer.analysis.hashes import TURNED_BITS, UPRIGHT_BITS, orientations

HASHES = ["00000000000000ff"] * 2


def alike(pictures: Pictures) -> bool:
    """Whether two images are the same picture: to whoever asks, it is the same."""
    one, other = np.array([0]), np.array([1])
    same = bool(pictures.same(one, other, np.ones(1, np.float32))[0])
    assert (pictures.groups()[0] == pictures.groups()[1]) == same
    assert (leaks(pictures, np.array([0, 1])) >= 0).tolist() == [same, same]
    return same


def leaks(pictures: Pictures, splits: np.ndarray) -> np.ndarray:
    """By the pictures alone: no two have similar vectors."""
    n = len(splits)
    graph = Graph(np.empty((n, 0), np.int64), np.empty((n, 0), np.float32))
    return leak_partners(graph, splits, threshold=1, pictures=pictures)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (0.3, 0.3, True),
        (0.3, 0.3 * 1.04, True),  # scaled to a quarter
        (0.3, 0.27, False),  # drawn at 90 %
        (0.3, 0.24, False),
        (0.05, 0.045, False),
        (0.9, 0.81, False),
        (1, 0.9, False),
        (1, 0.3, False),  # the same on an opaque ground
        (1, 0.9995, True),  # so little is transparent that scaling may lose it
        (1, 0.99, False),  # rounded corners
        (0.99, 0.9898, True),
        (float("nan"), 0.3, True),  # from before it was known
    ],
)
def test_the_same_picture_is_as_transparent(one: float, other: float, same: bool) -> None:
    alpha = np.array([[one] * 5, [other] * 5])
    for pair in (alpha, alpha[::-1]):
        assert alike(read_pictures(HASHES, alpha=pair)) == same


def test_transparency_in_another_place_is_another_picture() -> None:
    """As much of it as a whole: a gradient is no even veil."""
    even, to_the_side, to_the_rim = [0.6] * 5, [0.75, 0.75, 0.45, 0.45, 0.6], [*[0.6] * 4, 0.7]
    for one, other in ((even, to_the_side), (even, to_the_rim), (to_the_side, to_the_rim)):
        assert not alike(read_pictures(HASHES, alpha=np.array([one, other])))


@pytest.mark.parametrize(("factor", "same"), [(1, True), (1.4, True), (1.6, False)])
def test_the_same_picture_has_about_the_same_contrast(factor: float, same: bool) -> None:
    for pair in ((0.2, 0.2 * factor), (0.2 * factor, 0.2)):
        assert alike(read_pictures(HASHES, contrast=pair)) == same


def by_looking_at_all(pictures: Pictures) -> np.ndarray:
    """Which pairs show one picture: (n, n)."""
    n = len(pictures.code)
    one, other = np.divmod(np.arange(n * n), n)
    found = pictures.upright(one, other) <= UPRIGHT_BITS
    return (found | (pictures.otherwise(one, other) <= TURNED_BITS)).reshape(n, n)


@given(st.integers(0, 2**32), st.integers(1, 60), st.integers(0, 5))
@settings(max_examples=60, deadline=None)
def test_codes_and_links_say_what_the_pairs_do(seed: int, n: int, flips: int) -> None:
    random = np.random.default_rng(seed)
    of = random.integers(0, 5, n)
    values = orientations(random.integers(0, 2**64, 5, np.uint64))[random.integers(0, 8, n), of]
    for _ in range(flips):
        values = values ^ (np.uint64(1) << random.integers(0, 64, n).astype(np.uint64))
    pictures = read_pictures(
        [None if random.random() < 0.1 else f"{each:016x}" for each in values.tolist()],
        contrast=random.choice([0.1, 0.14, 0.2], n),
        alpha=random.choice([1, 0.5, 0.48, 0.2, np.nan], n).repeat(5).reshape(n, 5),
    )
    pairs = by_looking_at_all(pictures)
    code, linked = pictures.code, {*map(tuple, pictures.links.tolist())}
    for one, other in np.argwhere(np.ones((n, n))).tolist():
        codes = (min(code[one], code[other]), max(code[one], code[other]))
        assert pairs[one, other] == (codes[0] >= 0 and (codes[0] == codes[1] or codes in linked))
    splits = random.integers(-1, 3, n)
    across = (splits[:, None] != splits) & (splits >= 0) & (splits[:, None] >= 0)
    found = leaks(pictures, splits)
    assert ((found >= 0) == (pairs & across).any(axis=1)).all()
    leaked = np.flatnonzero(found >= 0)
    assert (pairs & across)[leaked, found[leaked]].all()
