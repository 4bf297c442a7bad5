"""Picture faults: planted ones are found under their names, and sound photos raise few alarms."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter

from explorer.analysis import FAULTS, FaultSettings, picture_faults
from explorer.images import measure_jpeg, thumbnail

SAMPLES = Path(__file__).parents[2] / "sample_data"
PHOTOS = [Image.open(path).convert("RGB") for path in sorted(SAMPLES.glob("*/*.jpg"))]


def faults_of(images: list[Image.Image], **settings: float) -> list[str]:
    measured = [measure_jpeg(thumbnail(image)) for image in images]
    names = ("contrast", "highlights", "shadows", "information", "sharpness")
    columns = {name: np.array([getattr(each, name) for each in measured]) for name in names}
    found = picture_faults(
        columns, np.array([image.size for image in images]), FaultSettings(**settings)
    )
    return ["" if code < 0 else FAULTS[code] for code in found]


def planted(spoilt: list[Image.Image]) -> list[str]:
    """The faults of some pictures among the 128 sound ones."""
    return faults_of([*PHOTOS, *spoilt])[len(PHOTOS) :]


def test_sound_photos_raise_few_alarms():
    found = Counter(faults_of(PHOTOS))
    assert found[""] >= 125, found


def test_most_photos_have_six_to_eight_bits_and_an_empty_picture_hardly_any():
    """As the column's own words say."""
    bits = [measure_jpeg(thumbnail(image)).information for image in PHOTOS]
    assert np.mean([6 <= each <= 8 for each in bits]) > 0.7
    empty = Image.new("RGB", (512, 340), "teal")
    assert measure_jpeg(thumbnail(empty)).information < 0.1


def test_blurred_photos_are_found():
    """A blur of two pixels where the thumbnail has 256."""
    blurred = [
        image.filter(ImageFilter.GaussianBlur(max(image.size) / 128)) for image in PHOTOS[::4]
    ]
    found = planted(blurred)
    assert found.count("blurred") >= 0.95 * len(blurred), found


@pytest.mark.parametrize(("light", "fault"), [(0.0, "dark"), (1.0, "bright")])
def test_photos_without_light_or_without_shadow_are_found(light, fault):
    flat = [
        Image.blend(image, Image.new("RGB", image.size, (int(255 * light),) * 3), 0.8)
        for image in PHOTOS[::8]
    ]
    found = planted(flat)
    assert found.count(fault) >= 0.95 * len(flat), found


def test_blank_pictures_and_nearly_empty_ones_are_told_apart():
    blank = [Image.new("RGB", (512, 340), color) for color in ("black", "white", "teal")]
    page = Image.new("RGB", (512, 340), "white")
    ImageDraw.Draw(page).text((40, 40), "page 7 of 7\n" * 9, fill="black")
    assert planted([*blank, page]) == ["blank"] * 3 + ["little information"]


def test_an_extreme_crop_and_a_tiny_copy_are_odd_in_this_dataset():
    strip = PHOTOS[0].crop((0, 0, 512, 60))
    pillar = PHOTOS[1].crop((0, 0, 50, PHOTOS[1].height))
    tiny = PHOTOS[2].resize((60, 40))
    assert planted([strip, pillar, tiny]) == ["odd shape", "odd shape", "odd size"]


def test_what_is_usual_here_is_not_odd():
    banners = [image.crop((0, 0, image.width, image.height // 6)) for image in PHOTOS[:30]]
    assert not {"odd size", "odd shape"} & set(faults_of(banners))


def test_a_bound_is_a_setting():
    softened = [ImageEnhance.Brightness(image).enhance(0.5) for image in PHOTOS[:8]]
    assert "dark" not in faults_of(softened)
    assert set(faults_of(softened, dark=0.6)) == {"dark"}


def test_what_could_not_be_measured_is_no_fault():
    names = ("contrast", "highlights", "shadows", "information", "sharpness")
    unknown = dict.fromkeys(names, np.full(3, np.nan))
    assert picture_faults(unknown, np.array([[9, 9], [9, 9], [0, 0]])).tolist() == [-1] * 3
