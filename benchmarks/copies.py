"""Near-duplicates of real images, made as they come about in real folders."""

import io
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageEnhance

from explorer import extractors

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]


def copies(folder: Path, *, originals: int = 250) -> tuple[Floats, Ints, Ints]:
    """Vectors of images of a folder and of four near-duplicates of each.

    The near-duplicates are recompressed, resized, cropped by 5 % and made brighter. Returns (n, d)
    vectors, the (n,) original of each, and (n,) pixels.
    """
    extractor = extractors.get("efficientnet-lite0", precision="fp32")
    paths = sorted(folder.rglob("*.jpg"))
    chosen = np.random.default_rng(0).permutation(len(paths))[:originals]
    vectors, original, pixels = [], [], []
    for number in chosen:
        with Image.open(paths[number]) as opened:
            image = opened.convert("RGB")
        versions = [image, *near_copies(image)]
        prepared = np.stack([extractor.prepare(version) for version in versions])
        vectors.append(extractor.extract(prepared))
        original += [int(number)] * len(versions)
        pixels += [version.width * version.height for version in versions]
    return np.concatenate(vectors), np.array(original), np.array(pixels)


def near_copies(image: Image.Image) -> list[Image.Image]:
    """Recompressed at quality 75, resized to three quarters, cropped by 5 %, brighter by a fifth.

    An image of 32 pixels has nothing to throw away, so it is made larger by half instead.
    """
    width, height = image.size
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=75)
    scale = 0.75 if min(width, height) >= 128 else 1.5
    left, top = round(width * 0.025), round(height * 0.025)
    return [
        Image.open(stream).convert("RGB"),
        image.resize((round(width * scale), round(height * scale)), Image.Resampling.BICUBIC),
        image.crop((left, top, width - left, height - top)),
        ImageEnhance.Brightness(image).enhance(1.2),
    ]
