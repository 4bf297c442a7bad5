"""One forward pass for all extractors that look at the same backbone."""

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

from explorer.errors import ExplorerError, ExtractorError
from explorer.extractors.base import Extractor, ImageArray, SharesBackbone


@dataclass(frozen=True, slots=True)
class ForwardPass:
    """What one call of a model gives: the vectors of one extractor or of several.

    extract: A batch of prepared images -> for each of `names` its vectors (b, dimension) float32.
    """

    names: tuple[str, ...]
    prepare: Callable[[Image.Image], ImageArray]
    extract: Callable[[ImageArray], Sequence[npt.NDArray[np.float32]]]


@contextlib.contextmanager
def blaming(extractor: str, image: str) -> Iterator[None]:
    """Tell whatever an extractor raises as an ExtractorError that names it and the image.

    Extractors can be anybody's code, and what it raises means nothing to who reads it.
    """
    try:
        yield
    except ExplorerError:
        raise
    except Exception as error:
        raise ExtractorError(
            f"The extractor {extractor!r} failed on {image}: {type(error).__name__}: {error}. "
            "Leave the image out, or choose another extractor. What was committed before is kept."
        ) from error


def forward_passes(extractors: Mapping[str, Extractor]) -> list[ForwardPass]:
    """The fewest passes that run these extractors (by name), each in exactly one of them."""
    groups: dict[object, list[str]] = {}
    for name, extractor in extractors.items():
        key = extractor.backbone if isinstance(extractor, SharesBackbone) else name
        groups.setdefault(key, []).append(name)
    return [_forward_pass({name: extractors[name] for name in names}) for names in groups.values()]


def _forward_pass(group: Mapping[str, Extractor]) -> ForwardPass:
    first, *others = group.values()
    if others and isinstance(first, SharesBackbone):
        return ForwardPass(tuple(group), first.prepare, first.together(others))
    return ForwardPass(tuple(group), first.prepare, lambda batch: [first.extract(batch)])
