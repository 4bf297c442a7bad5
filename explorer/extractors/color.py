"""`color-histogram`: how much of an image is of which colour, each dimension with a name."""

import functools

import numpy as np
import numpy.typing as npt
from PIL import Image

from explorer.extractors.base import ExtractorInfo, FromInfo
from explorer.extractors.registry import register

_SIDE = 64
_HUES = (
    *("red", "orange", "yellow", "lime", "green", "mint"),
    *("cyan", "azure", "blue", "violet", "magenta", "rose"),
)
_STRENGTHS = ("muted", "vivid")
_TONES = ("dark", "medium", "light")
_GRAYS = ("black", "charcoal", "dark grey", "grey", "light grey", "pale grey", "white")
_LEVELS = 32  # of each of R, G and B: every pixel is one of 32 ** 3 colours

_DIMENSION_NAMES = (
    *(f"{tone} {strength} {hue}" for hue in _HUES for strength in _STRENGTHS for tone in _TONES),
    *_GRAYS,
)

_INFO = ExtractorInfo(
    id="color-histogram",
    dimension=len(_DIMENSION_NAMES),
    input_size=_SIDE,
    sees="Which colours there are and how much of each; ignores where they are and what they show.",
    licence="Apache-2.0",
)


@register(_INFO)
class ColorHistogram(FromInfo, info=_INFO):
    """An Extractor that shares each pixel among its nearest named colours.

    A soft-binned histogram (a colour between two bins counts for both, so that a small change of
    light moves little) of square-rooted shares: the cosine of two such vectors is the
    Bhattacharyya coefficient of the histograms, the "Hellinger" comparison of Arandjelović and
    Zisserman 2012. Vectors are non-negative and of length 1.
    """

    preprocessing = f"mean over {_SIDE} x {_SIDE} areas of the whole image, 32 levels of R, G and B"
    dimension_names = _DIMENSION_NAMES
    """One per dimension, such as "dark vivid blue" or "white"."""

    def prepare(self, image: Image.Image) -> npt.NDArray[np.uint8]:
        """The whole image as (64, 64, 3) uint8, its shape not kept."""
        small = image.resize((_SIDE, _SIDE), Image.Resampling.BOX, reducing_gap=2.0)
        return np.asarray(small)

    def extract(self, batch: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """Vectors (b, 79) float32 of images (b, 64, 64, 3) uint8."""
        red, green, blue = np.moveaxis(batch.astype(np.int64) * _LEVELS // 256, -1, 0)
        colors = (red * _LEVELS + green) * _LEVELS + blue
        vectors = np.empty((len(batch), self.dimension), np.float32)
        for vector, image in zip(vectors, colors, strict=True):
            # Row by row: one float32 sum over all pixels would lose the fifth digit.
            vector[:] = np.sqrt(_memberships()[image].mean(axis=1).mean(axis=0))
        return vectors


@functools.cache
def _memberships() -> npt.NDArray[np.float32]:
    """How much each of the 32 ** 3 colours belongs to each dimension: (32768, 79), rows sum to 1.

    Hue and lightness are those of HSL. Strength is its chroma (the largest of R, G and B minus the
    smallest), not its saturation, which is noise where it is dark or light.
    """
    steps = np.linspace(0, 1, _LEVELS)
    rgb = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1).reshape(-1, 3)
    high, low = rgb.max(axis=1), rgb.min(axis=1)
    lightness, chroma = (high + low) / 2, high - low
    tones = _soft_bins(lightness, np.linspace(0.25, 0.75, len(_TONES)))
    grays = _soft_bins(lightness, np.linspace(0, 1, len(_GRAYS)))
    strengths = _soft_bins(chroma, np.array([0.05, 0.25, 0.75]))  # grey, muted, vivid
    colored = np.einsum("ch,cs,ct->chst", _hues(rgb), strengths[:, 1:], tones)
    table = np.hstack([colored.reshape(len(rgb), -1), strengths[:, :1] * grays])
    return table.astype(np.float32)


def _soft_bins(
    values: npt.NDArray[np.float64], centers: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Each value shared by the two centres it lies between, in proportion: (n, len(centres))."""
    return np.stack([np.interp(values, centers, one) for one in np.eye(len(centers))], axis=1)


def _hues(rgb: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The hue of each colour, shared by the two nearest of the circle: (n, 12), rows sum to 1."""
    red, green, blue = rgb.T
    # The angle in the plane across the grey axis; 0 is red, a third of the circle is green.
    angle = np.arctan2(np.sqrt(3) * (green - blue), 2 * red - green - blue)
    position = angle / (2 * np.pi) * len(_HUES) % len(_HUES)
    circle = np.arange(len(_HUES) + 1, dtype=np.float64)
    shares = _soft_bins(position, circle)
    shares[:, 0] += shares[:, -1]
    return shares[:, :-1]
