"""`timm:NAME`: every image model of timm (DINOv2, DINOv3, SigLIP, ConvNeXt, EVA …)."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer.extractors import weights
from explorer.extractors.backbone import NetworkInput
from explorer.extractors.pixels import Square
from explorer.extractors.registry import register_family, unknown
from explorer.extractors.torch_family import TorchFamily

if TYPE_CHECKING:
    import torch

_FILES = ("model.safetensors", "pytorch_model.bin")  # on Hugging Face's hub, the best first
_INTERPOLATIONS = {"bilinear", "bicubic", "lanczos"}


class TimmModels(TorchFamily):
    """Everything in timm, and all layers of it."""

    key = "timm:"
    libraries = ("timm", "torch")
    offline = False

    def names(self) -> Sequence[str]:
        """Models, and models with a tag that names their training."""
        import timm

        return [*timm.list_models(), *timm.list_pretrained()]

    def recipe(self, name: str, /) -> NetworkInput:
        """That of the model's own configuration."""
        from timm.data.config import resolve_data_config

        config = resolve_data_config(pretrained_cfg=self._config(name))
        _, side, _ = config["input_size"]
        # As in timm's own evaluation: the crop is this share of the resized image.
        short_side = 0 if config["crop_mode"] == "squash" else int(side / config["crop_pct"])
        interpolation = config["interpolation"]
        return NetworkInput(
            square=Square(
                side=side,
                short_side=short_side,
                interpolation=interpolation if interpolation in _INTERPOLATIONS else "bicubic",
            ),
            mean=tuple(255 * each for each in config["mean"]),
            scale=tuple(255 * each for each in config["std"]),
            licence=self._config(name).get("license") or "unknown",
        )

    def bare(self, name: str, /) -> "torch.nn.Module":
        """As every TorchFamily's."""
        import timm

        self._config(name)
        return timm.create_model(name, num_classes=0)

    def load(self, name: str, file: Path, /) -> "torch.nn.Module":
        """As every TorchFamily's: by timm's own loader, which knows old forms of its files.

        The loader is strict only where the number of classes is the file's, so it is told that.
        """
        import timm
        from timm.models import load_state_dict

        classifier = self._config(name).get("classifier")
        first = classifier[0] if isinstance(classifier, tuple | list) else classifier
        in_numpy = file.suffix in (".npz", ".npy")
        tensors = {} if in_numpy else load_state_dict(str(file), use_ema=False, weights_only=True)
        rows = tensors.get(f"{first}.weight")
        classes = 0 if rows is None else len(rows)
        told = {"file": str(file), "num_classes": classes, "custom_load": in_numpy}
        model: Any = timm.create_model(
            name, pretrained=True, num_classes=classes, pretrained_cfg_overlay=told
        )
        model.reset_classifier(0)
        whole: torch.nn.Module = model
        return whole

    def find_weights(self, name: str, /) -> Path:
        """The file that timm downloads, in the cache of Hugging Face's hub or of torch."""
        config = self._config(name)
        hub, url = config.get("hf_hub_id"), config.get("url") or ""
        source = f"https://huggingface.co/{hub}" if hub else url

        def download() -> str:
            if not hub:
                from timm.models._hub import download_cached_file

                return download_cached_file(url)
            file = config.get("hf_hub_filename")
            return weights.from_hub(hub, (file,) if file else _FILES)

        return weights.find(self.key + name, source=source, download=download)

    def _config(self, name: str) -> dict[str, Any]:
        """What timm knows of a model's weights."""
        from timm.models import get_pretrained_cfg, is_model

        found = get_pretrained_cfg(name) if is_model(name) else None
        if found is None:
            raise unknown(self.key + name, [self.key + each for each in self.names()])
        return dict(found.to_dict())


register_family(TimmModels.key, TimmModels())
