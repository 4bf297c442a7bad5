"""What is drawn on transparency, put on a ground; and how opaque it is."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageStat

_FAR_BETTER = 4  # times the contrast: a drawing in one grey, if that is above 204


def on_ground(image: Image.Image, alpha: Image.Image) -> Image.Image:
    """What is drawn, over white; over black if it stands out far better there: white on nothing."""
    white, black = (_over(image, alpha, ground) for ground in ("white", "black"))
    on_white, on_black = (ImageStat.Stat(each.convert("L")).stddev[0] for each in (white, black))
    return white if _FAR_BETTER * on_white >= on_black else black


def _over(image: Image.Image, alpha: Image.Image, ground: str) -> Image.Image:
    flat = Image.new("RGB", image.size, ground)
    flat.paste(image, mask=alpha)
    return flat


def alpha_means(alpha: Image.Image) -> str:
    """How opaque an image is, of an alpha channel (mode L): five means, each as four hex digits.

    Of its quarters, the most opaque first, and of its middle, half as wide and high: they stay as
    they are in another size, and however the image is turned or mirrored. 0000: nothing is drawn.
    """
    means = _shares(alpha.height) @ np.asarray(alpha, np.float32) @ _shares(alpha.width).T
    levels = [*sorted(means[:2, :2].ravel(), reverse=True), means[2, 2]]
    return "".join(f"{round(float(level) * 257):04x}" for level in levels)


def _shares(side: int) -> npt.NDArray[np.float32]:
    """How much each pixel of a side has in its first half, its second half, its middle: (3, side).

    Rows add up to 1.
    """
    edges = np.linspace(0, 1, side + 1)
    cut = [np.clip(edges, start, start + 0.5) for start in (0, 0.5, 0.25)]
    return (2 * np.diff(cut)).astype(np.float32)


OPAQUE = "ffff" * 5
"""The same of an image without transparency."""
