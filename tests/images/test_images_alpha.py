"""How opaque an image is, in whatever way its file says so."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from PIL import Image, ImageDraw
from support.image_files import encode, quarters

from explorer.analysis import read_alpha
from explorer.images import SafeDecoder, decode

LOSSLESS = {"WEBP": {"lossless": True}, "AVIF": {"quality": 100, "subsampling": "4:4:4"}}


@pytest.fixture(scope="module")
def means() -> Iterator[Callable[[bytes], list[float]]]:
    """Decodes as a job does, some formats in another process."""
    with SafeDecoder() as decoder:
        yield lambda data: read_alpha([decoder.decode(data).alpha_means])[0].tolist()


def right_half(image: Image.Image, alpha: int) -> Image.Image:
    """A square of 16 pixels whose left half is opaque and whose right half is of that alpha."""
    made = image.resize((16, 16)).convert("LA" if image.mode == "L" else "RGBA")
    channel = Image.new("L", made.size, 255)
    channel.paste(alpha, (8, 0, 16, 16))
    made.putalpha(channel)
    return made


@pytest.mark.parametrize("format", ["PNG", "WEBP", "TIFF", "AVIF"])
@pytest.mark.parametrize("alpha", [0, 51, 204, 255])
def test_the_mean_of_an_alpha_channel(means, format, alpha):
    data = encode(right_half(quarters(), alpha), format, **LOSSLESS.get(format, {}))
    half = alpha / 255
    assert means(data) == pytest.approx([1, 1, half, half, (1 + half) / 2], abs=0.02)


def test_grey_with_alpha(means):
    found = means(encode(right_half(Image.new("L", (8, 8), 90), 102), "PNG"))
    assert found == pytest.approx([1, 1, 0.4, 0.4, 0.7], abs=1e-4)


@pytest.mark.parametrize("transparency", [1, bytes([255, 51])])
def test_a_palette_with_transparent_colours(means, transparency):
    image = Image.new("P", (16, 16), 0)
    image.putpalette([0, 0, 0, 0, 200, 0])
    image.paste(1, (8, 0, 16, 16))
    half = 0 if transparency == 1 else 0.2
    found = means(encode(image, "PNG", transparency=transparency))
    assert found == pytest.approx([1, 1, half, half, (1 + half) / 2], abs=1e-4)


def test_a_transparent_colour(means):
    gray = Image.fromarray(np.repeat(np.array([[10, 200]], np.uint8), 2, axis=0))
    found = means(encode(gray, "PNG", transparency=200))
    assert found == pytest.approx([1, 1, 0, 0, 0.5], abs=1e-4)
    assert means(encode(gray.convert("RGB"), "PNG", transparency=(9, 9, 9))) == [1] * 5


def test_a_gif_with_transparency(means):
    found = means(encode(right_half(quarters(), 0), "GIF"))
    assert found == pytest.approx([1, 1, 0, 0, 0.5], abs=1e-4)


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "PPM"])
def test_what_has_no_transparency_is_opaque(means, format):
    assert means(encode(quarters(), format)) == [1] * 5


def test_turned_and_mirrored_it_is_as_opaque(means):
    image = Image.new("RGBA", (61, 44), (0, 0, 0, 0))
    ImageDraw.Draw(image).polygon([(3, 2), (50, 9), (20, 40)], (200, 0, 0, 150))
    found = means(encode(image, "PNG"))
    assert 0.01 < min(found) < max(found) < 0.5
    for turn in Image.Transpose:
        assert means(encode(image.transpose(turn), "PNG")) == pytest.approx(found, abs=1e-4)


def test_an_image_of_one_pixel_has_quarters(means):
    veil, opaque = (Image.new("RGBA", (1, 1), (0, 0, 0, alpha)) for alpha in (51, 255))
    assert means(encode(veil, "PNG")) == pytest.approx([0.2] * 5, abs=1e-4)
    assert decode(encode(opaque, "PNG")).alpha_means == "ffff" * 5
