"""Small JPEGs for the gallery and the map."""

from __future__ import annotations

import io

from PIL import Image

from explorer.resize import resize


def thumbnail(image: Image.Image, *, side: int = 256, quality: int = 85) -> bytes:
    """Encode an RGB image as a JPEG whose longest side is at most `side` pixels.

    Smaller images keep their size. The JPEG carries no metadata.
    """
    scale = side / max(image.size)
    if scale < 1:
        size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
        image = resize(image, size)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality, comment=b"")
    return out.getvalue()
