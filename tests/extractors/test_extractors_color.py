import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image

from explorer import extractors

IMAGES = arrays.arrays(np.uint8, (2, 64, 64, 3), elements=st.integers(0, 255))


@pytest.fixture(scope="module")
def color():
    return extractors.get("color-histogram")


def of_color(color, *rgb):
    return color.extract(color.prepare(Image.new("RGB", (100, 70), rgb))[np.newaxis])[0]


@given(batch=IMAGES)
@settings(deadline=None)
def test_vectors_are_non_negative_and_of_length_one(color, batch):
    vectors = color.extract(batch)
    assert vectors.dtype == np.float32
    assert vectors.shape == (2, color.dimension)
    assert (vectors >= 0).all()
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


@given(batch=IMAGES, seed=st.integers(0, 9))
@settings(deadline=None)
def test_where_a_pixel_stands_does_not_matter(color, batch, seed):
    pixels = batch.reshape(2, -1, 3)
    order = np.random.default_rng(seed).permutation(pixels.shape[1])
    shuffled = pixels[:, order].reshape(batch.shape)
    np.testing.assert_allclose(color.extract(shuffled), color.extract(batch), atol=1e-4)


def test_a_mirrored_photo_is_the_same(color, photos):
    photo = photos["fish/fish1.jpg"]
    mirrored = photo.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    a, b = color.extract(np.stack([color.prepare(photo), color.prepare(mirrored)]))
    assert a @ b > 0.999


@given(batch=IMAGES)
@settings(deadline=None)
def test_a_vector_does_not_depend_on_its_batch(color, batch):
    assert np.array_equal(color.extract(batch)[1], color.extract(batch[1:])[0])


@pytest.mark.parametrize(
    ("rgb", "name"),
    [
        ((255, 0, 0), "medium vivid red"),
        ((255, 255, 0), "medium vivid yellow"),
        ((0, 255, 0), "medium vivid green"),
        ((0, 0, 90), "dark muted blue"),
        ((255, 150, 255), "light muted magenta"),
        ((0, 0, 0), "black"),
        ((128, 128, 128), "grey"),
        ((255, 255, 255), "white"),
    ],
)
def test_a_plain_colour_stands_mostly_in_the_dimension_of_its_name(color, rgb, name):
    assert color.dimension_names[of_color(color, *rgb).argmax()] == name


def test_names_are_one_per_dimension_and_differ():
    color = extractors.get("color-histogram")
    assert len(set(color.dimension_names)) == len(color.dimension_names) == color.dimension


def test_near_colours_are_nearer_than_far_ones(color):
    red, scarlet, blue = (
        of_color(color, *rgb) for rgb in [(220, 30, 30), (220, 60, 30), (30, 30, 220)]
    )
    assert red @ scarlet > 0.8 > 0.1 > red @ blue


def test_no_image_gives_no_vector(color):
    assert color.extract(np.empty((0, 64, 64, 3), np.uint8)).shape == (0, color.dimension)
