"""Image folders made from the sample photos, for measuring at real sizes."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

SAMPLES = Path(__file__).parents[1] / "sample_data"


@dataclass(frozen=True)
class Corpus:
    """A folder to be made: how many images of what size and format."""

    name: str
    images: int
    size: tuple[int, int]
    format: str = "JPEG"


PHOTOS = Corpus("photos-640x480", 1024, (640, 480))


def build(corpus: Corpus, folder: Path) -> Path:
    """Make the folder, once; every image is another crop of a sample photo, some mirrored."""
    target = folder / f"{corpus.name}-{corpus.images}"
    if target.exists():
        return target
    beside = target.with_name(f".{target.name}")
    beside.mkdir(parents=True, exist_ok=True)
    originals = sorted(SAMPLES.glob("*/*.jpg"))
    random = np.random.default_rng(0)
    for number in range(corpus.images):
        source = originals[number % len(originals)]
        picture = _crop(Image.open(source).convert("RGB"), corpus.size, random)
        place = beside / source.parent.name / f"{number:06d}.{corpus.format.lower()}"
        place.parent.mkdir(exist_ok=True)
        picture.save(place, corpus.format, quality=88)
    beside.rename(target)
    return target


def _crop(image: Image.Image, size: tuple[int, int], random: np.random.Generator) -> Image.Image:
    share = random.uniform(0.6, 1.0)
    width, height = (round(side * share) for side in image.size)
    left, top = (
        random.integers(0, image.width - width + 1),
        random.integers(0, image.height - height + 1),
    )
    if random.random() < 0.5:
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    box = (int(left), int(top), int(left) + width, int(top) + height)
    picture = image.resize(size, Image.Resampling.BICUBIC, box=box)
    # Sensor noise: without it, enlarged photos would decode faster than real ones.
    noise = random.normal(0, 3, (size[1] // 2, size[0] // 2, 3)).repeat(2, 0).repeat(2, 1)
    noisy = np.asarray(picture, np.float32)[: noise.shape[0], : noise.shape[1]] + noise
    return Image.fromarray(noisy.clip(0, 255).astype(np.uint8))
