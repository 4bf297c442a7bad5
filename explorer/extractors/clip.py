"""`open-clip:NAME/TAG`: images and texts in one space."""

import dataclasses
import importlib.util
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from explorer.errors import ExtractorError
from explorer.extractors import weights
from explorer.extractors.backbone import Backbone, NetworkExtractor, NetworkInput
from explorer.extractors.base import Options
from explorer.extractors.pixels import Square
from explorer.extractors.registry import register_family, unknown
from explorer.extractors.taps import Tap
from explorer.extractors.torch_family import TorchFamily

if TYPE_CHECKING:
    import open_clip
    import torch

    _Towers = tuple[open_clip.CLIP, Callable[[list[str]], torch.Tensor]]

_EXTRA = "embedding-space-explorer[clip]"
_FILES = ("open_clip_model.safetensors", "open_clip_pytorch_model.bin")  # on the hub, best first


class ClipImages(NetworkExtractor):
    """The Extractor of the image tower; its text tower embeds into the same space."""

    def __init__(
        self, backbone: Backbone, *, sees: str, options: Options, whole: "Callable[[], _Towers]"
    ) -> None:
        super().__init__(backbone, Tap(), id=backbone.id, sees=sees, options=options)
        self._load_whole = whole
        self._whole: _Towers | None = None
        self._lock = threading.Lock()

    def embed_text(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Vectors (n, dimension) float32 of length 1 of n texts, by torch on the CPU.

        Models were trained on captions: "a photo of a dog" finds more than "dog".
        """
        import torch

        with self._lock:
            self._whole = self._whole or self._load_whole()
            model, tokenize = self._whole
        if not texts:
            return np.empty((0, self.dimension), np.float32)
        with torch.inference_mode():
            found = model.encode_text(tokenize(list(texts)), normalize=True)
        vectors: npt.NDArray[np.float32] = found.numpy()
        return vectors


class OpenClipModels(TorchFamily):
    """Everything that open_clip has weights for."""

    key = "open-clip:"
    libraries = ("open_clip_torch", "torch")
    sees = (
        "What a caption would say: things, scenes, actions, style, even written words. Texts can "
        "be searched for."
    )
    name_form = "NAME/TAG"
    licence = "as the weights say"
    offline = False

    @property
    def needs(self) -> str:
        """open_clip itself, which is an extra."""
        return "" if importlib.util.find_spec("open_clip") else _EXTRA

    def names(self) -> Sequence[str]:
        """Each architecture with each training that it has weights of."""
        return [f"{name}/{tag}" for name, tag in _open_clip().list_pretrained()]

    def recipe(self, name: str, /) -> NetworkInput:
        """That of the training, and of the architecture."""
        config, told = self._config(name), _open_clip().get_model_config(name.partition("/")[0])
        side = config.get("size") or told["vision_cfg"].get("image_size", 224)
        return NetworkInput(
            square=Square(
                side=side,
                short_side=0 if config["resize_mode"] == "squash" else side,
                interpolation=config["interpolation"],
            ),
            mean=tuple(255 * each for each in config["mean"]),
            scale=tuple(255 * each for each in config["std"]),
            licence=self.licence,
        )

    def bare(self, name: str, /) -> "torch.nn.Module":
        """The image tower alone."""
        return self._model(name, None).get_submodule("visual")

    def load(self, name: str, file: Path, /) -> "torch.nn.Module":
        """The image tower alone."""
        return self._model(name, file).get_submodule("visual")

    def end(self, backbone: Backbone, options: Options) -> ClipImages:
        """The extractor of the space that images and texts share."""
        name = backbone.id.removeprefix(self.key)

        def whole() -> "_Towers":
            tokenizer = _open_clip().get_tokenizer(name.partition("/")[0])
            model = self.read(name, backbone.weights, lambda: self._model(name, backbone.weights))
            return model, tokenizer

        return ClipImages(backbone, sees=self.sees, options=options, whole=whole)

    def find_weights(self, name: str, /) -> Path:
        """The file that open_clip downloads, in the cache of Hugging Face's hub or its own."""
        config = self._config(name)
        # As open_clip has it: "owner/repository/" or "owner/repository/file".
        hub, _, file = config.get("hf_hub", "").rpartition("/")

        def download() -> str:
            if hub:
                return weights.from_hub(hub, (file,) if file else _FILES)
            return str(_open_clip().pretrained.download_pretrained(config))

        source = f"https://huggingface.co/{hub}" if hub else config.get("url", "")
        return weights.find(self.key + name, source=source, download=download)

    def _config(self, name: str) -> dict[str, Any]:
        """What open_clip knows of a training."""
        clip = _open_clip()
        architecture, _, tag = name.partition("/")
        if not tag and architecture in clip.list_models():  # for weights of one's own
            return dataclasses.asdict(clip.transform.PreprocessCfg()) | {"size": None}
        config: dict[str, Any] = clip.get_pretrained_cfg(architecture, tag)
        if not config:
            raise unknown(self.key + name, [self.key + each for each in self.names()])
        return config

    def _model(self, name: str, file: Path | None) -> "torch.nn.Module":
        """Both towers."""
        config = self._config(name)
        model: torch.nn.Module = _open_clip().create_model(
            name.partition("/")[0],
            pretrained=str(file) if file else None,
            pretrained_text=False,
            force_quick_gelu=bool(config.get("quick_gelu")),
        )
        return model.eval()


def _open_clip() -> ModuleType:
    try:
        import open_clip
    except ImportError as error:
        raise ExtractorError(f"open-clip needs its library: pip install '{_EXTRA}'") from error
    return open_clip


register_family(OpenClipModels.key, OpenClipModels())
