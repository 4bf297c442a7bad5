"""From a decoded image to the square of pixels that a network takes."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

from explorer.resize import Box, Interpolation, resize


@dataclass(frozen=True, slots=True, kw_only=True)
class Square:
    """The square that a network takes, as it was trained.

    short_side: To resize an image's short side to, before the middle is cut out; 0: the whole image
        is squashed into the square.
    """

    side: int
    short_side: int
    interpolation: Interpolation = "bicubic"

    def __str__(self) -> str:
        if not self.short_side:
            return f"{self.interpolation} resize of the whole image to {self.side} x {self.side}"
        return f"{self.interpolation} resize to {self.short_side}, center crop {self.side}"

    def cut(self, image: Image.Image) -> npt.NDArray[np.uint8]:
        """The square (side, side, 3) uint8 of an RGB image, antialiased.

        The same pixels as resizing first and cropping then (with the rounding of torchvision's
        Resize and CenterCrop), but only the part that is kept is computed.
        """
        box = self.field(*image.size)
        size = (self.side, self.side)
        return np.asarray(resize(image, size, interpolation=self.interpolation, box=box))

    def field(self, width: int, height: int) -> Box:
        """What `cut` keeps of an image: left, top, width, height, in its own pixels."""
        if not self.short_side:
            return 0.0, 0.0, float(width), float(height)
        shorter = min(width, height)
        resized = (width * self.short_side // shorter, height * self.short_side // shorter)
        left, top = (round((side - self.side) / 2) for side in resized)
        x, y = width / resized[0], height / resized[1]
        return left * x, top * y, self.side * x, self.side * y
