"""A file or a stream -> a decoded RGB image, or a reason why not; thumbnails."""

from explorer.images.decode import MAX_PIXELS, Decoded, decode
from explorer.images.safe_decoder import SafeDecoder
from explorer.images.sources import (
    FolderSource,
    ImageRef,
    Labels,
    Listing,
    Source,
    open_source,
)
from explorer.images.thumbnails import thumbnail

__all__ = [
    "MAX_PIXELS",
    "Decoded",
    "FolderSource",
    "ImageRef",
    "Labels",
    "Listing",
    "SafeDecoder",
    "Source",
    "decode",
    "open_source",
    "thumbnail",
]
