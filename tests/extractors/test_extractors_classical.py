"""Texture and edges, on pictures whose answer is known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image, ImageDraw, ImageFilter

from explorer import extractors


@pytest.fixture(scope="module", params=["texture-lbp", "edges-hog"])
def either(request):
    return extractors.get(request.param)


def gray_squares(side):
    return arrays.arrays(np.uint8, (2, side, side), elements=st.integers(0, 255))


def vector(extractor, image):
    return extractor.extract(extractor.prepare(image)[None])[0]


def stripes(angle, *, period=16, size=256):
    y, x = np.mgrid[:size, :size]
    turned = np.radians(angle)
    wave = np.sin(2 * np.pi * (x * np.sin(turned) + y * np.cos(turned)) / period)
    return Image.fromarray((127 + 100 * wave).astype(np.uint8)).convert("RGB")


@given(data=st.data())
@settings(deadline=None, max_examples=20)
def test_vectors_are_non_negative_and_of_length_one(either, data):
    side = len(either.prepare(Image.new("RGB", (8, 8))))
    batch = data.draw(gray_squares(side))
    vectors = either.extract(batch)
    assert vectors.dtype == np.float32
    assert vectors.shape == (2, either.dimension)
    assert (vectors >= 0).all()
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    np.testing.assert_array_equal(vectors[1], either.extract(batch[1:])[0])


def test_each_dimension_has_a_name_of_its_own(either):
    assert isinstance(either, extractors.NamesDimensions)
    assert len(set(either.dimension_names)) == either.dimension


def test_colour_does_not_matter(either, photos):
    photo = photos["fish/fish1.jpg"]
    assert vector(either, photo) @ vector(either, photo.convert("L").convert("RGB")) > 0.999


@pytest.mark.parametrize("angle", [0, 20, 40, 60, 80, 100, 120, 140, 160])
def test_stripes_are_edges_of_their_angle(angle):
    edges = extractors.get("edges-hog")
    strongest = edges.dimension_names[vector(edges, stripes(angle)).argmax()]
    assert strongest.startswith(f"edges at {angle}° ")


def test_an_edge_is_found_in_its_place():
    image = Image.new("RGB", (256, 256), "black")
    ImageDraw.Draw(image).rectangle((208, 0, 256, 256), "white")  # its side is in column 7 of 8
    edges = extractors.get("edges-hog")
    found = edges.dimension_names[vector(edges, image).argmax()]
    assert found.startswith("edges at 100° ") or found.startswith("edges at 80° ")
    assert "column 7" in found


def test_flat_images_are_alike_and_unlike_others(photos):
    edges = extractors.get("edges-hog")
    white, red = (vector(edges, Image.new("RGB", (90, 60), each)) for each in ("white", "red"))
    assert edges.dimension_names[white.argmax()] == "no edges"
    assert white @ red == pytest.approx(1)
    assert white @ vector(edges, photos["fish/fish1.jpg"]) < 0.01


def test_the_same_surface_is_nearer_than_another_thing():
    texture = extractors.get("texture-lbp")
    random = np.random.default_rng(0)

    def noise(radius):
        pixels = random.integers(0, 256, (300, 300), np.uint8)
        blurred = Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(radius))
        low, high = np.percentile(np.asarray(blurred), (1, 99))
        stretched = (np.asarray(blurred, np.float32) - low) / (high - low) * 255
        return Image.fromarray(stretched.clip(0, 255).astype(np.uint8)).convert("RGB")

    fine, also_fine, coarse = (vector(texture, noise(radius)) for radius in (1, 1, 5))
    assert fine @ also_fine > 0.99 > fine @ coarse + 0.05


def test_light_and_turning_do_not_matter_to_texture(photos):
    texture = extractors.get("texture-lbp")
    photo = photos["fish/fish1.jpg"]
    turned = photo.transpose(Image.Transpose.ROTATE_90)
    darker = photo.point(lambda value: value * 0.9)
    assert vector(texture, photo) @ vector(texture, turned) > 0.995
    assert vector(texture, photo) @ vector(texture, darker) > 0.99


def test_a_flat_image_has_flat_texture():
    texture = extractors.get("texture-lbp")
    found = vector(texture, Image.new("RGB", (50, 50), "grey"))
    names = {texture.dimension_names[each] for each in np.flatnonzero(found)}
    assert names == {f"{scale}, faint: dark spot or flat" for scale in ("fine", "medium", "coarse")}
