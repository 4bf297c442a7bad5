"""Where an extractor looks: its features at every place of a few images, made when asked for."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from explorer.errors import ExtractorError, ImageError, NotPossibleError
from explorer.extractors import ImageArray, NamesDimensions, SeesPlaces
from explorer.images import SafeDecoder
from explorer.search.query import extractor_of
from explorer.store import Space

Field = tuple[float, float, float, float]


@dataclass(frozen=True)
class Sight:
    """maps: (rows, columns, d) float32, whose mean over places is the image's vector.

    field: the part of the image that the places cover: left, top, width, height as shares of it.
    """

    maps: npt.NDArray[np.float32]
    field: Field


def sees_places(space: Space) -> bool:
    """Whether the space's extractor can tell where in an image it finds what it finds."""
    try:
        return isinstance(extractor_of(space, device="cpu"), SeesPlaces)
    except (ExtractorError, NotPossibleError):
        return False  # imported, changed since, or no longer installed


def dimension_names(space: Space) -> tuple[str, ...]:
    """What the dimensions of the space are called; empty when they have no names."""
    try:
        extractor = extractor_of(space, device="cpu")
    except (ExtractorError, NotPossibleError):
        return ()
    return extractor.dimension_names if isinstance(extractor, NamesDimensions) else ()


def look(space: Space, files: Sequence[bytes]) -> list[Sight | None]:
    """What the extractor finds at every place of some image files; None for one that is unsound.

    By the model that is kept for the CPU, whatever made the space: it is for a few images. Raises
    `ExtractorError` when the extractor cannot tell places, or is not the one that made the space.
    """
    extractor = extractor_of(space, device="cpu")
    if not isinstance(extractor, SeesPlaces):
        raise ExtractorError(f"The extractor {space.id!r} does not tell where it finds what.")
    prepared: list[ImageArray] = []
    fields: list[Field | None] = []
    with SafeDecoder() as decoder:
        for data in files:
            try:
                image = decoder.decode(data, min_side=extractor.input_size).image
            except ImageError:
                fields.append(None)
                continue
            prepared.append(extractor.prepare(image))
            left, top, width, height = extractor.field(*image.size)
            across, down = image.size
            fields.append((left / across, top / down, width / across, height / down))
    maps = iter(extractor.feature_maps(np.stack(prepared)) if prepared else ())
    return [Sight(next(maps), field) if field else None for field in fields]
