"""`onnx:FILE` and `torchscript:FILE`: a network of your own.

How it takes its images can be told in a JSON file of the same name beside it; what is not told
there is as most networks have it: bicubic resize to 256, center crop 224, ImageNet's mean and std.
"""

import dataclasses
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from explorer.errors import ExtractorError
from explorer.extractors import trusted
from explorer.extractors.backbone import Card, Color, NetworkFamily, NetworkInput
from explorer.extractors.base import Extractor, Layer, Options
from explorer.extractors.model_cache import sha256
from explorer.extractors.network import BATCH_SIZE
from explorer.extractors.openvino_backend import import_openvino
from explorer.extractors.pixels import Square
from explorer.extractors.registry import register_family
from explorer.extractors.taps import Tap, channel_axis, tapped
from explorer.resize import Interpolation

if TYPE_CHECKING:
    import openvino
    import torch


@dataclass(frozen=True, slots=True, kw_only=True)
class Preprocessing:
    """What the JSON file beside a model may tell; mean and std are of pixels from 0 to 1.

    resize: Of the short side, in pixels; 0: squash the whole image; None: 8/7 of the crop.
    """

    resize: int | None = None
    crop: int = 224
    interpolation: Interpolation = "bicubic"
    mean: Color = (0.485, 0.456, 0.406)
    std: Color = (0.229, 0.224, 0.225)

    def recipe(self, side: int | None) -> NetworkInput:
        """For a network whose input has `side` pixels, if it says so itself."""
        crop = side or self.crop
        return NetworkInput(
            square=Square(
                side=crop,
                short_side=crop * 8 // 7 if self.resize is None else self.resize,
                interpolation=self.interpolation,
            ),
            mean=_color(self.mean),
            scale=_color(self.std),
        )


def _color(values: Sequence[float]) -> Color:
    red, green, blue = (255 * float(each) for each in values)
    return red, green, blue


def read_preprocessing(file: Path) -> Preprocessing:
    """What is told beside a model. Raises ExtractorError when that makes no sense."""
    beside = file.with_suffix(".json")
    if not beside.exists():
        return Preprocessing()
    known = {field.name for field in dataclasses.fields(Preprocessing)}
    try:
        told = json.loads(beside.read_text("utf-8"))
        if extra := set(told) - known:
            raise ValueError(f"{', '.join(sorted(extra))} is not among {', '.join(sorted(known))}")
        read = Preprocessing(**told)
        read.recipe(None)
        if read.interpolation not in get_args(Interpolation):
            raise ValueError(f"interpolation is one of {', '.join(get_args(Interpolation))}")
    except (OSError, ValueError, TypeError) as error:
        raise ExtractorError(f"{beside} does not tell how {file.name} is used: {error}.") from error
    return read


class FileFamily(NetworkFamily):
    """Networks that are named by their file; where it is now, `Options.weights` may tell."""

    format: str
    sees = "What it was trained to tell apart."
    name_form = "FILE"
    licence = "your file's"

    def names(self) -> Sequence[str]:
        """Any path."""
        return ()

    def find_weights(self, name: str, /) -> Path:
        """The file that the name is the path of."""
        file = Path(name).expanduser().absolute()
        if not file.is_file():
            raise ExtractorError(f"There is no file {file}, which was to be {self.format}.")
        return file

    def make(self, name: str, options: Options, /) -> Extractor:
        """As every Family's; a space remembers where the file is."""
        file = options.weights or self.find_weights(name)
        return super().make(name, dataclasses.replace(options, weights=file))

    def hash(self, file: Path) -> str:
        """Of the file, and of what is told beside it, if anything is."""
        beside = file.with_suffix(".json")
        if not beside.exists():
            return sha256(file)
        return hashlib.sha256(f"{sha256(file)} {sha256(beside)}".encode()).hexdigest()


