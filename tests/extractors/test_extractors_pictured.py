"""Extractors of what an image may lack, on images that have it and images that do not."""

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from explorer import extractors
from explorer.errors import ExtractorError
from explorer.extractors import faces, text_layout


def vector(extractor, image):
    return extractor.extract(extractor.prepare(image)[None])[0]


def page(lines, *, left=40, top=40, size=(800, 800)):
    """White paper with lines of text."""
    image = Image.new("RGB", size, "white")
    font = ImageFont.load_default(28)
    for number in range(lines):
        place = (left, top + 40 * number)
        ImageDraw.Draw(image).text(place, f"Line {number} of words", "black", font)
    return image


@pytest.fixture(scope="module")
def layout():
    return extractors.get("text-layout", precision="fp32")


def test_text_is_found_where_it_stands(layout):
    top, bottom = vector(layout, page(3)), vector(layout, page(3, left=420, top=640))
    assert layout.dimension_names[top.argmax()].startswith("text in row 1, column ")
    assert layout.dimension_names[bottom.argmax()].startswith(("text in row 7", "text in row 8"))
    assert top[-1] == bottom[-1] == 0  # there surely is some
    assert top @ bottom < 0.1


def test_what_the_text_says_does_not_matter(layout):
    image = page(5)
    mirrored = page(5).transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    other = Image.new("RGB", image.size, "white")
    font = ImageFont.load_default(28)
    for number in range(5):
        ImageDraw.Draw(other).text((40, 40 + 40 * number), "Another thing 123", "black", font)
    assert vector(layout, image) @ vector(layout, other) > 0.95
    assert vector(layout, image) @ vector(layout, mirrored) < 0.5


def test_pictures_without_text_are_alike(layout, photos):
    sky, photo = Image.new("RGB", (300, 200), "skyblue"), photos["fish/fish1.jpg"]
    assert vector(layout, sky)[-1] > 0.99
    assert vector(layout, sky) @ vector(layout, photo) > 0.9
    assert vector(layout, sky) @ vector(layout, page(5)) < 0.1


@pytest.mark.parametrize(("size", "found"), [(20, True), (8, False)])
def test_text_is_found_from_a_fiftieth_of_the_height_on(layout, size, found):
    image = Image.new("RGB", (1000, 1000), "white")
    font = ImageFont.load_default(size)
    for number in range(12):
        place = (40, 40 + 70 * number)
        ImageDraw.Draw(image).text(place, "A line of words, and more of them", "black", font)
    assert (vector(layout, image)[-1] < 0.1) == found


def test_a_vector_does_not_depend_on_its_batch(layout, photos):
    batch = np.stack([layout.prepare(each) for each in [page(2), photos["fish/fish1.jpg"]]])
    assert np.array_equal(layout.extract(batch)[1], layout.extract(batch[1:])[0])
    assert layout.extract(batch[:0]).shape == (0, 65)


@pytest.fixture(scope="module")
def who():
    return extractors.get("faces")


@pytest.fixture(scope="module")
def astronaut():
    """A portrait in the public domain (NASA), which scikit-image ships."""
    from skimage import data

    return Image.fromarray(data.astronaut())


def test_a_face_is_the_same_face_in_another_picture(who, astronaut):
    other = Image.new("RGB", (900, 700), "forestgreen")
    face = astronaut.crop((120, 0, 330, 260)).resize((315, 390), Image.Resampling.BICUBIC)
    other.paste(face.rotate(8, fillcolor="forestgreen"), (500, 200))
    a, b = vector(who, astronaut), vector(who, other.point(lambda value: value * 0.8))
    assert a[-1] == b[-1] == 0
    assert a @ b > 0.95
    # dlib's own measure of "the same person": descriptors nearer than 0.6.
    assert np.linalg.norm(a - b) < 0.6


def test_pictures_without_a_face_are_alike(who, photos, astronaut):
    none = [vector(who, Image.new("RGB", (50, 70))), vector(who, photos["hammer/hammer8.jpg"])]
    assert none[0] @ none[1] == pytest.approx(1)
    assert none[0] @ vector(who, astronaut) == 0
    assert who.extract(np.empty((0, 150, 150, 3), np.uint8)).shape == (0, 129)


def test_the_largest_face_counts(who, astronaut):
    face = astronaut.crop((120, 0, 330, 260))
    both = Image.new("RGB", (900, 600), "white")
    both.paste(face.resize((420, 520)), (30, 30))
    both.paste(face.transpose(Image.Transpose.FLIP_LEFT_RIGHT).resize((180, 220)), (650, 200))
    alone = Image.new("RGB", (900, 600), "white")
    alone.paste(face.resize((420, 520)), (30, 30))
    assert vector(who, both) @ vector(who, alone) > 0.999


@pytest.mark.parametrize(("share", "found"), [(1 / 8, True), (1 / 20, False)])
def test_a_face_is_found_from_an_eighth_of_the_short_side_on(who, astronaut, share, found):
    """It is 90 pixels wide in the portrait."""
    face, scale = astronaut.crop((120, 0, 330, 260)), 800 * share / 90
    picture = Image.new("RGB", (1000, 800), "forestgreen")
    picture.paste(face.resize((round(210 * scale), round(260 * scale))), (200, 100))
    assert (vector(who, picture)[-1] == 0) == found


@pytest.mark.parametrize("module", [faces, text_layout])
def test_what_is_missing_is_named(module, monkeypatch):
    for name in ("_models", "_model"):
        monkeypatch.setattr(module, name, lambda: None, raising=False)
    with pytest.raises(ExtractorError, match=r"pip install 'embedding-space-explorer\["):
        extractors.get(module._INFO.id)
