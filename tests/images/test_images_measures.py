"""What is measured of a picture changes with what is done to the picture, and only with that."""

import io
import math
from pathlib import Path

import numpy as np
import pytest
import scipy.fft
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image, ImageEnhance, ImageFilter

from explorer.errors import ImageError
from explorer.images import Measures, measure, measure_jpeg, thumbnail

SAMPLES = Path(__file__).parents[2] / "sample_data"
PHOTOS = sorted(SAMPLES.glob("*/*.jpg"))


def photo(path: Path) -> Image.Image:
    return Image.open(path).convert("RGB")


def measured(image: Image.Image) -> Measures:
    return measure_jpeg(thumbnail(image))


def differing_bits(one: Measures, other: Measures) -> int:
    return (int(one.hash, 16) ^ int(other.hash, 16)).bit_count()


@pytest.mark.parametrize("path", PHOTOS[::8], ids=lambda path: path.name)
def test_each_measure_follows_what_is_done_to_a_photo(path):
    image = photo(path)
    before = measured(image)
    blurred = image.filter(ImageFilter.GaussianBlur(max(image.size) / 128))
    assert measured(blurred).sharpness < before.sharpness - 0.1
    dark = measured(ImageEnhance.Brightness(image).enhance(0.3))
    assert dark.brightness == pytest.approx(before.brightness * 0.3, abs=0.02)
    assert dark.highlights < before.highlights
    flat = measured(ImageEnhance.Contrast(image).enhance(0.2))
    assert flat.contrast == pytest.approx(before.contrast * 0.2, abs=0.02)
    assert flat.information < before.information


def test_motion_blur_in_one_direction_shows():
    image = photo(PHOTOS[0])
    kernel = np.zeros((5, 5))
    kernel[2] = 1
    smeared = image.resize((256, 170)).filter(ImageFilter.Kernel((5, 5), kernel.ravel().tolist()))
    assert measured(smeared).sharpness < measured(image).sharpness - 0.1


@given(arrays(np.uint8, st.tuples(st.integers(1, 20), st.integers(1, 20))))
def test_whatever_comes_every_measure_stays_in_its_range(gray):
    found = measure(gray)
    assert 0 <= found.shadows <= found.highlights <= 1
    assert 0 <= found.brightness <= 1
    assert 0 <= found.contrast <= 0.5
    assert 0 <= found.information <= 8
    assert math.isnan(found.sharpness) == (min(gray.shape) < 10)
    assert math.isnan(found.sharpness) or 0 <= found.sharpness <= 1
    assert found.hash is None or len(found.hash) == 16


def test_one_grey_holds_nothing():
    found = measure(np.full((30, 40), 51, np.uint8))
    assert found.brightness == found.shadows == found.highlights == pytest.approx(0.2)
    assert found.contrast == found.information == found.sharpness == 0


def test_light_is_told_by_the_shares_of_pixels():
    half = np.zeros((10, 10), np.uint8)
    half[:5] = 255
    found = measure(half)
    assert (found.brightness, found.contrast, found.information) == (0.5, 0.5, 1)
    assert (found.shadows, found.highlights) == (0, 1)


def test_a_hash_stays_with_the_picture():
    for path in PHOTOS[::4]:
        image = photo(path)
        before = measured(image)
        out = io.BytesIO()
        image.save(out, "JPEG", quality=30)
        versions = [
            Image.open(out).convert("RGB"),
            image.resize((image.width // 2, image.height // 2)),
            ImageEnhance.Brightness(image).enhance(1.2),
        ]
        assert max(differing_bits(before, measured(each)) for each in versions) <= 10, path


def test_a_hash_is_the_signs_of_the_lowest_frequencies():
    gray = np.asarray(photo(PHOTOS[3]).convert("L"))
    small = np.asarray(Image.fromarray(gray).resize((32, 32), Image.Resampling.LANCZOS), float)
    waves = scipy.fft.dctn(small)[:8, :8]
    signs = np.packbits((waves > 0).ravel()).tobytes().hex()
    assert measure(gray).hash == signs


def gradient(_: int) -> np.ndarray:
    return np.tile(np.linspace(0, 255, 64), (64, 1))


def disc(radius: int) -> np.ndarray:
    rows, columns = np.mgrid[:200, :200] - 99.5
    return np.where(rows**2 + columns**2 < radius**2, 0, 255)


@pytest.mark.parametrize("make", [lambda gray: np.full((64, 64), gray), gradient, disc])
def test_a_picture_with_too_little_in_it_has_no_hash(make):
    for number in (0, 40, 80):
        assert measure(make(number).astype(np.uint8)).hash is None


@pytest.mark.parametrize("data", [b"", b"no jpeg", b"\xff\xd8\xff\xd9"])
def test_what_is_no_jpeg_is_a_sentence(data):
    with pytest.raises(ImageError, match="thumbnail is damaged"):
        measure_jpeg(data)
