"""What is read off a network: its end, any layer on the way, or the statistics of several."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal

import numpy as np

from explorer.extractors.base import Layer

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, slots=True)
class Tap:
    """A place to read vectors from: the outputs of some layers, or of the network if none.

    statistic: Of the positions of an image: the mean of every channel, or the products of all pairs
        of channels (Gatys et al. 2015, "A Neural Algorithm of Artistic Style").
    """

    layers: tuple[str, ...] = ()
    statistic: Literal["mean", "gram"] = "mean"

    def dimension(self, layers: Sequence[Layer], end: int) -> int:
        """Of its vectors, in a network with these layers whose end has `end` dimensions."""
        if not self.layers:
            return end
        channels = [each.dimension for each in layers if each.name in self.layers]
        if self.statistic == "mean":
            return sum(channels)
        return sum(each * (each + 1) // 2 for each in channels)


def tapped(model: "torch.nn.Module", taps: Sequence[Tap]) -> "torch.nn.Module":
    """`model` with the vectors of the taps, one behind the other, as its output."""
    import torch

    seen: dict[str, torch.Tensor] = {}

    def see(name: str, _: torch.nn.Module, __: object, output: torch.Tensor) -> None:
        seen[name] = output.clone()  # what comes next may work in place

    for name in {layer for tap in taps for layer in tap.layers}:
        model.get_submodule(name).register_forward_hook(partial(see, name))

    class Tapped(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, pixels: torch.Tensor) -> torch.Tensor:
            end = self.model(pixels)
            statistics = {"mean": _mean, "gram": _gram}
            found = [
                statistics[tap.statistic]([seen[name] for name in tap.layers] or [end])
                for tap in taps
            ]
            seen.clear()
            return torch.cat(found, dim=1)

    return Tapped()


def layers_of(model: "torch.nn.Module", side: int) -> tuple[Layer, ...]:
    """Every layer that gives one tensor per image, found by running it on one of `side` pixels."""
    import torch

    shapes: dict[str, tuple[int, ...]] = {}
    calls: Counter[str] = Counter()

    def see(name: str, *call: object) -> None:  # the module, its inputs, its output
        output = call[-1]
        calls[name] += 1
        if isinstance(output, torch.Tensor) and 2 <= output.ndim <= 4 and len(output) == 1:
            shapes[name] = tuple(output.shape[1:])

    names = [name for name, _ in model.named_modules() if name]
    hooks = [model.get_submodule(name).register_forward_hook(partial(see, name)) for name in names]
    with torch.inference_mode():
        model.eval()(torch.zeros(1, 3, side, side))
    for hook in hooks:
        hook.remove()
    return tuple(
        Layer(name, shapes[name], shapes[name][channel_axis(shapes[name])])
        for name in names
        if name in shapes and calls[name] == 1
    )


def ends_in_mean(model: "torch.nn.Module", side: int) -> bool:
    """Whether the end of a network is the mean of what a layer puts out at every place.

    Found by running it on noise: the layer is one of those whose mean is the end.
    """
    import torch

    found: list[torch.Tensor] = []

    def see(*call: object) -> None:
        output = call[-1]
        if isinstance(output, torch.Tensor) and output.ndim == 4 and output.shape[-1] > 1:
            found.append(output.mean((2, 3)))

    hooks = [module.register_forward_hook(see) for module in model.modules()]
    with torch.inference_mode():
        noise = torch.rand(2, 3, side, side, generator=torch.Generator().manual_seed(0))
        end = model.eval()(noise)
    for hook in hooks:
        hook.remove()
    return any(
        each.shape == end.shape and torch.allclose(each, end, rtol=1e-3, atol=1e-6)
        for each in found
    )


def channel_axis(shape: Sequence[int]) -> int:
    """Which axis of one image's output holds the channels.

    The inputs are square, so positions are two equal sides beside each other, or a row of tokens.
    """
    if len(shape) == 3 and shape[1] == shape[2]:
        return 0
    return len(shape) - 1


def _positions(features: "torch.Tensor") -> "torch.Tensor":
    """(b, channels, positions) of any layer's output."""
    channels = channel_axis(features.shape[1:]) + 1
    if features.ndim == 2:
        return features.unsqueeze(2)
    return features.movedim(channels, 1).flatten(2)


def _mean(outputs: Sequence["torch.Tensor"]) -> "torch.Tensor":
    import torch

    return torch.cat([_means(each) for each in outputs], dim=1)


def _means(features: "torch.Tensor") -> "torch.Tensor":
    channels = channel_axis(features.shape[1:]) + 1
    places = [axis for axis in range(1, features.ndim) if axis != channels]
    return features.mean(places) if places else features


def _gram(outputs: Sequence["torch.Tensor"]) -> "torch.Tensor":
    """The upper triangles of the Gram matrices, each layer's of length 1 so that all count alike.

    Square roots (with the sign kept) keep a few strong channels from deciding alone, as in
    bilinear pooling (Lin et al. 2015).
    """
    import torch

    found = []
    for each in outputs:
        features = _positions(each)
        products = features @ features.transpose(1, 2) / features.shape[2]
        # The index is made by numpy, as OpenVINO has no word for making it.
        rows, columns = np.triu_indices(products.shape[1])
        index = torch.from_numpy(rows * products.shape[2] + columns)
        upper = products.flatten(1).index_select(1, index.to(products.device))
        rooted = upper.sign() * (upper.abs() + 1e-12).sqrt()
        found.append(torch.nn.functional.normalize(rooted, dim=1))
    return torch.cat(found, dim=1)
