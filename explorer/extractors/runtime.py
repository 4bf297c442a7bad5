"""Runs networks: on the CPU by OpenVINO, on CUDA and MPS (and as a fallback) by torch."""

import contextlib
import platform
import shutil
import threading
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from explorer.errors import ExtractorError
from explorer.extractors import openvino_backend, torch_backend
from explorer.extractors.network import BATCH_SIZE, Network

Forward = Callable[[npt.NDArray[np.uint8]], npt.NDArray[np.float32]]
"""One forward pass: (BATCH_SIZE, side, side, 3) uint8 -> (BATCH_SIZE, dimension) float32."""


class Runner:
    """A network on a device in a precision, loaded when it is first called. Safe in any thread.

    Raises ExtractorError for a device or precision that is unknown or not to be had here.
    """

    def __init__(self, network: Network, *, device: str = "auto", precision: str = "auto") -> None:
        self._network = network
        self._lock = threading.Lock()
        self._forward: Forward | None = None
        self._maps: Forward | None = None
        self.device = _device(device)
        self._openvino = self.device == "cpu" and openvino_backend.is_usable()
        self.precision = _precision(precision, device=self.device, openvino=self._openvino)

    def __call__(self, images: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """Vectors (b, dimension) float32 of images (b, side, side, 3) uint8."""
        vectors = np.empty((len(images), self._network.dimension), np.float32)
        with self._lock:
            forward = self._forward = self._forward or self._load()
            for start in range(0, len(images), BATCH_SIZE):
                batch = images[start : start + BATCH_SIZE]
                vectors[start : start + len(batch)] = forward(_padded(batch))[: len(batch)]
        return vectors

    def maps(self, images: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """What the network's last step averages: (b, rows, columns, dimension) float32.

        By OpenVINO on the CPU only: it is for looking at a few images.
        """
        if not self._openvino:
            raise ExtractorError(
                f"Where {self._network.id} looks is computed by OpenVINO on the CPU, which is not "
                "to be had here: pip install openvino."
            )
        found = []
        with self._lock:
            if self._maps is None:
                self._maps = self._load_maps()
            for start in range(0, len(images), BATCH_SIZE):
                batch = images[start : start + BATCH_SIZE]
                found.append(self._maps(_padded(batch))[: len(batch)])
        return np.moveaxis(np.concatenate(found), 1, -1)

    def _load_maps(self) -> Forward:
        try:
            return openvino_backend.load_maps(self._network, precision=self.precision)
        except openvino_backend.NotConvertible as error:
            raise ExtractorError(
                f"Where {self._network.id} looks cannot be told, since OpenVINO cannot run it."
            ) from error

    def _load(self) -> Forward:
        network, device, precision = self._network, self.device, self.precision
        try:
            if self._openvino:
                with contextlib.suppress(openvino_backend.NotConvertible):
                    return openvino_backend.load(network, precision=precision)
            return torch_backend.load(network, device=device, precision=precision)
        except RuntimeError as error:
            raise ExtractorError(
                f"{network.id} could not be loaded on {device} in {precision}: {error}"
            ) from error


def _padded(images: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    return np.pad(images, ((0, BATCH_SIZE - len(images)), (0, 0), (0, 0), (0, 0)))


def _device(device: str) -> str:
    if device == "cpu" or (device == "auto" and not _may_have_accelerator()):
        return "cpu"
    if device not in ("auto", "cuda", "mps"):
        raise ExtractorError(f"There is no device {device!r}: choose auto, cpu, cuda or mps.")
    found = torch_backend.accelerator()
    if device == "auto":
        return found or "cpu"
    if device != found:
        raise ExtractorError(f"There is no {device} device here: use --device auto or cpu.")
    return device


def _may_have_accelerator() -> bool:
    # Cheap signs, so that a CPU-only machine need not import torch to learn that it is one.
    apple = platform.system() == "Darwin" and platform.machine() == "arm64"
    return apple or shutil.which("nvidia-smi") is not None


def _precision(precision: str, *, device: str, openvino: bool) -> str:
    if precision not in ("auto", "fp32", "bf16"):
        raise ExtractorError(f"There is no precision {precision!r}: choose auto, fp32 or bf16.")
    if precision == "fp32":
        return precision
    has_bf16 = openvino_backend.has_bf16() if openvino else torch_backend.has_bf16(device)
    if precision == "bf16" and not has_bf16:
        raise ExtractorError(
            f"This {device} does not compute in bf16: use --precision auto or fp32."
        )
    return "bf16" if has_bf16 else "fp32"