class OnnxFiles(FileFamily):
    """ONNX, read by OpenVINO. It holds no code, and any of its tensors can be a layer."""

    key = "onnx:"
    format = "an ONNX model"

    def make(self, name: str, options: Options, /) -> Extractor:
        """As every Family's, on the CPU."""
        if options.device not in ("auto", "cpu"):
            raise ExtractorError(f"{self.key}{name} runs on the CPU only: use --device cpu.")
        return super().make(name, dataclasses.replace(options, device="cpu"))

    def card(self, name: str, file: Path | None = None, /) -> Card:
        """Read from the file."""
        file = file or self.find_weights(name)
        model, side, _ = _read_onnx(file)
        layers = []
        for node in model.get_ordered_ops():
            shape = node.output(0).get_partial_shape() if node.get_output_size() else None
            if node.get_type_name() in ("Parameter", "Constant", "Result") or shape is None:
                continue
            if shape.is_static and 2 <= len(shape) <= 4 and shape[0].get_length() == BATCH_SIZE:
                whole = tuple(each.get_length() for each in shape)[1:]
                layers += [
                    Layer(tensor, whole, whole[channel_axis(whole)])
                    for tensor in sorted(node.output(0).get_names())
                ]
        end = tuple(model.output(0).get_partial_shape().get_min_shape())[1:]
        return Card(
            recipe=read_preprocessing(file).recipe(side),
            dimension=end[channel_axis(end)],
            layers=tuple(layers),
            size=file.stat().st_size,
            ends_in_mean=len(end) == 3 and channel_axis(end) == 0,
        )

    def build(self, _: str, file: Path, taps: Sequence[Tap], /) -> "openvino.Model":
        """A model of OpenVINO whose output are the vectors of the taps."""
        openvino = import_openvino()
        opset = openvino.opset13
        model, _side, layout = _read_onnx(file)
        named = {
            name: node.output(0)
            for node in model.get_ordered_ops()
            if node.get_output_size()
            for name in node.output(0).get_names()
        }
        pooled = []
        for tap in taps:
            end = model.output(0).get_node().input_value(0)
            for output in [named[layer] for layer in tap.layers] or [end]:
                shape = tuple(output.get_shape())[1:]
                axes = [n + 1 for n in range(len(shape)) if n != channel_axis(shape)]
                flat = opset.reduce_mean(output, axes, False) if axes else output.get_node()
                pooled.append(flat.output(0) if axes else output)
        together = opset.concat(pooled, 1) if len(pooled) > 1 else pooled[0]
        whole = openvino.Model([opset.result(together)], model.get_parameters(), "vectors")
        if layout == "NHWC":
            steps = openvino.preprocess.PrePostProcessor(whole)
            steps.input().tensor().set_layout(openvino.Layout("NCHW"))
            steps.input().model().set_layout(openvino.Layout("NHWC"))
            whole = steps.build()
        return whole


def _read_onnx(file: Path) -> tuple["openvino.Model", int | None, Literal["NCHW", "NHWC"]]:
    """The model for batches of our size, the side of its input if it is fixed, and its layout."""
    openvino = import_openvino()
    try:
        model = openvino.Core().read_model(file)
        if len(model.inputs) != 1:
            raise ValueError(f"it has {len(model.inputs)} inputs")
        shape = model.input(0).get_partial_shape()
        if len(shape) != 4:
            raise ValueError(f"its input is {shape} and no batch of images")
        sizes = [None if each.is_dynamic else each.get_length() for each in shape]
        layout: Literal["NCHW", "NHWC"] = "NHWC" if sizes[3] == 3 and sizes[1] != 3 else "NCHW"
        height, width = sizes[1:3] if layout == "NHWC" else sizes[2:]
        if height != width:
            raise ValueError(f"its input is {height} x {width} and no square")
        side = height or read_preprocessing(file).crop
        square = [side, side, 3] if layout == "NHWC" else [3, side, side]
        model.reshape([BATCH_SIZE, *square])
    except (RuntimeError, ValueError) as error:
        reason = str(error).strip().splitlines()[-1][:300]
        raise ExtractorError(
            f"{file} cannot be used as an ONNX model of images: {reason}. It should take one batch "
            "of square RGB images, any number of them, and give one vector (or map) for each."
        ) from error
    return model, height, layout


class TorchScriptFiles(FileFamily):
    """TorchScript: a program, so it is run only when its very content was trusted before."""

    key = "torchscript:"
    format = "a TorchScript model"

    def make(self, name: str, options: Options, /) -> Extractor:
        """As every Family's. A program has no layers that could be told from outside."""
        if options.layer:
            raise ExtractorError(f"{self.key}{name} has no layers to choose from.")
        return super().make(name, options)

    def card(self, name: str, file: Path | None = None, /) -> Card:
        """By running it on one black image."""
        import torch

        file = file or self.find_weights(name)
        recipe = read_preprocessing(file).recipe(None)
        model = self._load(file)
        with torch.inference_mode():
            side = recipe.square.side
            found = tapped(model, [Tap()])(torch.zeros(2, 3, side, side))
        return Card(
            recipe=recipe,
            dimension=found.shape[1],
            layers=(),
            size=file.stat().st_size,
            ends_in_mean=False,
        )

    def build(self, _: str, file: Path, taps: Sequence[Tap], /) -> "torch.nn.Module":
        """As a TorchScript model again, its output averaged over the image."""
        import torch

        side = read_preprocessing(file).recipe(None).square.side
        model = tapped(self._load(file), taps)
        traced: torch.nn.Module = torch.jit.trace(model, torch.zeros(BATCH_SIZE, 3, side, side))
        return traced

    def _load(self, file: Path) -> "torch.nn.Module":
        import torch

        trusted.demand(file)
        try:
            model: torch.nn.Module = torch.jit.load(str(file), map_location="cpu").eval()
        except RuntimeError as error:
            raise ExtractorError(f"{file} is no TorchScript model that can be loaded.") from error
        return model


register_family(OnnxFiles.key, OnnxFiles())
register_family(TorchScriptFiles.key, TorchScriptFiles())
