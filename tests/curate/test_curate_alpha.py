"""Drawings on transparency: what differs in alpha is never dropped as a copy; what does not, is."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageDraw
from support.fakes import analyzed

from explorer.curate import ChooseSettings, choose, leaks_of
from explorer.store import Space

SIZE = (200, 160)


def drawing(number: int, opacity: float = 1) -> Image.Image:
    """Coloured lines and boxes of that opacity, on transparency."""
    image = Image.new("RGBA", SIZE, (0, 0, 0, 0))
    draw, random = ImageDraw.Draw(image), np.random.default_rng(number)
    for stroke in range(8):
        ink = (*random.integers(0, 180, 3).tolist(), round(255 * opacity))
        x, y = (sorted(random.integers(0, side, 2).tolist()) for side in SIZE)
        if stroke % 2:
            draw.rectangle((x[0], y[0], x[1] + 4, y[1] + 4), outline=ink, width=5)
        else:
            draw.line((x[0], y[1], x[1], y[0]), fill=ink, width=6)
    return image


def fading(image: Image.Image) -> Image.Image:
    """The same, the less opaque the further to the right."""
    alpha = np.asarray(image.getchannel("A")) * np.linspace(1, 0.3, image.width)
    faded = image.copy()
    faded.putalpha(Image.fromarray(alpha.astype(np.uint8)))
    return faded


def on(ground: str, image: Image.Image) -> Image.Image:
    return Image.alpha_composite(Image.new("RGBA", image.size, ground), image).convert("RGB")


VARIANTS: dict[str, Callable[[int], Image.Image]] = {
    "whole": drawing,
    "at80": lambda number: drawing(number, 0.8),
    "at60": lambda number: drawing(number, 0.6),
    "at40": lambda number: drawing(number, 0.4),
    "fading": lambda number: fading(drawing(number)),
    "onwhite": lambda number: on("white", drawing(number)),
    "onblack": lambda number: on("black", drawing(number)),
}
KINDS: dict[str, Callable[[Image.Image], Image.Image]] = {
    "rgba.png": lambda image: image,
    "grey.png": lambda image: image.convert("LA" if image.mode == "RGBA" else "L"),
    "palette.png": lambda image: image.quantize(128, Image.Quantize.FASTOCTREE),
    "lossy.webp": lambda image: image,
}
COPIES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "half.png": lambda image: scaled(image, 0.5),
    "larger.png": lambda image: scaled(image, 1.5),
    "mirrored.png": lambda image: image.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
    "turned.png": lambda image: image.transpose(Image.Transpose.ROTATE_90),
    "palette.png": lambda image: image.quantize(128, Image.Quantize.FASTOCTREE),
    "saved.webp": lambda image: image,
}


def scaled(image: Image.Image, by: float) -> Image.Image:
    return image.resize((round(image.width * by), round(image.height * by)))


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Space:
    """Drawings in seven variants that differ in alpha, in each kind of file; others with copies.

    Every file is called by the number of its drawing, and what it is.
    """
    folder = tmp_path_factory.mktemp("alpha")
    (folder / "images").mkdir()
    for number, (kind, make) in enumerate([*KINDS.items()] * 3):
        for variant, draw in VARIANTS.items():
            make(draw(number)).save(folder / "images" / f"{number}-{variant}-{kind}")
    for number in range(20, 28):
        original = drawing(number, 0.7 if number % 2 else 1)
        original.save(folder / "images" / f"{number}-original.png")
        for kind, make in COPIES.items():
            make(original).save(folder / "images" / f"{number}-{kind}")
    return analyzed(folder / "images", folder / "cache").space()


def names(space: Space, rows: npt.ArrayLike) -> list[str]:
    return [space.dataset.relative_path(each) for each in space.image_ids[rows].tolist()]


def is_variant(name: str) -> bool:
    return any(f"-{variant}-" in name for variant in VARIANTS)


def test_no_drawing_that_differs_in_alpha_is_left_out(space: Space) -> None:
    left = names(space, np.isin(space.image_ids, choose(space, ChooseSettings("unique")).image_ids))
    every = [name for name in names(space, slice(None)) if is_variant(name)]
    assert len(every) == 12 * len(VARIANTS)
    assert [name for name in left if is_variant(name)] == every


def test_of_a_drawing_and_its_copies_one_is_left(space: Space) -> None:
    left = list(names(space, space.column("duplicate_surplus") != 1))
    numbers = [name.split("-")[0] for name in left if not is_variant(name)]
    assert numbers == [str(number) for number in range(20, 28)]


def test_alpha_tells_what_leaks(space: Space) -> None:
    """By the pixels alone: no similarity is so high."""
    every = names(space, slice(None))
    whats = [name.split("-")[1].split(".")[0] for name in every]
    splits = np.unique(whats, return_inverse=True)[1]
    leaking = leaks_of(space, splits, 2) >= 0
    assert leaking.tolist() == [not is_variant(name) for name in every]
