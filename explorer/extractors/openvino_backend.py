"""Networks by OpenVINO: several times faster than torch on a CPU.

A torch module is converted once and kept in the model cache, pixel arithmetic included; from then
on torch is not imported any more.
"""

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import numpy.typing as npt

from explorer.extractors.model_cache import model_folder
from explorer.extractors.network import BATCH_SIZE, Network

_TELEMETRY = "openvino_telemetry"


def is_usable() -> bool:
    """Whether OpenVINO can be imported here."""
    try:
        import_openvino()
    except ImportError:
        return False
    return True


def has_bf16() -> bool:
    """Whether this CPU computes in bf16 (AVX512-BF16 or AMX)."""
    core = import_openvino().Core()
    return "BF16" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")


def import_openvino() -> ModuleType:
    """The module `openvino`, which must never be imported in any other way.

    The package openvino-telemetry comes with it and, asking nobody, reports every import and every
    conversion to its maker. Where that package cannot be imported OpenVINO uses a stub that does
    nothing, so that is what it gets; and should somebody in this process have imported both before
    us, the stub takes the place of the reporter.
    """
    if _TELEMETRY not in sys.modules:
        sys.modules[_TELEMETRY] = None  # type: ignore[assignment]  # the import system's "not here"
    openvino = importlib.import_module("openvino")
    if reporter := sys.modules[_TELEMETRY]:
        stub = importlib.import_module("openvino.tools.ovc.telemetry_stub")
        reporter.Telemetry = stub.Telemetry  # type: ignore[attr-defined]
    return openvino


def load(
    network: Network, *, precision: str
) -> Callable[[npt.NDArray[np.uint8]], npt.NDArray[np.float32]]:
    """A forward pass of `network`: (BATCH_SIZE, side, side, 3) uint8 -> (BATCH_SIZE, d) float32."""
    openvino = import_openvino()
    key = f"{network.key}-openvino-{openvino.__version__.split('-')[0]}"
    folder = model_folder(key, lambda folder: _convert(network, folder))
    options = {
        # Always set: OpenVINO takes bf16 by itself where it can.
        "INFERENCE_PRECISION_HINT": {"fp32": "f32", "bf16": "bf16"}[precision],
        # One image batch on all cores at a time; decoding runs beside it.
        "PERFORMANCE_HINT": "LATENCY",
        "NUM_STREAMS": 1,
    }
    compiled = openvino.Core().compile_model(folder / "model.xml", "CPU", options)
    request = compiled.create_infer_request()

    def forward(images: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        vectors: npt.NDArray[np.float32] = request.infer([images])[0].copy()
        return vectors

    return forward


def _convert(network: Network, folder: Path) -> None:
    import torch

    openvino = import_openvino()
    side = network.input_side
    with torch.no_grad():
        example = torch.zeros(BATCH_SIZE, 3, side, side)
        exported = torch.export.export(network.build().eval(), (example,))
    model = openvino.convert_model(exported)
    pixels = openvino.preprocess.PrePostProcessor(model)
    pixels.input().tensor().set_element_type(openvino.Type.u8).set_layout(openvino.Layout("NHWC"))
    pixels.input().model().set_layout(openvino.Layout("NCHW"))
    steps = pixels.input().preprocess().convert_element_type(openvino.Type.f32)
    steps.mean(list(network.mean)).scale(list(network.scale))
    openvino.save_model(pixels.build(), folder / "model.xml", compress_to_fp16=False)
