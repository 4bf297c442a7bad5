"""Damaged files decode or are rejected with a sentence: nothing else ever happens."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from support.image_files import encode, icc_profile

from explorer.errors import ImageError
from explorer.images import SafeDecoder

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL.TiffImagePlugin")

MAX_PIXELS = 1_000_000  # a damaged header may announce many more: quicker to refuse


def original(format: str) -> bytes:
    image = Image.effect_mandelbrot((40, 30), (-3, -2.5, 2, 2.5), 20).convert("RGB")
    options = {} if format in ("BMP", "GIF", "PPM") else {"icc_profile": icc_profile(1.8)}
    if format in ("JPEG", "PNG", "WEBP", "TIFF", "AVIF"):
        options["exif"] = Image.Exif()
        options["exif"][274] = 6
    return encode(image, format, **options)


ORIGINALS = {
    format: original(format)
    for format in ("AVIF", "BMP", "GIF", "JPEG", "JPEG2000", "PNG", "PPM", "TIFF", "WEBP")
}


@pytest.fixture(scope="module")
def safe_decoder():
    with SafeDecoder(max_pixels=MAX_PIXELS) as decoder:
        yield decoder


def damaged(data: bytes) -> st.SearchStrategy[bytes]:
    """Bytes overwritten (mostly near the front, where the headers are), parts cut or doubled."""
    place = st.one_of(st.integers(0, 200), st.integers(0, len(data))).map(lambda i: i % len(data))
    value = st.one_of(st.sampled_from([0, 1, 0x7F, 0x80, 0xFF]), st.integers(0, 255))
    overwrite = st.tuples(st.just("overwrite"), place, value)
    cut = st.tuples(st.just("cut"), place, st.integers(1, 50))
    double = st.tuples(st.just("double"), place, st.integers(1, 50))
    truncate = st.tuples(st.just("truncate"), place, st.just(0))
    steps = st.lists(st.one_of(overwrite, overwrite, overwrite, cut, double, truncate), min_size=1)
    return steps.map(lambda chosen: apply(data, chosen))


def apply(data: bytes, steps: list[tuple[str, int, int]]) -> bytes:
    for kind, at, value in steps:
        if kind == "overwrite":
            data = data[:at] + bytes([value]) + data[at + 1 :]
        elif kind == "cut":
            data = data[:at] + data[at + value :]
        elif kind == "double":
            data = data[: at + value] + data[at:]
        else:
            data = data[:at]
    return data


@pytest.mark.parametrize("format", ORIGINALS)
@given(choice=st.data())
@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_damaged_files_decode_or_are_rejected(safe_decoder, format, choice):
    data = choice.draw(damaged(ORIGINALS[format]))
    try:
        decoded = safe_decoder.decode(data, min_side=4)
    except ImageError as error:
        reason = str(error)
        assert reason.endswith(".")
        assert "\n" not in reason
        assert " object at 0x" not in reason
    else:
        assert decoded.image.mode == "RGB"
        assert 0 < decoded.width * decoded.height <= MAX_PIXELS
        assert len(decoded.image.tobytes()) == 3 * decoded.image.width * decoded.image.height
