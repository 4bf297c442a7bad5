"""Families of torch modules whose weights are state dicts: those of the libraries."""

import dataclasses
import json
from abc import abstractmethod
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer.errors import ExtractorError
from explorer.extractors.backbone import Card, NetworkFamily, NetworkInput
from explorer.extractors.base import Layer
from explorer.extractors.model_cache import converting, model_folder
from explorer.extractors.pixels import Square
from explorer.extractors.taps import Tap, ends_in_mean, layers_of, tapped

if TYPE_CHECKING:
    import torch


class TorchFamily(NetworkFamily):
    """A family of torch modules whose weights are state dicts.

    libraries: What the models depend on: another version of it may have another model of a name.
    """

    libraries: tuple[str, ...]

    @abstractmethod
    def recipe(self, name: str, /) -> NetworkInput:
        """How the model takes its images."""

    @abstractmethod
    def bare(self, name: str, /) -> "torch.nn.Module":
        """The model without its classifier and with any weights."""

    @abstractmethod
    def load(self, name: str, file: Path, /) -> "torch.nn.Module":
        """The model without its classifier, with the weights in a file."""

    def build(self, name: str, file: Path, taps: Sequence[Tap], /) -> "torch.nn.Module":
        """As every NetworkFamily's."""
        return tapped(self.read(name, file, lambda: self.load(name, file)), taps)

    def read(
        self, name: str, file: Path, load: "Callable[[], torch.nn.Module]"
    ) -> "torch.nn.Module":
        """What `load` reads from a file. Raises ExtractorError when that does not fit the model."""
        try:
            return load()
        except Exception as error:  # of torch, pickle, safetensors and the libraries' own code
            reason = str(error).strip().partition("\n")[0][:300].rstrip(".")
            raise ExtractorError(
                f"{file} cannot be loaded as the weights of {self.key}{name}: {reason}. "
                "It should be a state dict of that very model: .safetensors, or .pth with nothing "
                "but tensors in it (others are not loaded, since they can hold code)."
            ) from error

    def card(self, name: str, _: Path | None = None, /) -> Card:
        """What is known of a model without its weights: kept, so that it needs torch only once."""

        def build(folder: Path) -> None:
            model, recipe = self.bare(name).eval(), self.recipe(name)
            side = recipe.square.side
            parameters = [*model.parameters(), *model.buffers()]
            card = Card(
                recipe=recipe,
                dimension=_dimension(model, side),
                layers=layers_of(model, side),
                size=sum(each.numel() * each.element_size() for each in parameters),
                ends_in_mean=ends_in_mean(model, side),
            )
            (folder / "card.json").write_text(json.dumps(dataclasses.asdict(card)))

        made_with = "-".join(f"{each}-{version(each)}" for each in self.libraries)
        id = f"{self.key}{name}"
        folder = model_folder(f"{id}-card-1-{made_with}", build, making=converting(id))
        return _card(json.loads((folder / "card.json").read_text()))


def _dimension(model: "torch.nn.Module", side: int) -> int:
    import torch

    with torch.inference_mode():
        shape: Sequence[int] = model(torch.zeros(1, 3, side, side)).shape
    return shape[1]


def _card(told: dict[str, Any]) -> Card:
    recipe = told["recipe"]
    return Card(
        recipe=NetworkInput(
            square=Square(**recipe["square"]),
            mean=tuple(recipe["mean"]),
            scale=tuple(recipe["scale"]),
            licence=recipe["licence"],
        ),
        dimension=told["dimension"],
        layers=tuple(
            Layer(each["name"], tuple(each["shape"]), each["dimension"]) for each in told["layers"]
        ),
        size=told["size"],
        ends_in_mean=told["ends_in_mean"],
    )
