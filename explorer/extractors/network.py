"""A neural network as the runtimes take it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import openvino
    import torch

BATCH_SIZE = 16
"""Images per forward pass. It is fixed, and smaller batches are padded, so that a vector never
depends on how many images it was computed with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """A network from images to vectors, and what names it on disk.

    It is built as a torch module, or as a model of OpenVINO where it comes in another format (it
    then runs on the CPU only). It takes float32 (b, 3, input_side, input_side), which is
    (pixel - mean) / scale, and returns float32 (b, dimension).
    """

    id: str
    version: str
    weights_hash: str
    input_side: int
    dimension: int
    mean: tuple[float, float, float]
    scale: tuple[float, float, float]
    build: "Callable[[], torch.nn.Module | openvino.Model]"

    @property
    def key(self) -> str:
        """What converted forms of this network are kept under."""
        return f"{self.id}-{self.version}-{self.weights_hash[:16]}"
