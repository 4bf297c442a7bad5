"""Outliers of kinds that were not looked at when the score was chosen: for one honest look at it.

Geometries: curved sheets, classes of very unequal spread, a common direction that makes hubs, heavy
tails, bursts of near-copies. Real vectors: noise of the same mean and covariance, averages of two
images, images that were turned, blurred, reversed, cut up or made of noise, and photos among small
images and the other way round, in spaces of several extractors.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter, ImageOps

from explorer import extractors
from explorer.analysis import unit_rows

Floats = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.float32] | npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Case = tuple[str, Floats, Flags]
Random = np.random.Generator

USUAL, ODD = 1500, 15
SMALL_IMAGES = 1000  # that are seen by each extractor
EXTRACTORS = ("efficientnet-lite0", "edges-hog", "color-histogram")


@dataclass(frozen=True)
class Seen:
    """What one extractor makes of small images, of photos, and of small images that were altered.

    altered: by what was done to them.
    """

    extractor: str
    small: Floats
    photos: Floats
    altered: dict[str, Floats]


def kept_aside(seed: int, seen: list[Seen]) -> Iterator[Case]:
    random = np.random.default_rng((seed, 9))
    for name, usual, odd in [*_geometries(random), *_of_images(random, seen)]:
        both = np.concatenate([usual, odd]).astype(np.float32)
        yield name, both, np.arange(len(both)) >= len(usual)


def look(folder: Path, photos: Path) -> list[Seen]:
    """See the images in folders of classes with every extractor."""
    files = sorted(folder.glob("*/*.*"))
    picked = np.random.default_rng(0).permutation(len(files))[: SMALL_IMAGES + 60]
    small = [Image.open(files[each]).convert("RGB") for each in picked]
    large = [Image.open(each).convert("RGB") for each in sorted(photos.glob("*/*.jpg"))]
    spare = small[SMALL_IMAGES:]
    return [
        Seen(
            name,
            _vectors(name, small[:SMALL_IMAGES]),
            _vectors(name, large),
            {how: _vectors(name, [do(each) for each in spare]) for how, do in ALTERED.items()},
        )
        for name in EXTRACTORS
    ]


def _vectors(name: str, images: list[Image.Image]) -> Floats:
    extractor = extractors.get(name)
    ready = (extractor.prepare(image) for image in images)
    return unit_rows(np.concatenate([extractor.extract(each[None]) for each in ready]))


def _noise(image: Image.Image) -> Image.Image:
    random = np.random.default_rng(image.tobytes()[0])
    return Image.fromarray(random.integers(0, 256, (image.height, image.width, 3), np.uint8))


def _tiles(image: Image.Image) -> Image.Image:
    """Cut into sixteen tiles that changed places."""
    side = image.width // 4
    boxes = [
        (x * side, y * side, (x + 1) * side, (y + 1) * side) for x in range(4) for y in range(4)
    ]
    whole = image.copy()
    order = np.random.default_rng(0).permutation(len(boxes))
    for box, other in zip(boxes, order.tolist(), strict=True):
        whole.paste(image.crop(boxes[other]), box[:2])
    return whole


ALTERED: dict[str, Callable[[Image.Image], Image.Image]] = {
    "turned by a quarter": lambda image: image.transpose(Image.Transpose.ROTATE_90),
    "blurred": lambda image: image.filter(ImageFilter.GaussianBlur(3)),
    "reversed in colour": ImageOps.invert,
    "cut into tiles": _tiles,
    "noise": _noise,
}


def _geometries(random: Random) -> Iterator[tuple[str, Numbers, Numbers]]:
    d = 256

    def far(count: int) -> Floats:
        return unit_rows(random.normal(size=(count, d)))

    sheets = [_sheet(random, d) for _ in range(8)]
    on_sheets = np.concatenate([sheet(USUAL // 8) for sheet in sheets])
    off = sheets[0](ODD) + 0.5 * far(ODD)
    yield "off a curved sheet", on_sheets, off
    yield "between curved sheets", on_sheets, (sheets[1](ODD) + sheets[2](ODD)) / 2

    centers = far(10)
    spreads = np.geomspace(0.2, 2, 10)[:, None, None]
    scatter = random.normal(size=(10, USUAL // 10, d)) / d**0.5
    unequal = (centers[:, None] + spreads * scatter).reshape(-1, d)
    tight = centers[:5].repeat(ODD // 5, axis=0)
    yield "far directions, unequal spreads", unequal, far(ODD)
    yield "strays of tight classes, unequal spreads", unequal, tight + 1.0 * far(ODD)

    common = 3 * far(1) + far(USUAL) * random.uniform(0.2, 2, (USUAL, 1))
    yield "without the common direction", common, 0.5 * common[:ODD].mean(axis=0) + 2 * far(ODD)

    tails = random.standard_t(3, (USUAL, 1)) * far(USUAL) + 2 * far(12)[np.arange(USUAL) % 12]
    yield "far directions, heavy tails", tails, far(ODD)
    mid = (far(12)[:1] + 2 * far(ODD)) / 2
    yield "between, heavy tails", tails, mid

    lone = far(12).repeat(20, axis=0) + 0.8 * far(240)
    bursts = lone.repeat(6, axis=0) + 0.05 * far(1440)
    yield "far directions, bursts of six", bursts, far(ODD)
    yield "in no burst", bursts, lone[:ODD] + 0.8 * far(ODD)


def _sheet(random: Random, d: int) -> Callable[[int], Floats]:
    """Points of a curved surface of two dimensions, with a little noise."""
    waves, phase = random.normal(size=(2, d)) * 1.5, random.uniform(0, 6.28, d)

    def points(count: int) -> Floats:
        place = random.uniform(-1, 1, (count, 2))
        on = np.cos(place @ waves + phase) / d**0.5
        return np.asarray(on + 0.05 * random.normal(size=(count, d)) / d**0.5, np.float32)

    return points


def _of_images(random: Random, seen: list[Seen]) -> Iterator[tuple[str, Floats, Floats]]:
    for space in seen:
        small, photos, by = space.small, space.photos, f", {space.extractor}"
        two = random.choice(len(small), (2, ODD), replace=False)
        left = np.setdiff1d(np.arange(len(small)), two.ravel())
        mixing = random.normal(size=(ODD, len(small))) / len(small) ** 0.5
        alike = small.mean(axis=0) + mixing @ (small - small.mean(axis=0))
        yield f"Gaussian noise{by}", small, alike
        yield f"averages of two images{by}", small[left], (small[two[0]] + small[two[1]]) / 2
        yield f"photos{by}", small, photos[random.choice(len(photos), ODD, replace=False)]
        few = small[random.choice(len(small), 4, replace=False)]
        yield f"small images among photos{by}", photos, few
        for how, vectors in space.altered.items():
            yield f"{how}{by}", small, vectors[random.choice(len(vectors), ODD, replace=False)]
