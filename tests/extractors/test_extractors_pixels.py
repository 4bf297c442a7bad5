import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from explorer.extractors.pixels import center_crop


def resize_then_crop(image, short_side, crop):
    """As torchvision does it."""
    from torchvision.transforms import functional

    resized = functional.resize(image, short_side, functional.InterpolationMode.BICUBIC)
    return np.asarray(functional.center_crop(resized, crop))


@pytest.mark.parametrize(("short_side", "crop"), [(256, 224), (272, 240), (292, 260)])
def test_equals_resize_then_crop_on_photos(photos, short_side, crop):
    for name, photo in photos.items():
        ours = center_crop(photo, short_side=short_side, crop=crop).astype(int)
        difference = np.abs(ours - resize_then_crop(photo, short_side, crop))
        assert difference.mean() < 0.25, name
        # Overshoot at a hard edge is cut off between the passes, whose order is another one.
        assert np.quantile(difference, 0.99) <= 1, name
        assert np.quantile(difference, 0.999) <= 4, name


def test_large_photos_stay_close_to_resize_then_crop(photos):
    photo = photos["farm_animal/dog.jpg"].resize((4000, 3000), Image.Resampling.BICUBIC)
    difference = center_crop(photo, short_side=256, crop=224) - resize_then_crop(
        photo, 256, 224
    ).astype(int)
    assert np.abs(difference).mean() < 0.5


@given(width=st.integers(1, 3000), height=st.integers(1, 40), turn=st.booleans())
@settings(deadline=None)
def test_any_shape_gives_a_square_of_its_colour(width, height, turn):
    size = (height, width) if turn else (width, height)
    square = center_crop(Image.new("RGB", size, (10, 120, 250)), short_side=256, crop=224)
    assert square.shape == (224, 224, 3)
    assert (square == (10, 120, 250)).all()
