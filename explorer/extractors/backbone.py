"""Families of networks: any network, any layer of it, several in one forward pass.

What a family must tell of its networks is a `Card`, and how to build them; the rest is here.
"""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PIL import Image

from explorer.errors import UnknownLayerError
from explorer.extractors.base import Extractor, ExtractorInfo, Layer, Options
from explorer.extractors.model_cache import sha256
from explorer.extractors.network import Network
from explorer.extractors.pixels import Square
from explorer.extractors.runtime import Runner
from explorer.extractors.taps import Tap, channel_axis

if TYPE_CHECKING:
    import openvino
    import torch

Color = tuple[float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkInput:
    """How a network takes its images: the square, and (pixel - mean) / scale of 0 to 255."""

    square: Square
    mean: Color
    scale: Color
    licence: str = "unknown"

    def __str__(self) -> str:
        mean, scale = (", ".join(f"{each:g}" for each in row) for row in (self.mean, self.scale))
        return f"{self.square}, (x - [{mean}]) / [{scale}]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """All that is known of a network without its weights. Made once, kept as JSON.

    size: Bytes of its weights.
    ends_in_mean: Whether its end is the mean of maps, as that of most convolutional networks is.
    """

    recipe: NetworkInput
    dimension: int
    layers: tuple[Layer, ...]
    size: int
    ends_in_mean: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Backbone:
    """A network with its weights, which are loaded when it is first run.

    build: The network that gives the vectors of taps, one behind the other, as `Network.build`
        does.
    """

    id: str
    card: Card
    weights: Path
    weights_hash: str
    build: "Callable[[Sequence[Tap]], torch.nn.Module | openvino.Model]"

    def network(self, taps: Sequence[Tap]) -> Network:
        """The vectors of the taps, one behind the other, as the runtime takes it."""
        card = self.card
        # A name for files, so it is kept short however many taps there are.
        places = hashlib.sha256(repr(list(taps)).encode()).hexdigest()[:12]
        return Network(
            id=self.id if list(taps) == [Tap()] else f"{self.id}+{places}",
            version="1",
            weights_hash=self.weights_hash,
            input_side=card.recipe.square.side,
            dimension=sum(tap.dimension(card.layers, card.dimension) for tap in taps),
            mean=card.recipe.mean,
            scale=card.recipe.scale,
            build=lambda: self.build(taps),
        )


class NetworkExtractor:
    """An Extractor of what a tap of a network gives."""

    version = "1"

    def __init__(
        self, backbone: Backbone, tap: Tap, *, id: str, sees: str, options: Options
    ) -> None:
        recipe = backbone.card.recipe
        self.id = id
        self.sees = sees
        self.dimension = tap.dimension(backbone.card.layers, backbone.card.dimension)
        self.input_size = recipe.square.short_side or recipe.square.side
        self.preprocessing = str(recipe)
        self.weights_hash = backbone.weights_hash
        self.weights_file = str(options.weights or "")
        self._network = backbone
        self._tap = tap
        self._run = Runner(
            backbone.network([tap]), device=options.device, precision=options.precision
        )
        self.precision = self._run.precision
        self.backbone = (backbone.id, self.weights_hash, self._run.device, self.precision)

    def prepare(self, image: Image.Image) -> npt.NDArray[np.uint8]:
        """The square (side, side, 3) uint8 that the network takes."""
        return self._network.card.recipe.square.cut(image)

    def extract(self, batch: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """Vectors (b, dimension) float32 of squares (b, side, side, 3) uint8."""
        return self._run(batch)

    def together(
        self, others: Sequence["NetworkExtractor"]
    ) -> Callable[[npt.NDArray[np.uint8]], list[npt.NDArray[np.float32]]]:
        """One forward pass for this and other taps: the vectors of each, its own first."""
        all_ = [self, *others]
        network = self._network.network([each._tap for each in all_])
        run = Runner(network, device=self._run.device, precision=self.precision)
        ends = np.cumsum([each.dimension for each in all_])[:-1]
        return lambda batch: np.split(run(batch), ends, axis=1)


class PlacesExtractor(NetworkExtractor):
    """An Extractor whose vector is the mean of maps, and which can show them."""

    def feature_maps(self, batch: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """What `extract` averages over the image: (b, rows, columns, dimension) float32."""
        return self._run.maps(batch)

    def field(self, width: int, height: int) -> tuple[float, float, float, float]:
        """What the network sees of an image: left, top, width, height."""
        return self._network.card.recipe.square.field(width, height)


class NetworkFamily(ABC):
    """A Family of networks. Those who inherit say how their library, or format, does things.

    key: What the ids begin with, such as "timm:".
    """

    key: str
    sees = "What its training taught it to tell apart; for ImageNet's classes objects and scenes."
    name_form = "NAME"
    """What stands for a name in a list of families."""
    licence = ""
    """Of all its networks; empty where each has its own."""
    offline = True

    @property
    def needs(self) -> str:
        """What is to be installed first; empty when nothing is."""
        return ""

    def info(self, name: str, /) -> ExtractorInfo:
        """As every Family's."""
        card = self.card(name) if name else None
        square = card.recipe.square if card else None
        return ExtractorInfo(
            id=f"{self.key}{name or self.name_form}",
            dimension=card.dimension if card else 0,
            input_size=(square.short_side or square.side) if square else 0,
            sees=self.sees,
            licence=self.licence or (card.recipe.licence if card else "as the model says"),
            offline=self.offline,
            needs=self.needs,
            size=card.size if card else 0,
        )

    @abstractmethod
    def names(self) -> Sequence[str]:
        """As every Family's."""

    @abstractmethod
    def card(self, name: str, file: Path | None = None, /) -> Card:
        """What is known of a network without its weights, or of those in `file`."""

    @abstractmethod
    def build(
        self, name: str, file: Path, taps: Sequence[Tap], /
    ) -> "torch.nn.Module | openvino.Model":
        """The network with the weights in a file, for `Network.build`."""

    @abstractmethod
    def find_weights(self, name: str, /) -> Path:
        """The file of its own weights. Raises ExtractorError when it is not to be had."""

    def layers(self, name: str, /) -> tuple[Layer, ...]:
        """As every Family's."""
        return self.card(name).layers

    def make(self, name: str, options: Options, /) -> Extractor:
        """As every Family's."""
        backbone = self.backbone(name, options)
        if not options.layer:
            return self.end(backbone, options)
        found = [each for each in backbone.card.layers if each.name == options.layer]
        if not found:
            raise _no_layer(backbone, options.layer)
        return _kind(len(found[0].shape) == 3 and channel_axis(found[0].shape) == 0)(
            backbone,
            Tap((options.layer,)),
            id=f"{backbone.id}@{options.layer}",
            sees=_sees(found[0], backbone.card.recipe.square.side),
            options=options,
        )

    def end(self, backbone: Backbone, options: Options) -> Extractor:
        """The extractor of the features before the classifier."""
        kind = _kind(backbone.card.ends_in_mean)
        return kind(backbone, Tap(), id=backbone.id, sees=self.sees, options=options)

    def backbone(self, name: str, options: Options) -> Backbone:
        """The network with its weights, or those of `options`."""
        file = options.weights or self.find_weights(name)
        return Backbone(
            id=self.key + name,
            card=self.card(name, file),
            weights=file,
            weights_hash=self.hash(file),
            build=lambda taps: self.build(name, file, taps),
        )

    def hash(self, file: Path) -> str:
        """What names the weights in a file, and all else that is read beside them."""
        return sha256(file)


def _kind(has_maps: bool) -> type[NetworkExtractor]:
    return PlacesExtractor if has_maps else NetworkExtractor


def _no_layer(backbone: Backbone, layer: str) -> UnknownLayerError:
    top = [each.name for each in backbone.card.layers if each.name.count(".") <= 1]
    return UnknownLayerError(
        f"{backbone.id} has no layer {layer!r}: choose one of {', '.join(top[:40])} …",
        space=backbone.id,
    )


_BY_REACH = (
    (4, "Edges, colours and fine textures"),
    (8, "Textures and simple shapes"),
    (16, "Patterns and parts of things"),
)


def _sees(layer: Layer, side: int) -> str:
    """By how far apart its positions lie: the coarser, the more of an image one of them sees."""
    if len(layer.shape) != 3:
        return "What this depth of the network makes of the image, averaged over it."
    step = side / sorted(layer.shape)[1]  # of channels, height and width the latter are equal
    what = next((words for reach, words in _BY_REACH if step <= reach), "Parts and whole things")
    return f"{what}, averaged over the image; ignores where they are."
