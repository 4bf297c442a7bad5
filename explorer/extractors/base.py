"""What an extractor is: the protocol every one of them keeps, and its line in the list."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt
from PIL import Image

ImageArray = npt.NDArray[Any]
"""Images as `Extractor.prepare` makes them, in whatever kind of numbers."""


class Extractor(Protocol):
    """Turns images into vectors.

    `id` and `version` name the space its vectors live in: a new version means that vectors made
    by the old one can no longer be compared with the new ones.

    input_size: Pixels. `prepare` loses nothing as long as an image's short side is at least this
        long.
    sees: One plain sentence: what it is sensitive to, and what it ignores.
    weights_hash: SHA-256 of the weights file in hex; empty where there are no weights.
    preprocessing: One line, in words.
    precision: What it computes in: "fp32" or "bf16".
    """

    id: str
    version: str
    dimension: int
    input_size: int
    sees: str
    weights_hash: str
    preprocessing: str
    precision: str

    def prepare(self, image: Image.Image) -> ImageArray:
        """One RGB image as the array that `extract` takes a batch of. Safe in any thread."""

    def extract(self, batch: ImageArray) -> npt.NDArray[np.float32]:
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

    def feature_maps(self, batch: ImageArray) -> npt.NDArray[np.float32]:
        """(b, rows, columns, dimension) of prepared images (b, …): their means are the vectors."""

    def field(self, width: int, height: int) -> tuple[float, float, float, float]:
        """The part of an image that the places cover: left, top, width, height, in its pixels."""


@runtime_checkable
class EmbedsText(Protocol):
    """An extractor with a text tower: texts and images in one space, near where they agree."""

    def embed_text(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Vectors (n, dimension) float32 of length 1 of n texts, to be compared with images'.

        Raises ExtractorError when the model cannot be loaded.
        """


@runtime_checkable
class NamesDimensions(Protocol):
    """An extractor whose dimensions mean something that has a name.

    dimension_names: One for each dimension, such as "dark vivid blue".
    """

    dimension_names: tuple[str, ...]


@runtime_checkable
class FromFile(Protocol):
    """An extractor whose weights are a file that the user gave: a space remembers where it is.

    weights_file: Its full path; empty when the weights came by themselves.
    """

    weights_file: str


@runtime_checkable
class SharesBackbone(Protocol):
    """An extractor that can share its forward pass with others of the same network.

    backbone: Equal for two extractors that take the same inputs to the same network, run the same
        way.
    """

    backbone: Hashable

    def prepare(self, image: Image.Image) -> ImageArray:
        """As every Extractor's."""

    def together(
        self, others: Sequence[Any]
    ) -> Callable[[ImageArray], Sequence[npt.NDArray[np.float32]]]:
        """One pass for this and `others` of an equal backbone: their vectors, its own first."""


@dataclass(frozen=True, slots=True)
class Layer:
    """A place inside a network that vectors can be taken from, as `id@name`.

    shape: Of what it puts out for one image, such as (40, 28, 28): channels, height, width.
    dimension: Of the vector: its channels, averaged over the image.
    """

    name: str
    shape: tuple[int, ...]
    dimension: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How an extractor is to be made.

    layer: Where in the network to take the vectors; empty for its end, before the classifier.
    weights: A file to take the weights from; None for those that the extractor comes with.
    """

    layer: str = ""
    weights: Path | None = None
    device: str = "auto"
    precision: str = "auto"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractorInfo:
    """What a list of extractors shows. Known without loading a model.

    id: For a family the form of its ids, such as "timm:NAME".
    dimension: 0 for a family, as is `input_size`: its members differ.
    licence: Of the weights (or of the method's code, where there are none), as an SPDX identifier.
    offline: Whether it works without the internet once installed.
    needs: What to `pip install` before it can be used; empty when nothing is missing.
    size: Bytes of its weights; 0 where there are none, or where that is not known.
    """

    id: str
    dimension: int
    input_size: int
    sees: str
    licence: str
    offline: bool = True
    needs: str = ""
    size: int = 0


class FromInfo(Extractor):
    """An Extractor that is what its line in the list says: `class Mine(FromInfo, info=…)`.

    Unless it says otherwise it has no weights, and computes in fp32 wherever it runs.
    """

    version = "1"
    weights_hash = ""
    precision = "fp32"

    def __init_subclass__(cls, *, info: ExtractorInfo) -> None:
        super().__init_subclass__()
        cls.id, cls.dimension = info.id, info.dimension
        cls.input_size, cls.sees = info.input_size, info.sees

    def __init__(self, **_: str) -> None:
        """Device and precision, which change nothing."""


class Family(Protocol):
    """Extractors whose ids have a beginning in common, such as "timm:"; the rest is the name.

    What it says of a name (all but `make`) needs no weights, so that a user can look before
    downloading. Raises ExtractorError for a name that it does not know.
    """

    def info(self, name: str, /) -> ExtractorInfo:
        """The line of the extractor `name`; for an empty name that of the family itself."""

    def names(self) -> Sequence[str]:
        """Names that are known, for suggestions; empty where any may do (a file's path)."""

    def layers(self, name: str, /) -> Sequence[Layer]:
        """The layers that `Options.layer` may name, in the order of the network."""

    def make(self, name: str, options: Options, /) -> Extractor:
        """The extractor. Quick: models load on first use."""
