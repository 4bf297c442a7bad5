"""`edges-hog`: where an image has edges of which direction: its shapes, without their colours."""

import numpy as np
import numpy.typing as npt
from PIL import Image

from explorer.extractors.base import ExtractorInfo, FromInfo
from explorer.extractors.pixels import Square
from explorer.extractors.presence import with_absence
from explorer.extractors.registry import register

_SQUARE = Square(side=128, short_side=0, interpolation="bilinear")
_CELL = 16  # pixels
_CELLS = _SQUARE.side // _CELL  # in a row, and in a column
_BLOCK = 2  # cells: edges are weighed against those around them
_DIRECTIONS = 9
_FLAT = 1.0  # grey levels from pixel to pixel, below which an image counts as partly flat


def _dimension_names() -> tuple[str, ...]:
    # Angles are of the edge, 0 lying, 90 upright; a gradient points across it, and rows go down.
    angles = [(80 - 20 * direction) % 180 for direction in range(_DIRECTIONS)]
    blocks = range(_CELLS - _BLOCK + 1)
    return (
        *(
            f"edges at {angle}° in row {top + y + 1}, column {left + x + 1} "
            f"(among rows {top + 1}-{top + _BLOCK}, columns {left + 1}-{left + _BLOCK})"
            for top in blocks
            for left in blocks
            for y in range(_BLOCK)
            for x in range(_BLOCK)
            for angle in angles
        ),
        "no edges",
    )


_INFO = ExtractorInfo(
    id="edges-hog",
    dimension=(_CELLS - _BLOCK + 1) ** 2 * _BLOCK**2 * _DIRECTIONS + 1,
    input_size=_SQUARE.side,
    sees="Outlines and layout: which edges run where; ignores colour and fine texture, and is "
    "lost when a thing is moved or turned.",
    licence="Apache-2.0",
)


@register(_INFO)
class EdgesHog(FromInfo, info=_INFO):
    """An Extractor of histograms of oriented gradients in a grid of 8 x 8 cells.

    Dalal and Triggs 2005, by scikit-image, on the whole image squashed into a square, so that equal
    cells are equal parts of any image. Vectors are non-negative and of length 1; the last dimension
    takes over where an image is flat.
    """

    preprocessing = f"{_SQUARE}, grey"
    dimension_names = _dimension_names()
    """One per dimension: direction and place."""

    def prepare(self, image: Image.Image) -> npt.NDArray[np.uint8]:
        """The whole image as (128, 128) uint8, grey, its shape not kept."""
        return np.asarray(Image.fromarray(_SQUARE.cut(image)).convert("L"))

    def extract(self, batch: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """Vectors (b, 1765) float32 of grey images (b, 128, 128) uint8."""
        from skimage.feature import hog

        found = np.zeros((len(batch), self.dimension - 1), np.float32)
        steps = np.zeros(len(batch), np.float32)
        for number, image in enumerate(batch.astype(np.float32)):
            found[number] = hog(
                image,
                orientations=_DIRECTIONS,
                pixels_per_cell=(_CELL, _CELL),
                cells_per_block=(_BLOCK, _BLOCK),
                block_norm="L2-Hys",
            )
            down, across = np.diff(image, axis=0), np.diff(image, axis=1)
            steps[number] = (np.abs(down).mean() + np.abs(across).mean()) / 2
        return with_absence(found, steps / _FLAT)
