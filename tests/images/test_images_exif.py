"""What a camera wrote into a file."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ExifTags, Image

from explorer.images import read_exif


def photo(**entries: object) -> bytes:
    exif = Image.Exif()
    for name, value in entries.items():
        tag = ExifTags.Base[name].value
        block = (
            exif.get_ifd(ExifTags.IFD.Exif) if name in ("ISOSpeedRatings", "MakerNote") else exif
        )
        block[tag] = value
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "JPEG", exif=exif)
    return out.getvalue()


def test_entries_have_names_and_values_are_text():
    data = photo(Make="A <b>camera</b>", Model="M1", ISOSpeedRatings=400)
    assert read_exif(data) == {"Make": "A <b>camera</b>", "Model": "M1", "ISOSpeedRatings": "400"}


def test_binary_entries_are_left_out_and_long_ones_cut():
    found = read_exif(photo(MakerNote=b"\x00\x01\x02", ImageDescription="x" * 5000))
    assert list(found) == ["ImageDescription"]
    assert len(found["ImageDescription"]) == 200


@pytest.mark.parametrize("data", [b"", b"not an image", photo(Make="M")[:60]])
def test_what_cannot_be_read_has_none(data):
    assert read_exif(data) == {}


@given(st.binary(max_size=40), st.integers(20, 90))
def test_damaged_entries_never_raise(noise, place):
    data = photo(Make="A camera", Model="M1", ISOSpeedRatings=400)
    assert isinstance(read_exif(data[:place] + noise + data[place + len(noise) :]), dict)
