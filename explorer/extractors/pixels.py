"""From a decoded image to the square of pixels that a network takes."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

from explorer.resize import Interpolation, resize


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
        """The square (side, side, 3) uint8 of an RGB image."""
        if self.short_side:
            return center_crop(
                image, short_side=self.short_side, crop=self.side, interpolation=self.interpolation
            )
        return np.asarray(resize(image, (self.side, self.side), interpolation=self.interpolation))

    def field(self, width: int, height: int) -> tuple[float, float, float, float]:
        """What `cut` keeps of an image: left, top, width, height, in its own pixels."""
        if not self.short_side:
            return 0.0, 0.0, float(width), float(height)
        return crop_field(width, height, short_side=self.short_side, crop=self.side)


def center_crop(
    image: Image.Image, *, short_side: int, crop: int, interpolation: Interpolation = "bicubic"
) -> npt.NDArray[np.uint8]:
    """The middle (crop, crop, 3) uint8 of the RGB image at `short_side`, antialiased.

    The same pixels as resizing first and cropping then (with the rounding of torchvision's Resize
    and CenterCrop), but only the part that is kept is computed.
    """
    box = crop_field(*image.size, short_side=short_side, crop=crop)
    return np.asarray(resize(image, (crop, crop), interpolation=interpolation, box=box))


def crop_field(
    width: int, height: int, *, short_side: int, crop: int
) -> tuple[float, float, float, float]:
    """What `center_crop` keeps of an image: left, top, width, height, in its own pixels."""
    shorter = min(width, height)
    resized = (width * short_side // shorter, height * short_side // shorter)
    left, top = (round((side - crop) / 2) for side in resized)
    x, y = width / resized[0], height / resized[1]
    return left * x, top * y, crop * x, crop * y
