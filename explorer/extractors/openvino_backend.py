"""Networks by OpenVINO: several times faster than torch on a CPU.

A torch module is converted once and kept in the model cache, pixel arithmetic included; from then
on torch is not imported any more.
"""

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from explorer.extractors.model_cache import converting, model_folder
from explorer.extractors.network import BATCH_SIZE, Network

if TYPE_CHECKING:
    import openvino
    import torch

_TELEMETRY = "openvino_telemetry"


class NotConvertible(Exception):
    """OpenVINO has no words for a network: torch must run it."""


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
    """A forward pass of `network`: (BATCH_SIZE, side, side, 3) uint8 -> (BATCH_SIZE, d) float32.

    Raises NotConvertible.
    """
    return _compiled(_converted(network, precision), precision)


def load_maps(
    network: Network, *, precision: str
) -> Callable[[npt.NDArray[np.uint8]], npt.NDArray[np.float32]]:
    """The same up to the mean over places that is its last step: (BATCH_SIZE, d, rows, columns)."""
    openvino = import_openvino()
    whole = openvino.Core().read_model(_converted(network, precision))
    node = whole.get_results()[0]
    while node.get_type_name() != "ReduceMean":
        node = node.input_value(0).get_node()
    places = openvino.Model([node.input_value(0)], whole.get_parameters(), "places")
    return _compiled(places, precision)


def _converted(network: Network, precision: str) -> Path:
    """The file of the converted network."""
    version = import_openvino().__version__.split("-")[0]
    # The weights are rounded for the precision, so each has a model of its own.
    key = f"{network.key}-openvino-{version}-{precision}"
    folder = model_folder(
        key,
        lambda folder: _convert(network, precision, folder),
        making=converting(network.id.partition("+")[0]),
    )
    return folder / "model.xml"


def _compiled(
    model: "openvino.Model", precision: str
) -> Callable[[npt.NDArray[np.uint8]], npt.NDArray[np.float32]]:
    options = {
        # Always set: OpenVINO takes bf16 by itself where it can.
        "INFERENCE_PRECISION_HINT": {"fp32": "f32", "bf16": "bf16"}[precision],
        # One image batch on all cores at a time; decoding runs beside it.
        "PERFORMANCE_HINT": "LATENCY",
        "NUM_STREAMS": 1,
    }
    request = import_openvino().Core().compile_model(model, "CPU", options).create_infer_request()

    def forward(images: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        found: npt.NDArray[np.float32] = request.infer([images])[0].copy()
        return found

    return forward


def _convert(network: Network, precision: str, folder: Path) -> None:
    openvino = import_openvino()
    built = network.build()
    model = built if isinstance(built, openvino.Model) else _from_torch(built, network.input_side)
    pixels = openvino.preprocess.PrePostProcessor(model)
    pixels.input().tensor().set_element_type(openvino.Type.u8).set_layout(openvino.Layout("NHWC"))
    pixels.input().model().set_layout(openvino.Layout("NCHW"))
    steps = pixels.input().preprocess().convert_element_type(openvino.Type.f32)
    steps.mean(list(network.mean)).scale(list(network.scale))
    model = pixels.build()
    if precision == "bf16":
        _round_depthwise_kernels(model)
    openvino.save_model(model, folder / "model.xml", compress_to_fp16=False)


def _from_torch(module: "torch.nn.Module", side: int) -> "openvino.Model":
    import torch

    convert = import_openvino().convert_model
    example = torch.zeros(BATCH_SIZE, 3, side, side)
    try:
        if isinstance(module, torch.jit.ScriptModule):
            return convert(module, example_input=example, input=example.shape)
        with torch.no_grad():
            return convert(torch.export.export(module.eval(), (example,)))
    except Exception as error:  # torch.export and OpenVINO have many kinds, and no common one
        raise NotConvertible(str(error)) from error


def _round_depthwise_kernels(model: "openvino.Model") -> None:
    """Round what bf16 would round worst, better: it halves the drift of the vectors, for nothing.

    The inner sums of other layers are long enough for the errors of rounding to even out.
    """
    opset = import_openvino().opset13
    for node in model.get_ordered_ops():
        if node.get_type_name() == "GroupConvolution":
            weights = node.input_value(1).get_node()
            if weights.get_type_name() == "Reshape":  # from torch's shape to OpenVINO's
                weights = weights.input_value(0).get_node()
            if weights.get_type_name() == "Constant":
                rounded = opset.constant(round_keeping_sums(weights.get_data()))
                for user in weights.output(0).get_target_inputs():
                    user.replace_source_output(rounded.output(0))


def round_keeping_sums(weights: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Kernels (channels, …) rounded to bf16 values, each so that its sum stays what it was.

    Rounding each weight to its nearest shifts a kernel's sum, which is its answer to flat areas:
    what an edge kernel cancels out. So some weights are rounded the other way, those first that
    bring the sum nearest to its old value. float32 in and out.
    """
    kernels = weights.reshape(len(weights), -1)
    down = (kernels.view(np.uint32) & 0xFFFF0000).view(np.float32)
    up = ((kernels.view(np.uint32) & 0xFFFF0000) + 0x10000).view(np.float32)
    up = np.where(kernels == down, down, up)
    nearest = np.where(np.abs(kernels - down) <= np.abs(up - kernels), down, up)
    change = (down + up - 2 * nearest).astype(np.float64)  # when rounded the other way
    rounded = nearest.astype(np.float64)
    for row, kernel in enumerate(kernels.astype(np.float64)):
        steps = change[row].copy()
        while True:
            error = (rounded[row] - kernel).sum()
            best = np.abs(error + steps).argmin()
            if abs(error + steps[best]) >= abs(error):
                break
            rounded[row, best] += steps[best]
            steps[best] = -steps[best]
    return rounded.astype(np.float32).reshape(weights.shape)
