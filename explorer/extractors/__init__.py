"""An image becomes a vector: one file per family, one registry, one runtime."""

from explorer.extractors import color, efficientnet  # noqa: F401  (they register)
from explorer.extractors.base import (
    Classifier,
    Extractor,
    ExtractorInfo,
    NamesDimensions,
    SeesPlaces,
)
from explorer.extractors.registry import available, get, register
from explorer.extractors.sharing import ForwardPass, forward_passes

__all__ = [
    "Classifier",
    "Extractor",
    "ExtractorInfo",
    "ForwardPass",
    "NamesDimensions",
    "SeesPlaces",
    "available",
    "forward_passes",
    "get",
    "register",
]
