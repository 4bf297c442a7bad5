"""What can be measured of a picture without any model: light, contrast, sharpness, information.

Measured on thumbnails: what is meant is how a picture looks at that size. A photo of 12 megapixels
that is soft only at full size counts as sharp.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import simplejpeg
from PIL import Image

from explorer.errors import ImageError

Gray = npt.NDArray[np.uint8]

_BLUR = 9  # pixels, as in the paper


@dataclass(frozen=True, slots=True)
class Measures:
    """Light from 0 (black) to 1 (white): its mean, its 1st and 99th percentile.

    contrast: the standard deviation of light, 0 to 0.5 (RMS contrast: Peli, "Contrast in complex
    images", 1990). sharpness: see `sharpness`. information: bits per pixel, see `information`.
    hash: see `perceptual_hash`; None where there is too little in the picture.
    """

    brightness: float
    shadows: float
    highlights: float
    contrast: float
    sharpness: float
    information: float
    hash: str | None


def measure_jpeg(jpeg: bytes) -> Measures:
    """Measure a JPEG, read as grey. Raises ImageError for what cannot be decoded."""
    try:
        gray = simplejpeg.decode_jpeg(jpeg, "GRAY")[..., 0]
    except ValueError as error:
        raise ImageError(f"The thumbnail is damaged: {error}.") from error
    return measure(gray)


def measure(gray: Gray) -> Measures:
    """Measure a picture, (height, width) uint8 of light as it is stored (luma, 0 to 255)."""
    counts = np.bincount(gray.ravel(), minlength=256)
    shares = counts / gray.size
    levels = np.arange(256) / 255
    mean = float(shares @ levels)
    up_to = np.cumsum(shares)
    return Measures(
        brightness=mean,
        shadows=float(levels[np.searchsorted(up_to, 0.01)]),
        highlights=float(levels[np.searchsorted(up_to, 0.99)]),
        contrast=float(np.sqrt(shares @ (levels - mean) ** 2)),
        sharpness=sharpness(gray),
        information=information(shares),
        hash=perceptual_hash(gray),
    )


def information(shares: npt.NDArray[np.float64]) -> float:
    """Bits per pixel that tell the greys apart, 0 (one grey) to 8 (all 256 alike).

    shares: (256,) of each grey. The entropy of Shannon, "A mathematical theory of communication",
    1948.
    """
    there = shares[shares > 0]
    return float(-(there * np.log2(there)).sum())


def sharpness(gray: Gray) -> float:
    """How much of the differences between neighbouring pixels another blur takes away, 0 to 1.

    A sharp picture loses most of them, one that is blurred already loses few. Along rows and along
    columns, the lower of the two counts, so that motion blur shows. One minus the blur of Crete,
    Dolmiere, Ladret, Nicolas, "The blur effect: perception and estimation with a new no-reference
    perceptual blur metric", 2007. 0 for a picture without any differences, NaN for one too small
    to be blurred.
    """
    if min(gray.shape) <= _BLUR:
        return float("nan")
    picture = gray.astype(np.int16)
    return min(_lost(picture), _lost(np.ascontiguousarray(picture.T)))


def _lost(picture: npt.NDArray[np.int16]) -> float:
    """The share of the differences between rows that a box blur along the columns takes away."""
    near = np.abs(picture[5:-4] - picture[4:-5])
    # Neighbours in the blurred picture differ by what enters the box and what leaves it.
    far = np.abs(picture[_BLUR:] - picture[:-_BLUR])
    before = _BLUR * int(near.sum(dtype=np.int64))
    lost = int(np.maximum(_BLUR * near - far, 0).sum(dtype=np.int64))
    return lost / before if before else 0.0


def perceptual_hash(gray: Gray) -> str | None:
    """64 bits of how the picture looks, as 16 hex digits: few differ between versions of one.

    The signs of the 8 x 8 lowest frequencies of the cosine transform of 32 x 32 pixels, row by row,
    the lowest first: pHash (Zauner, "Implementation and benchmarking of perceptual image hash
    functions", 2010) against 0 instead of the median, so that mirroring and turning a picture
    flips and swaps bits and nothing else. None for a picture with less in it than half of the
    frequencies (a blank one, a gradient, a single disc): the signs of the others would be noise.
    """
    small = np.asarray(Image.fromarray(gray).resize((_SIDE, _SIDE), Image.Resampling.LANCZOS))
    waves = _COSINES @ small.astype(np.float64) @ _COSINES.T
    if (np.abs(waves) > _NOISE).sum() <= waves.size // 2:
        return None
    return np.packbits(waves.ravel() > _ROUNDING).tobytes().hex()


_SIDE = 32
# The 8 lowest frequencies of the orthonormal cosine transform (DCT-II): (8, side).
_COSINES = np.cos(np.outer(np.arange(8), 2 * np.arange(_SIDE) + 1) * np.pi / (2 * _SIDE))
_COSINES *= np.where(np.arange(8) == 0, 1, np.sqrt(2))[:, None]
_COSINES /= _SIDE**0.5
_NOISE = 2.0  # of 255: what saving a thumbnail as JPEG may change in a frequency
_ROUNDING = 1e-6
