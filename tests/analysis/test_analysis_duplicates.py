"""Duplicates: groups around a keeper, that never chain."""

import io
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image, ImageEnhance

from explorer.analysis import (
    KINDS,
    Duplicates,
    DuplicateSettings,
    duplicate_kinds,
    exact_duplicates,
    keeper_quality,
    near_duplicates,
    neighbor_graph,
    read_pictures,
)
from explorer.images import measure_jpeg, thumbnail

SAMPLES = Path(__file__).parents[2] / "sample_data"


def cosine(vectors):
    unit = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    return unit @ unit.T


def found_in(vectors, *, threshold=0.9, quality=None, hashes=None):
    quality = np.zeros(len(vectors)) if quality is None else quality
    graph = neighbor_graph(vectors)
    pictures = read_pictures([None] * len(vectors) if hashes is None else hashes)
    return near_duplicates(graph, vectors, threshold=threshold, quality=quality, pictures=pictures)


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


def test_the_best_of_a_group_is_the_largest_and_of_equal_ones_the_sharpest():
    sizes = np.array([[10, 10], [20, 5], [30, 30], [10, 10]])
    ranks = keeper_quality(sizes, np.array([0.5, 0.9, 0.1, np.nan], dtype=np.float32))
    assert ranks.tolist() == [1, 2, 3, 0]
    assert keeper_quality(np.empty((0, 2), dtype=np.int64), np.empty(0)).tolist() == []


def test_kinds_are_told_by_content_and_by_hash():
    vectors = circle([0, 1, 2, 3, 4, 120, 121])
    found = found_in(vectors, quality=[9, 1, 1, 1, 1, 1, 2])
    content = np.array([7, 7, 5, 4, 3, 2, 1])
    hashes = ["00000000000000ff", "ff", "00000000000000f0", "ffffffff00000000", None, "0", None]
    kinds = duplicate_kinds(found, read_pictures(hashes, content=content), bits=4)
    named = [KINDS[kind] if kind >= 0 else "" for kind in kinds]
    assert named == ["", "exact copy", "same picture", "look-alike", "", "", ""]


def versions(image: Image.Image) -> list[Image.Image]:
    """One picture recompressed, made smaller, cropped by 5 %, and made brighter."""
    file = io.BytesIO()
    image.save(file, "JPEG", quality=40)
    width, height = image.size
    x, y = round(width / 40), round(height / 40)
    return [
        Image.open(file).convert("RGB"),
        image.resize((width // 2, height // 2)),
        image.crop((x, y, width - x, height - y)),
        ImageEnhance.Brightness(image).enhance(1.2),
    ]


def test_versions_of_real_photos_are_the_same_picture_and_other_photos_are_not():
    """As if the extractor found each photo like its versions and like the next two photos."""
    photos = [Image.open(path).convert("RGB") for path in sorted(SAMPLES.glob("*/*.jpg"))[::2]]
    images = [[photo, *versions(photo)] for photo in photos]
    hashes = [[measure_jpeg(thumbnail(each)).hash for each in group] for group in images]
    same = look_alike = 0
    for i, own in enumerate(hashes):
        others = [hashes[(i + step) % len(hashes)][0] for step in (1, 2)]
        near = Duplicates(
            group=np.zeros(7, dtype=np.int32),
            keeper=np.arange(7) == 0,
            similarity=np.ones(7, dtype=np.float32),
        )
        bits = DuplicateSettings().bits
        kinds = duplicate_kinds(near, read_pictures(own + others), bits=bits)
        same += (kinds[1:5] == KINDS.index("same picture")).sum()
        look_alike += (kinds[5:] == KINDS.index("look-alike")).sum()
    assert same >= 0.98 * 4 * len(photos)
    assert look_alike >= 0.98 * 2 * len(photos)
