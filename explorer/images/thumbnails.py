"""Small JPEGs for the gallery and the map."""

from __future__ import annotations

import io

from cykooz_resizer import FilterType, ResizeAlg, ResizeOptions, Resizer
from PIL import Image

_BICUBIC = ResizeOptions(ResizeAlg.convolution(FilterType.catmull_rom))


def thumbnail(image: Image.Image, *, side: int = 256, quality: int = 85) -> bytes:
    """Encode an RGB image as a JPEG whose longest side is at most `side` pixels.

    Smaller images keep their size. The JPEG carries no metadata.
    """
    scale = side / max(image.size)
    if scale < 1:
        size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
        small = Image.new("RGB", size)
        # A Resizer each: threads cannot share one.
        Resizer().resize_pil(image, small, _BICUBIC)
        image = small
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality, comment=b"")
    return out.getvalue()
