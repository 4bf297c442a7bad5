"""`torchvision:NAME`: the classifiers of torchvision, before their last layer."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from explorer.extractors import weights
from explorer.extractors.backbone import NetworkInput
from explorer.extractors.pixels import Square
from explorer.extractors.registry import register_family, unknown
from explorer.extractors.torch_family import TorchFamily

if TYPE_CHECKING:
    import torch
    from torchvision import models

# Trained on inputs that were scaled otherwise; torchvision sets it with its own weights, too.
_SCALES_ITSELF = {"googlenet", "inception_v3"}
# DenseNet's files are older than its code: `norm.1` has become `norm1`.
_OLD_DENSENET = re.compile(r"(denselayer\d+\.(?:norm|relu|conv))\.(\d)\.")


class TorchvisionModels(TorchFamily):
    """Everything that torchvision can classify with, and all layers of it."""

    key = "torchvision:"
    libraries = ("torchvision", "torch")
    licence = "BSD-3-Clause"
    offline = False

    def names(self) -> Sequence[str]:
        """Those of its classifiers for single images."""
        from torchvision import models

        return models.list_models(module=models)

    def recipe(self, name: str, /) -> NetworkInput:
        """That of the transforms which come with its weights."""
        transforms = self._official(name).transforms()
        [crop], [short_side] = transforms.crop_size, transforms.resize_size
        return NetworkInput(
            square=Square(
                side=crop, short_side=short_side, interpolation=transforms.interpolation.value
            ),
            mean=tuple(255 * each for each in transforms.mean),
            scale=tuple(255 * each for each in transforms.std),
            licence=self.licence,
        )

    def bare(self, name: str, /) -> "torch.nn.Module":
        """As every TorchFamily's."""
        return self._without_last(name)[0]

    def load(self, name: str, file: Path, /) -> "torch.nn.Module":
        """As every TorchFamily's; a file for another number of classes fits, too."""
        from timm.models import load_state_dict

        state = load_state_dict(str(file), use_ema=False, weights_only=True)
        if name.startswith("densenet"):
            state = {_OLD_DENSENET.sub(r"\1\2.", key): value for key, value in state.items()}
        model, last = self._without_last(name)
        kept = {key: value for key, value in state.items() if not key.startswith(f"{last}.")}
        model.load_state_dict(kept)
        return model

    def find_weights(self, name: str, /) -> Path:
        """The file that torchvision downloads, in torch's own cache."""
        url = self._official(name).url

        def download() -> Path:
            import torch

            folder = Path(torch.hub.get_dir(), "checkpoints")
            file = folder / url.rpartition("/")[2]
            if not file.exists():
                folder.mkdir(parents=True, exist_ok=True)
                # By torch's convention a name ends with the start of the file's hash.
                prefix = file.stem.rpartition("-")[2]
                torch.hub.download_url_to_file(url, str(file), prefix)
            return file

        return weights.find(self.key + name, source=url, download=download)

    def _official(self, name: str) -> "models.WeightsEnum":
        """The best weights that torchvision has of a model, with their transforms."""
        from torchvision import models

        if name not in self.names():
            raise unknown(self.key + name, [self.key + each for each in self.names()])
        return models.get_model_weights(name).DEFAULT

    def _without_last(self, name: str) -> "tuple[torch.nn.Module, str]":
        """A model without its last layer, the one that tells classes, and that layer's name."""
        import torch
        from torchvision import models

        self._official(name)
        # Their own initial weights take half a minute, to be overwritten.
        own = {"transform_input": True, "init_weights": False} if name in _SCALES_ITSELF else {}
        model = models.get_model(name, weights=None, **own)
        tells = (torch.nn.Linear, torch.nn.Conv2d)
        *_, last = (name for name, each in model.named_modules() if isinstance(each, tells))
        model.set_submodule(last, torch.nn.Identity())
        return model, last


register_family(TorchvisionModels.key, TorchvisionModels())
