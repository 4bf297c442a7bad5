"""Networks by torch: the way on CUDA and MPS, the fallback on a CPU, and the reference in tests."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from explorer.extractors.network import Network


def accelerator() -> str | None:
    """The accelerator that torch finds here: "cuda", "mps" or None."""
    import torch

    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else None


def has_bf16(device: str) -> bool:
    """Whether bf16 is worth while: on a CPU it never is without OpenVINO."""
    import torch

    return device == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False)


def load(
    network: Network, *, device: str, precision: str
) -> Callable[[npt.NDArray[np.uint8]], npt.NDArray[np.float32]]:
    """A forward pass of `network`: (b, side, side, 3) uint8 -> (b, dimension) float32."""
    import torch

    module = network.build().eval().to(device).to(memory_format=torch.channels_last)
    mean = torch.tensor(network.mean, device=device).view(1, 3, 1, 1)
    scale = torch.tensor(network.scale, device=device).view(1, 3, 1, 1)
    autocast = torch.autocast(device, torch.bfloat16, enabled=precision == "bf16")

    def forward(images: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        with torch.inference_mode(), autocast:
            # A permuted NHWC array is what torch calls channels-last: no copy is made.
            pixels = torch.from_numpy(images).to(device).permute(0, 3, 1, 2)
            vectors = module((pixels.float() - mean) / scale)
            return vectors.float().cpu().numpy()

    return forward
