import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from explorer import resize
from explorer.extractors.pixels import Square

SQUARE = Square(side=224, short_side=256)


@pytest.fixture(params=["as installed", "with Pillow"])
def resizer(request, monkeypatch):
    """Pillow resizes where cykooz-resizer has no wheel."""
    if request.param == "with Pillow":
        monkeypatch.setattr(resize, "_resize", resize.with_pillow)


def resize_then_crop(image, short_side, crop):
    """As torchvision does it."""
    from torchvision.transforms import functional

    resized = functional.resize(image, short_side, functional.InterpolationMode.BICUBIC)
    return np.asarray(functional.center_crop(resized, crop))


def in_real_numbers(image, short_side, crop):
    """The same without a single rounding, float (crop, crop, 3)."""
    import torch
    from torchvision.transforms import functional

    pixels = torch.tensor(np.asarray(image), dtype=torch.float64).permute(2, 0, 1)
    mode = functional.InterpolationMode.BICUBIC
    resized = functional.resize(pixels, short_side, mode, antialias=True).clamp(0, 255)
    return functional.center_crop(resized, crop).permute(1, 2, 0).numpy()


@pytest.mark.usefixtures("resizer")
@pytest.mark.parametrize(("short_side", "crop"), [(256, 224), (272, 240), (292, 260)])
def test_as_near_to_the_exact_result_as_pillow(photos, short_side, crop):
    for name, photo in list(photos.items())[::4]:
        exact = in_real_numbers(photo, short_side, crop)
        ours = np.abs(Square(side=crop, short_side=short_side).cut(photo) - exact)
        pillows = np.abs(resize_then_crop(photo, short_side, crop) - exact)
        assert ours.mean() <= 1.1 * pillows.mean(), name
        assert np.quantile(ours, 0.99) <= np.quantile(pillows, 0.99) + 0.25, name


@pytest.mark.usefixtures("resizer")
def test_large_photos_stay_close_to_resize_then_crop(photos):
    photo = photos["farm_animal/dog.jpg"].resize((4000, 3000), Image.Resampling.BICUBIC)
    difference = SQUARE.cut(photo) - resize_then_crop(photo, 256, 224).astype(int)
    assert np.abs(difference).mean() < 0.5


@pytest.mark.usefixtures("resizer")
@given(width=st.integers(1, 3000), height=st.integers(1, 40), turn=st.booleans())
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_shape_gives_a_square_of_its_colour(width, height, turn):
    size = (height, width) if turn else (width, height)
    square = SQUARE.cut(Image.new("RGB", size, (10, 120, 250)))
    assert square.shape == (224, 224, 3)
    assert (square == (10, 120, 250)).all()
