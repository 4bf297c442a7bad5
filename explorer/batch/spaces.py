"""Which spaces a job is about; opening extractors, and describing the spaces they make."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from explorer import extractors
from explorer.batch.settings import DEFAULT_EXTRACTOR, EmbedSettings
from explorer.errors import (
    BadValueError,
    ExplorerError,
    ExtractorError,
    StoreError,
    UnknownNameError,
)
from explorer.extractors import Extractor, ForwardPass, FromFile, blaming, forward_passes
from explorer.images import open_source
from explorer.store import Dataset, DatasetWriter, SpaceInfo, cache_folder, folder_name

# What a vector may depend on besides the extractor itself.
LIBRARIES = ("openvino", "torch", "timm", "pillow", "numpy")


@dataclass
class Opened:
    """Extractors, the forward passes that run them all, and why others could not be opened."""

    extractors: dict[str, Extractor]
    passes: list[ForwardPass]
    failed: dict[str, ExplorerError] = field(default_factory=dict)


def open_extractors(
    writer: DatasetWriter, ids: Sequence[str], wanted: EmbedSettings, *, others: Iterable[str] = ()
) -> Opened:
    """Load extractors and make their spaces, or check that they still fit.

    A space goes on in the precision and with the weights file it was begun with unless others are
    asked for by name. `others` are spaces of the dataset that nobody named: one that cannot be
    opened, or would not fit, is left out. Raises what is wrong with the first if nothing is left.
    """
    found = {each: _get(writer, each, wanted) for each in dict.fromkeys(ids)}
    failed: dict[str, ExplorerError] = {}
    for extractor_id in [each for each in dict.fromkeys(others) if each not in found]:
        try:
            extractor = _get(writer, extractor_id, wanted, as_begun=bool(ids))
            for forward in forward_passes({extractor_id: extractor}):
                _load(forward, extractor.input_size)
            writer.add_space(extractor_id, describe(extractor))
        except (ExtractorError, StoreError) as error:
            failed[extractor_id] = error
        else:
            found[extractor_id] = extractor
    if failed and not found:
        raise next(iter(failed.values()))
    passes = forward_passes(found)
    for forward in passes:
        _load(forward, found[forward.names[0]].input_size)
    for extractor_id, extractor in found.items():
        writer.add_space(extractor_id, describe(extractor))
    return Opened(found, passes, failed)


def _get(
    writer: DatasetWriter, extractor_id: str, wanted: EmbedSettings, *, as_begun: bool = False
) -> Extractor:
    before = writer.space_info(extractor_id)
    precision = "auto" if as_begun else wanted.precision
    if precision == "auto":
        precision = before.precision if before else "auto"
    weights = None if as_begun else wanted.weights.get(network_of(extractor_id))
    return extractors.get(
        extractor_id,
        device=wanted.device,
        precision=precision,
        weights=weights or (before.weights_file if before else None),
    )


def _load(forward: ForwardPass, side: int) -> None:
    """Models load at their first image; better now, with a clear error, than within the job."""
    with blaming(forward.names[0], "a black image"):
        forward.extract(forward.prepare(Image.new("RGB", (side, side)))[None])


def describe(extractor: Extractor) -> SpaceInfo:
    """What goes into space.json."""
    return SpaceInfo(
        extractor=extractor.id,
        version=extractor.version,
        weights_hash=extractor.weights_hash,
        weights_file=extractor.weights_file if isinstance(extractor, FromFile) else "",
        precision=extractor.precision,
        dimension=extractor.dimension,
        input_size=extractor.input_size,
        preprocessing=extractor.preprocessing,
        sees=extractor.sees,
        libraries={name: found for name in LIBRARIES if (found := _version(name))},
    )


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def chosen_spaces(
    writer: DatasetWriter, settings: EmbedSettings
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The extractors that are asked for, and the dataset's other spaces that come along."""
    there = tuple(writer.space_ids)
    asked = settings.extractors
    if asked is None:
        asked = () if there else (DEFAULT_EXTRACTOR,)
    named = there if settings.spaces is None else settings.spaces
    if strange := [each for each in named if each not in there]:
        known = ", ".join(there) or "none yet"
        raise UnknownNameError(
            f"{writer.name!r} has no space {strange[0]!r}. There are: {known}. "
            f"--extractor {strange[0]} makes it."
        )
    infos = {each: writer.space_info(each) for each in named if each not in asked}
    others = tuple(each for each, info in infos.items() if not (info and info.imported))
    networks = {network_of(each) for each in (*asked, *others)}
    if unused := [each for each in settings.weights if each not in networks]:
        raise BadValueError(
            f"There are weights for {unused[0]!r}, but nothing is to be embedded through it. "
            f"--extractor {unused[0]} does that."
        )
    return asked, others


def network_of(extractor_id: str) -> str:
    """The network whose weights an extractor takes: its id without a layer."""
    return extractor_id.partition("@")[0]


def goes_on_with(source: str, *, name: str | None, cache: str | Path | None) -> tuple[str, ...]:
    """The extractors that embedding the source uses if none is named: those of its dataset."""
    root = cache_folder(cache) / folder_name(name or open_source(source).name)
    there = Dataset(root).space_ids if (root / "dataset.json").exists() else []
    return tuple(there) or (DEFAULT_EXTRACTOR,)


def vectors_there(writer: DatasetWriter, space_id: str) -> npt.NDArray[np.bool_]:
    """For every image id so far: is there a vector of its present content?"""
    there = np.zeros(writer.next_image_id, bool)
    there[writer.embedded_ids(space_id)] = True
    return there
