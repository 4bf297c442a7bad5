"""Where an extractor looks: its feature maps, whose means are its vectors."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from explorer import extractors
from explorer.errors import ExtractorError
from explorer.extractors import runtime
from explorer.extractors.pixels import Square

SQUARE = Square(side=224, short_side=256)


@pytest.mark.parametrize(
    ("name", "side"), [("efficientnet-lite0", 7), ("efficientnet-lite0@blocks.2", 28)]
)
def test_the_means_of_the_maps_are_the_vectors(name, side, crops):
    extractor = extractors.get(name, device="cpu", precision="fp32")
    assert isinstance(extractor, extractors.SeesPlaces)
    maps = extractor.feature_maps(crops[:20])  # more than a batch
    assert maps.shape == (20, side, side, extractor.dimension)
    np.testing.assert_allclose(maps.mean((1, 2)), extractor.extract(crops[:20]), atol=2e-4)


def test_a_place_is_where_it_is_in_the_image(lite0, photos):
    """What is put into one corner changes the maps there."""
    photo = Image.new("RGB", (256, 256), "grey")
    photo.paste(photos["farm_animal/dog.jpg"].resize((96, 96)), (144, 16))
    empty = lite0.prepare(Image.new("RGB", (256, 256), "grey"))
    there = lite0.feature_maps(np.stack([lite0.prepare(photo), empty]))
    change = np.abs(there[0] - there[1]).sum(axis=-1)
    row, column = np.unravel_index(change.argmax(), change.shape)
    assert row <= 2
    assert column >= 4


@given(st.integers(1, 3000), st.integers(1, 3000))
def test_the_field_is_square_in_the_middle_and_inside(width, height):
    left, top, across, down = SQUARE.field(width, height)
    assert left >= -1e-6
    assert top >= -1e-6
    assert left + across <= width + 1e-6
    assert top + down <= height + 1e-6
    assert abs(left + across / 2 - width / 2) <= width / 256
    assert min(across / width, down / height) <= 224 / 256 + 1e-6


def test_the_field_is_what_is_cropped():
    photo = Image.new("RGB", (400, 256), "black")
    left, top, width, height = SQUARE.field(400, 256)
    photo.paste("white", (round(left), round(top), round(left + width), round(top + height)))
    assert SQUARE.cut(photo).min() == 255
    assert Square(side=230, short_side=256).cut(photo).min() == 0


def test_without_openvino_it_says_what_is_missing(monkeypatch, crops):
    monkeypatch.setattr(runtime.openvino_backend, "is_usable", lambda: False)
    extractor = extractors.get("efficientnet-lite0", device="cpu")
    with pytest.raises(ExtractorError, match="pip install openvino"):
        extractor.feature_maps(crops[:1])


def test_only_some_see_places_and_only_some_name_their_dimensions(lite0):
    colors = extractors.get("color-histogram")
    assert not isinstance(colors, extractors.SeesPlaces)
    assert isinstance(colors, extractors.NamesDimensions)
    assert len(colors.dimension_names) == colors.dimension
    assert not isinstance(lite0, extractors.NamesDimensions)
