"""`texture-lbp`: of which small patterns of light and dark an image is made."""

import numpy as np
import numpy.typing as npt
from PIL import Image

from explorer.extractors.base import ExtractorInfo, FromInfo
from explorer.extractors.pixels import Square
from explorer.extractors.registry import register

_SQUARE = Square(side=192, short_side=192, interpolation="bilinear")
_RADII = {"fine": 1, "medium": 2, "coarse": 4}  # pixels
# Mean difference to the neighbours, in grey levels, up to which a pattern counts as such.
_CONTRASTS = {"faint": 4, "clear": 16, "strong": 256}
_AROUND = 8
# By how many of its neighbours are at least as bright as a pixel, if these lie side by side.
_PATTERNS = (
    *("bright spot", "bright tip", "bright sharp corner", "bright corner", "edge"),
    *("dark corner", "dark sharp corner", "dark tip", "dark spot or flat", "irregular"),
)

_DIMENSION_NAMES = tuple(
    f"{scale}, {contrast}: {pattern}"
    for scale in _RADII
    for contrast in _CONTRASTS
    for pattern in _PATTERNS
)

_INFO = ExtractorInfo(
    id="texture-lbp",
    dimension=len(_DIMENSION_NAMES),
    input_size=_SQUARE.side,
    sees="Surfaces: smooth, grainy, striped, fine or coarse; ignores colour, brightness, direction "
    "and what is shown.",
    licence="Apache-2.0",
)


def _pattern_of_code() -> npt.NDArray[np.uint8]:
    """For each of the 256 outcomes of eight comparisons around a circle, its pattern: (256,)."""
    bits = (np.arange(256)[:, None] >> np.arange(_AROUND)) & 1
    changes = (bits != np.roll(bits, 1, axis=1)).sum(axis=1)
    return np.where(changes <= 2, bits.sum(axis=1), _AROUND + 1).astype(np.uint8)


_PATTERN = _pattern_of_code()


@register(_INFO)
class TextureLbp(FromInfo, info=_INFO):
    """An Extractor that counts local binary patterns at three scales and three contrasts.

    Ojala, Pietikäinen and Mäenpää 2002: rotation-invariant uniform patterns of eight neighbours,
    together with the local contrast. A pattern says which neighbours are at least as bright as the
    pixel between them, so it does not change with the light. Neighbours are taken at whole pixels,
    as in their first paper (1996): that is 40 times as fast as interpolating them. As with the
    colours, the vector holds square roots of shares: it is non-negative and of length 1.
    """

    preprocessing = f"{_SQUARE}, grey"
    dimension_names = _DIMENSION_NAMES
    """One per dimension, such as "fine, clear: edge"."""

    def prepare(self, image: Image.Image) -> npt.NDArray[np.uint8]:
        """The middle of the image as (192, 192) uint8, grey."""
        return np.asarray(Image.fromarray(_SQUARE.cut(image)).convert("L"))

    def extract(self, batch: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """Vectors (b, 90) float32 of grey images (b, 192, 192) uint8."""
        vectors = np.zeros((len(batch), self.dimension), np.float32)
        for vector, image in zip(vectors, batch.astype(np.int16), strict=True):
            shares = [_shares(image, radius) for radius in _RADII.values()]
            vector[:] = np.sqrt(np.concatenate(shares) / len(_RADII))
        return vectors


def _shares(image: npt.NDArray[np.int16], radius: int) -> npt.NDArray[np.float64]:
    """The share of pixels of each contrast and pattern: (30,), its sum 1."""
    side = len(image) - 2 * radius
    middle = image[radius:-radius, radius:-radius]
    code = np.zeros(middle.shape, np.uint8)
    contrast = np.zeros(middle.shape, np.int16)
    for number in range(_AROUND):
        angle = 2 * np.pi * number / _AROUND
        y, x = (radius + round(radius * float(turn(angle))) for turn in (np.sin, np.cos))
        difference = image[y : y + side, x : x + side] - middle
        code |= (difference >= 0).astype(np.uint8) << number
        contrast += np.abs(difference)
    steps = np.array([*_CONTRASTS.values()][:-1]) * _AROUND
    kinds = np.searchsorted(steps, contrast.ravel()) * len(_PATTERNS) + _PATTERN[code.ravel()]
    counts = np.bincount(kinds, minlength=len(_CONTRASTS) * len(_PATTERNS))
    return counts / middle.size
