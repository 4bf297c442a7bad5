"""All extractors by id: ours, and those that other packages and files bring.

An id is a key of the registry, what follows its colon, and a layer: `efficientnet-lite0`,
`efficientnet-lite0@blocks.2`, `timm:resnet18@layer2`. A package adds extractors by an entry point
in the group `explorer.extractors` that names a module (or anything in it), a Python file by its
path; running either runs the `@register` in it.
"""

import difflib
import functools
import importlib.metadata
import importlib.util
import os
import sys
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from explorer.environment import EXTRACTOR_FILES, value_of
from explorer.errors import ExtractorError, UnknownLayerError
from explorer.extractors.base import Extractor, ExtractorInfo, Family, Layer, Options

ENTRY_POINTS = "explorer.extractors"


class Factory(Protocol):
    """Makes the extractor: a class or a function. It must be quick; models load on first use."""

    def __call__(self, *, device: str, precision: str) -> Extractor: ...


_F = TypeVar("_F", bound=Factory)
_families: dict[str, Family] = {}


@dataclass(frozen=True, slots=True)
class _Single:
    """The family of one: an extractor that has neither layers nor weights to choose."""

    line: ExtractorInfo
    factory: Factory

    def info(self, _: str, /) -> ExtractorInfo:
        return self.line

    def names(self) -> tuple[str, ...]:
        return ()

    def layers(self, _: str, /) -> tuple[Layer, ...]:
        return ()

    def make(self, _: str, options: Options, /) -> Extractor:
        if options.layer:
            raise ExtractorError(f"{self.line.id} has no layers to choose from.")
        if options.weights:
            raise ExtractorError(f"{self.line.id} takes no weights from a file.")
        return self.factory(device=options.device, precision=options.precision)


def register(info: ExtractorInfo) -> Callable[[_F], _F]:
    """Decorate the factory of an extractor to make it known under `info.id`.

    Raises ExtractorError when the id is taken.
    """

    def add(factory: _F) -> _F:
        register_family(info.id, _Single(info, factory))
        return factory

    return add


def register_family(key: str, family: Family) -> None:
    """Make all extractors known whose ids begin with `key`, which ends with a colon.

    A key without a colon is the id of a single one. Raises ExtractorError when the key is taken.
    """
    if key in _families:
        raise ExtractorError(f"There are two extractors named {key!r}: rename one of them.")
    _families[key] = family


def available() -> list[ExtractorInfo]:
    """Every extractor that has an id of its own, sorted. Builds no model."""
    _load_plugins()
    return [each.info("") for key, each in sorted(_families.items()) if not key.endswith(":")]


def families() -> list[ExtractorInfo]:
    """The families whose members are named by what follows the colon, sorted."""
    _load_plugins()
    return [each.info("") for key, each in sorted(_families.items()) if key.endswith(":")]


def info(id: str) -> ExtractorInfo:
    """What is known of an extractor without its weights. Raises ExtractorError for an unknown id.

    That of a layer is its network's.
    """
    family, name, _ = _resolve(id)
    return family.info(name)


def layers(id: str) -> tuple[Layer, ...]:
    """The layers of a network, without its weights. Raises ExtractorError for an unknown id."""
    family, name, _ = _resolve(id)
    return tuple(family.layers(name))


def get(
    id: str, *, device: str = "auto", precision: str = "auto", weights: str | Path | None = None
) -> Extractor:
    """The extractor named `id`, such as "efficientnet-lite0", or a layer of it: "…@blocks.2".

    `device` is auto, cpu, cuda or mps; `precision` is auto, fp32 or bf16 (auto: bf16 where the
    hardware computes in it). Extractors that run no network ignore both. `weights` is a file to
    take the network's weights from instead of its own. The model itself is loaded by the first
    `extract`. Raises ExtractorError for an unknown id, for missing weights and for a device or
    precision that is not to be had here.
    """
    family, name, layer = _resolve(id)
    file = Path(weights).expanduser().absolute() if weights else None
    if file and not file.is_file():
        raise ExtractorError(f"There is no file {file}, which was to hold the weights of {id}.")
    return family.make(name, Options(layer=layer, weights=file, device=device, precision=precision))


def load_file(path: str | Path) -> None:
    """Run a Python file that registers extractors: it can do all that you can do here.

    A file that was run already is not run again. Raises ExtractorError when it fails.
    """
    file = Path(path).expanduser().absolute()
    module_name = f"explorer_extractor_file:{file}"
    if module_name in sys.modules:
        return
    if not file.is_file():
        raise ExtractorError(f"There is no file {path}, which was to hold extractors.")
    spec = importlib.util.spec_from_file_location(module_name, file)
    if spec is None or spec.loader is None:
        raise ExtractorError(f"{path} cannot hold extractors: it is not a Python file (.py).")
    module = importlib.util.module_from_spec(spec)
    sys.modules[module_name] = module  # as a dataclass in it expects
    try:
        spec.loader.exec_module(module)
    except Exception as error:  # code of others may raise anything
        del sys.modules[module_name]
        raise ExtractorError(
            f"The extractor file {path} failed: {type(error).__name__}: {error}"
        ) from error


def unknown(id: str, known: Iterable[str]) -> ExtractorError:
    """The error for an id that does not exist: names the nearest that do."""
    known = sorted(known)
    close = difflib.get_close_matches(id, known, n=3)
    hint = f"Did you mean {' or '.join(close)}?" if close else f"Known: {', '.join(known[:20])}."
    return ExtractorError(f"There is no extractor named {id!r}. {hint}")


def _resolve(id: str) -> tuple[Family, str, str]:
    """The family of an id, the name in it, and the layer; the latter two may be empty."""
    _load_plugins()
    whole, at, layer = id.rpartition("@") if "@" in id else (id, "", "")
    prefix, colon, name = whole.partition(":")
    if prefix + colon not in _families:
        raise unknown(whole, _families)
    family = _families[prefix + colon]
    if colon and not name:
        raise ExtractorError(f"{whole} is a family of extractors: name one ({family.info('').id}).")
    if at and not layer:
        raise UnknownLayerError(f"{id!r} names no layer.", space=whole)
    return family, name, layer


def _load_plugins() -> None:
    _load_entry_points()
    for path in filter(None, value_of(EXTRACTOR_FILES).split(os.pathsep)):
        load_file(path)


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
