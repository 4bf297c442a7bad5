"""All extractors by id: ours, and those that other packages bring.

A package adds one by an entry point in the group `explorer.extractors` that names a module (or
anything in it); importing the module runs `@register`.
"""

import difflib
import functools
import importlib.metadata
import warnings
from collections.abc import Callable
from typing import Protocol, TypeVar

from explorer.errors import ExtractorError
from explorer.extractors.base import Extractor, ExtractorInfo

ENTRY_POINTS = "explorer.extractors"


class Factory(Protocol):
    """Makes the extractor: a class or a function. It must be quick; models load on first use."""

    def __call__(self, *, device: str, precision: str) -> Extractor: ...


class LayerFactory(Protocol):
    """Makes the extractor of one layer."""

    def __call__(self, layer: str, *, device: str, precision: str) -> Extractor: ...


_F = TypeVar("_F", bound=Factory)
_factories: dict[str, tuple[ExtractorInfo, Factory]] = {}
_layers: dict[str, tuple[tuple[str, ...], LayerFactory]] = {}


def register(info: ExtractorInfo) -> Callable[[_F], _F]:
    """Decorate the factory of an extractor to make it known under `info.id`.

    Raises ExtractorError when the id is taken.
    """

    def add(factory: _F) -> _F:
        if info.id in _factories:
            raise ExtractorError(f"There are two extractors named {info.id!r}: rename one of them.")
        _factories[info.id] = (info, factory)
        return factory

    return add


def register_layers(id: str, layers: tuple[str, ...], factory: LayerFactory) -> None:
    """Make `id@layer` known for these layers of the extractor `id`; they are not listed."""
    _layers[id] = (layers, factory)


def available() -> list[ExtractorInfo]:
    """Every extractor, sorted by id. Builds no model."""
    _load_entry_points()
    return [info for _, (info, _) in sorted(_factories.items())]


def get(id: str, *, device: str = "auto", precision: str = "auto") -> Extractor:
    """The extractor named `id`, such as "efficientnet-lite0", or a layer of it: "…@blocks.2".

    `device` is auto, cpu, cuda or mps; `precision` is auto, fp32 or bf16 (auto: bf16 where the
    hardware computes in it). Extractors that run no network ignore both. The model itself is
    loaded by the first `extract`. Raises ExtractorError for an unknown id, for missing weights
    and for a device or precision that is not to be had here.
    """
    _load_entry_points()
    base, at, layer = id.partition("@")
    if at and base in _layers:
        layers, make_layer = _layers[base]
        if layer not in layers:
            raise ExtractorError(
                f"{base} has no layer {layer!r}: choose one of {', '.join(layers)}."
            )
        return make_layer(layer, device=device, precision=precision)
    if id not in _factories:
        close = difflib.get_close_matches(id, _factories, n=3)
        hint = (
            f"Did you mean {' or '.join(close)}?" if close else f"Known: {', '.join(_factories)}."
        )
        raise ExtractorError(f"There is no extractor named {id!r}. {hint}")
    _, factory = _factories[id]
    return factory(device=device, precision=precision)


@functools.cache
def _load_entry_points() -> None:
    # Code of others: one that is broken must not take all the rest away.
    for entry_point in importlib.metadata.entry_points(group=ENTRY_POINTS):
        try:
            entry_point.load()
        except Exception as error:
            owner = entry_point.dist.name if entry_point.dist else "an unknown package"
            warnings.warn(
                f"The extractor {entry_point.name!r} of {owner} could not be loaded: {error}",
                stacklevel=3,
            )
