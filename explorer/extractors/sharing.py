"""One forward pass for all extractors that look at the same backbone."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from explorer.extractors.base import Extractor, SharesBackbone


@dataclass(frozen=True, slots=True)
class ForwardPass:
    """What one call of a model gives: the vectors of one extractor or of several."""

    names: tuple[str, ...]
    prepare: Callable[[Image.Image], npt.NDArray[Any]]
    extract: Callable[[npt.NDArray[Any]], Sequence[npt.NDArray[np.float32]]]
    """A batch of prepared images -> for each of `names` its vectors (b, dimension) float32."""


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
