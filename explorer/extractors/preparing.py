"""What the first use of an extractor makes and keeps, made beforehand."""

from PIL import Image

from explorer.extractors.base import Classifier
from explorer.extractors.library import get


def prepare(id: str) -> None:
    """Make all that an extractor keeps on this machine, where it is not there: converted networks.

    Raises ExtractorError when it cannot be loaded.
    """
    extractor = get(id)
    black = extractor.prepare(Image.new("RGB", (extractor.input_size, extractor.input_size)))
    vectors = extractor.extract(black[None])
    if isinstance(extractor, Classifier):
        extractor.classify(vectors)
