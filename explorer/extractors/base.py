"""What an extractor is: the protocol every one of them keeps, and its line in the list."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt
from PIL import Image


class Extractor(Protocol):
    """Turns images into vectors.

    `id` and `version` name the space its vectors live in: a new version means that vectors made
    by the old one can no longer be compared with the new ones.
    """

    id: str
    version: str
    dimension: int
    input_size: int
    """Pixels. `prepare` loses nothing as long as an image's short side is at least this long."""
    sees: str
    """One plain sentence: what it is sensitive to, and what it ignores."""
    weights_hash: str
    """SHA-256 of the weights file in hex; empty where there are no weights."""
    preprocessing: str
    """One line, in words."""
    precision: str
    """What it computes in: "fp32" or "bf16"."""

    def prepare(self, image: Image.Image) -> npt.NDArray[Any]:
        """One RGB image as the array that `extract` takes a batch of. Safe in any thread."""

    def extract(self, batch: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
        """Vectors (b, dimension) of a batch (b, …) of prepared images, b being any number.

        The vector of an image does not depend on the others of its batch. Raises ExtractorError
        when the model cannot be loaded.
        """


@runtime_checkable
class Classifier(Protocol):
    """An extractor whose vectors also tell classes, by the linear layer it was trained with."""

    class_names: tuple[str, ...]

    def classify(self, vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Probabilities (n, len(class_names)) float32, each row's sum 1, of vectors (n, d)."""


@runtime_checkable
class SeesPlaces(Protocol):
    """An extractor whose vector is the mean of what it finds at every place of the image."""

    def feature_maps(self, batch: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
        """(b, rows, columns, dimension) of prepared images (b, …): their means are the vectors."""

    def field(self, width: int, height: int) -> tuple[float, float, float, float]:
        """The part of an image that the places cover: left, top, width, height, in its pixels."""


@runtime_checkable
class NamesDimensions(Protocol):
    """An extractor whose dimensions mean something that has a name."""

    dimension_names: tuple[str, ...]
    """One for each dimension, such as "dark vivid blue"."""


@runtime_checkable
class SharesBackbone(Protocol):
    """An extractor that can share its forward pass with others of the same network."""

    backbone: Hashable
    """Equal for two extractors that take the same inputs to the same network, run the same way."""

    def prepare(self, image: Image.Image) -> npt.NDArray[Any]:
        """As every Extractor's."""

    def together(
        self, others: Sequence[Any]
    ) -> Callable[[npt.NDArray[Any]], Sequence[npt.NDArray[np.float32]]]:
        """One pass for this and `others` of an equal backbone: their vectors, its own first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractorInfo:
    """What a list of extractors shows. Known without loading a model."""

    id: str
    dimension: int
    input_size: int
    sees: str
    licence: str
    """Of the weights (or of the method's code, where there are none), as an SPDX identifier."""
    offline: bool = True
    """Whether it works without the internet once installed."""
    needs: str = ""
    """What to `pip install` before it can be used; empty when nothing is missing."""
