"""Picture hashes in all orientations, and the close ones among many."""

from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from explorer.analysis import read_pictures
from explorer.analysis.hashes import TURNED_BITS, UPRIGHT_BITS, close_hashes, orientations
from explorer.images import measure_jpeg, thumbnail

SAMPLES = Path(__file__).parents[2] / "sample_data"
TURNS = (
    None,
    Image.Transpose.FLIP_LEFT_RIGHT,
    Image.Transpose.FLIP_TOP_BOTTOM,
    Image.Transpose.ROTATE_180,
    Image.Transpose.TRANSPOSE,
    Image.Transpose.ROTATE_270,
    Image.Transpose.ROTATE_90,
    Image.Transpose.TRANSVERSE,
)


def apart(one: int, other: int) -> int:
    return (one ^ other).bit_count()


def hashed(image: Image.Image) -> int:
    return int(measure_jpeg(thumbnail(image)).hash, 16)


def test_the_hash_of_a_turned_photo_is_the_turned_hash_of_the_photo():
    for path in sorted(SAMPLES.glob("*/*.jpg"))[::9]:
        photo = Image.open(path).convert("RGB")
        told = orientations(np.array([hashed(photo)], np.uint64))[:, 0].tolist()
        for turn, turned in zip(TURNS, told, strict=True):
            seen = hashed(photo if turn is None else photo.transpose(turn))
            assert apart(seen, turned) <= TURNED_BITS, (path, turn)


def by_looking_at_all(values: np.ndarray) -> set[tuple[int, int]]:
    most = np.array([UPRIGHT_BITS] + [TURNED_BITS] * 7)
    differing = np.bitwise_count(orientations(values)[:, :, None] ^ values)
    pairs = np.argwhere((differing <= most[:, None, None]).any(axis=0))
    return {(min(pair), max(pair)) for pair in pairs.tolist() if pair[0] != pair[1]}


@given(st.integers(0, 2**32), st.integers(0, 9), st.integers(0, 300))
@settings(max_examples=40, deadline=None)
def test_no_close_pair_is_missed_and_none_is_made_up(seed, flips, n):
    random = np.random.default_rng(seed)
    values = random.integers(0, 2**64, n, np.uint64)
    for row in range(1, n, 2):  # a version of the one before, in some orientation
        turned = orientations(values[row - 1 : row])[random.integers(8), 0]
        bits = random.choice(64, flips, replace=False).astype(np.uint64)
        values[row] = turned ^ np.bitwise_or.reduce(np.uint64(1) << bits)
    values = np.unique(values)
    assert {tuple(pair) for pair in close_hashes(values).tolist()} == by_looking_at_all(values)


def test_random_hashes_are_not_close():
    values = np.unique(np.random.default_rng(0).integers(0, 2**64, 20_000, np.uint64))
    assert len(close_hashes(values)) <= 1  # by chance 0.03 of them


def test_all_that_is_close_is_reached_along_the_links_between_rows():
    texts = ["00000000000000ff", "00000000000000ff", None, "00000000000000fe", "f0f0f0f0f0f0f0f0"]
    pictures = read_pictures(texts)
    assert pictures.groups().tolist() == [0, 0, 1, 0, 2]
    assert pictures.among(np.array([4, 3, 2, 1])).groups().tolist() == [0, 1, 2, 1]
    assert pictures.among(np.array([2, 4])).groups().tolist() == [0, 1]
