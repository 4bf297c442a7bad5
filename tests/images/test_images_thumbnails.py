from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from support.image_files import encode, icc_profile, quarters

from explorer.images import decode, thumbnail


def opened(jpeg: bytes) -> Image.Image:
    return Image.open(io.BytesIO(jpeg))


@pytest.mark.parametrize(
    ("size", "expected"),
    [((640, 480), (256, 192)), ((300, 900), (85, 256)), ((256, 256), (256, 256)),
     ((100, 80), (100, 80)), ((257, 100), (256, 100)), ((5000, 3), (256, 1)), ((1, 1), (1, 1))],
)  # fmt: skip
def test_the_longest_side_is_at_most_256(size, expected):
    small = opened(thumbnail(Image.new("RGB", size)))
    assert (small.format, small.mode, small.size) == ("JPEG", "RGB", expected)


@given(st.integers(1, 900), st.integers(1, 900), st.integers(1, 400))
@settings(max_examples=60, deadline=None)
def test_shape_is_kept(width, height, side):
    small = opened(thumbnail(Image.new("RGB", (width, height)), side=side))
    assert max(small.size) == min(side, max(width, height))
    scale = max(small.size) / max(width, height)
    assert abs(small.width - width * scale) <= 1
    assert abs(small.height - height * scale) <= 1


def test_the_picture_is_kept():
    rng = np.random.default_rng(0)
    waves = rng.integers(0, 255, (9, 12, 3), dtype=np.uint8)
    image = Image.fromarray(waves).resize((1200, 900), Image.Resampling.BICUBIC)
    small = opened(thumbnail(image))
    expected = image.resize(small.size, Image.Resampling.LANCZOS)
    error = np.asarray(small, np.float64) - np.asarray(expected, np.float64)
    assert np.sqrt((error**2).mean()) < 4


def test_no_metadata():
    exif = Image.Exif()
    exif[271] = "a camera"
    options = {"exif": exif, "comment": b"a comment", "icc_profile": icc_profile(2.2)}
    data = encode(quarters(), "JPEG", **options)
    for image in (decode(data).image, opened(data)):
        small = opened(thumbnail(image))
        assert not {"exif", "comment", "icc_profile"} & set(small.info)


def test_lower_quality_is_smaller():
    noise = Image.effect_noise((300, 200), 60).convert("RGB")
    assert len(thumbnail(noise, quality=40)) < len(thumbnail(noise))
