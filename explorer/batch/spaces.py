"""Opening extractors for a dataset, and describing the spaces they make."""

from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Protocol

from PIL import Image

from explorer import extractors
from explorer.extractors import Extractor, ForwardPass, FromFile, blaming, forward_passes
from explorer.store import DatasetWriter

# What a vector may depend on besides the extractor itself.
LIBRARIES = ("openvino", "torch", "timm", "pillow", "numpy")


class Wanted(Protocol):
    """The part of the settings that chooses extractors."""

    @property
    def extractors(self) -> tuple[str, ...]: ...
    @property
    def device(self) -> str: ...
    @property
    def precision(self) -> str: ...
    @property
    def weights(self) -> Mapping[str, str]: ...


def open_extractors(
    writer: DatasetWriter, wanted: Wanted
) -> tuple[Mapping[str, Extractor], list[ForwardPass]]:
    """Load the wanted extractors and make their spaces, or check that they still fit.

    Given are the extractors and the forward passes that run them all. A space goes on in the
    precision and with the weights file it was begun with unless others are asked for by name.
    """
    opened = {}
    for extractor_id in dict.fromkeys(wanted.extractors):
        before = writer.space_info(extractor_id)
        precision = wanted.precision
        if precision == "auto":
            precision = before.get("precision", "auto")
        weights = wanted.weights.get(extractor_id.partition("@")[0]) or before.get("weights_file")
        opened[extractor_id] = extractors.get(
            extractor_id, device=wanted.device, precision=precision, weights=weights
        )
    passes = forward_passes(opened)
    for forward in passes:
        _load(forward, opened[forward.names[0]].input_size)
    for extractor_id, extractor in opened.items():
        writer.add_space(extractor_id, describe(extractor))
    return opened, passes


def _load(forward: ForwardPass, side: int) -> None:
    """Models load at their first image; better now, with a clear error, than within the job."""
    with blaming(forward.names[0], "a black image"):
        forward.extract(forward.prepare(Image.new("RGB", (side, side)))[None])


def describe(extractor: Extractor) -> dict[str, Any]:
    """What goes into space.json."""
    return {
        "extractor": extractor.id,
        "version": extractor.version,
        "weights_hash": extractor.weights_hash,
        "weights_file": extractor.weights_file if isinstance(extractor, FromFile) else "",
        "precision": extractor.precision,
        "dimension": extractor.dimension,
        "input_size": extractor.input_size,
        "preprocessing": extractor.preprocessing,
        "sees": extractor.sees,
        "libraries": {name: found for name in LIBRARIES if (found := _version(name))},
    }


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
