"""A part of an image as the query."""

from dataclasses import dataclass

from PIL import Image

from explorer.errors import BadValueError


@dataclass(frozen=True, slots=True)
class Crop:
    """A box in an image, its sides as shares of the image's width and height: 0 to 1.

    Raises `UsageError` when that is no box.
    """

    left: float
    top: float
    right: float
    bottom: float

    def __post_init__(self) -> None:
        if not (0 <= self.left < self.right <= 1 and 0 <= self.top < self.bottom <= 1):
            raise BadValueError(
                f"The crop {self} is no part of an image: give left, top, right and bottom as "
                "shares of its width and height, such as 0,0,0.5,0.5 for the upper left quarter."
            )

    def __str__(self) -> str:
        return ",".join(f"{side:.4g}" for side in self.sides)

    @property
    def sides(self) -> tuple[float, float, float, float]:
        """left, top, right, bottom."""
        return self.left, self.top, self.right, self.bottom

    @classmethod
    def read(cls, text: str) -> "Crop":
        """The crop that `LEFT,TOP,RIGHT,BOTTOM` says. Raises `UsageError`."""
        try:
            left, top, right, bottom = map(float, text.split(","))
        except ValueError:
            raise BadValueError(
                f"The crop {text!r} is not four numbers: give LEFT,TOP,RIGHT,BOTTOM as shares of "
                "width and height, such as 0,0,0.5,0.5 for the upper left quarter."
            ) from None
        return cls(left, top, right, bottom)

    def min_side(self, wanted: int) -> int:
        """How long an image's short side must be for the box's to be `wanted` pixels long."""
        return round(wanted / min(self.right - self.left, self.bottom - self.top))

    def cut(self, image: Image.Image) -> Image.Image:
        """The part of an image. Raises `UsageError` when less than a pixel of it is in the box."""
        width, height = image.size
        left, right = round(self.left * width), round(self.right * width)
        top, bottom = round(self.top * height), round(self.bottom * height)
        if left == right or top == bottom:
            raise BadValueError(f"The crop {self} is smaller than a pixel of the image: take more.")
        return image.crop((left, top, right, bottom))
