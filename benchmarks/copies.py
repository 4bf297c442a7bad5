"""Pictures of several sorts, and near-duplicates of them as they come about in real folders."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageEnhance

from explorer import extractors
from explorer.images import measure_jpeg, thumbnail

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

COPIES = (
    "original",
    "recompressed",
    "resized",
    "cropped",
    "brighter",
    "half size",
    "mirrored",
    "turned",
)
ORIGINALS = 60


@dataclass(frozen=True)
class Planted:
    """Images, in the order of COPIES for each original in turn.

    vectors: (n, d); hashes and contrast: (n,) as measured; original: (n,) which one it is a version
    of; pixels: (n,).
    """

    vectors: Floats
    hashes: list[str | None]
    contrast: list[float]
    original: Ints
    pixels: Ints


def planted(images: Sequence[Image.Image]) -> Planted:
    """Every image and its near-duplicates, by the default extractor."""
    extractor = extractors.get("efficientnet-lite0", precision="fp32")
    vectors, measured, pixels = [], [], []
    for image in images:
        versions = [image, *near_copies(image)]
        vectors.append(extractor.extract(np.stack([extractor.prepare(each) for each in versions])))
        measured += [measure_jpeg(thumbnail(each)) for each in versions]
        pixels += [each.width * each.height for each in versions]
    original = np.repeat(np.arange(len(images)), len(COPIES))
    return Planted(
        np.concatenate(vectors),
        [each.hash for each in measured],
        [each.contrast for each in measured],
        original,
        np.array(pixels),
    )


def near_copies(image: Image.Image) -> list[Image.Image]:
    """Recompressed at quality 75, resized to three quarters, cropped by 5 %, brighter by a fifth.

    And half as large, mirrored, and turned by a quarter, these two saved once more. An image of 32
    pixels has nothing to throw away, so that it is made larger by half instead of smaller.
    """
    width, height = image.size
    large = min(width, height) >= 128
    left, top = round(width * 0.025), round(height * 0.025)
    return [
        saved(image, 75),
        scaled(image, 0.75 if large else 1.5),
        image.crop((left, top, width - left, height - top)),
        ImageEnhance.Brightness(image).enhance(1.2),
        scaled(image, 0.5 if large else 2),
        saved(image.transpose(Image.Transpose.FLIP_LEFT_RIGHT), 90),
        saved(image.transpose(Image.Transpose.ROTATE_90), 90),
    ]


def saved(image: Image.Image, quality: int) -> Image.Image:
    """As it comes back from a JPEG."""
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=quality)
    return Image.open(stream).convert("RGB")


def scaled(image: Image.Image, by: float) -> Image.Image:
    """Larger or smaller."""
    size = (round(image.width * by), round(image.height * by))
    return image.resize(size, Image.Resampling.BICUBIC)


def sorts(folder: Path) -> dict[str, list[Image.Image]]:
    """Photos, the small images of a folder, drawings, screenshots and textures: 60 of each."""
    numbers = range(ORIGINALS)
    return {
        "sample photos": photos(Path("sample_data")),
        folder.name: photos(folder),
        "drawings": [drawing(np.random.default_rng((1, number))) for number in numbers],
        "screenshots": [screenshot(np.random.default_rng((2, number))) for number in numbers],
        "textures": [texture(np.random.default_rng((3, number))) for number in numbers],
    }


def photos(folder: Path) -> list[Image.Image]:
    """Some of a folder."""
    paths = sorted(folder.rglob("*.jpg"))
    chosen = np.random.default_rng(0).permutation(len(paths))[:ORIGINALS]
    return [Image.open(paths[number]).convert("RGB") for number in chosen]


def drawing(random: np.random.Generator) -> Image.Image:
    """Lines, circles and boxes on white."""
    image = Image.new("RGB", (320, 240), "white")
    draw = ImageDraw.Draw(image)
    for _ in range(random.integers(3, 12)):
        x, y = np.sort(random.integers(0, 320, 2)), np.sort(random.integers(0, 240, 2))
        box = (int(x[0]), int(y[0]), int(x[1]) + 2, int(y[1]) + 2)
        ink = (int(random.integers(220)), int(random.integers(220)), int(random.integers(220)))
        width, shape = int(random.integers(1, 9)), random.integers(4)
        if shape == 0:
            draw.line(box, fill=ink, width=width)
        elif shape == 1:
            draw.ellipse(box, outline=ink, width=width)
        else:
            draw.rectangle(box, outline=ink, width=width, fill=ink if shape == 3 else None)
    return image


def screenshot(random: np.random.Generator) -> Image.Image:
    """A window full of boxes and lines of text."""
    image = Image.new("RGB", (480, 320), (245, 245, 248))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, 480, 24), fill=(60, 60, 80))
    y = 34
    while y < 310:
        x, height = 8, int(random.integers(8, 50))
        while x < 470:
            width = int(random.integers(20, 200))
            if random.random() < 0.6:
                fill = tuple(random.integers(40, 255, 3).tolist())
                draw.rectangle((x, y, min(x + width, 472), min(y + height, 312)), fill=fill)
            else:
                for line in range(y, min(y + height, 312), 9):
                    letters = bytes(random.integers(97, 122, width // 7 + 1, np.uint8)).decode()
                    draw.text((x, line), letters, fill=(30, 30, 30))
            x += width + 8
        y += height + 8
    return image


def texture(random: np.random.Generator) -> Image.Image:
    """Coloured noise, coarse or fine, drawn out in some direction."""
    x, y = np.meshgrid(np.fft.fftfreq(256), np.fft.fftfreq(256))
    angle, longer = random.uniform(0, np.pi), random.uniform(1, 4)
    along, across = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
    coarse = (np.hypot(along, longer * across) + 1 / 256) ** random.uniform(0.7, 1.6)
    waves = np.fft.ifft2(np.fft.fft2(random.normal(size=(256, 256))) / coarse).real
    waves = (waves - waves.mean()) / waves.std()
    colors = 30 + 25 * random.normal(size=3)
    pixels = random.uniform(60, 200, 3) + waves[..., None] * colors
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
