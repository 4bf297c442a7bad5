"""Questions to a space, answered with image ids and similarities."""

from explorer.search.examples import Examples, by_examples
from explorer.search.query import Hit, by_image, by_vector, embed_image, hits, search

__all__ = [
    "Examples",
    "Hit",
    "by_examples",
    "by_image",
    "by_vector",
    "embed_image",
    "hits",
    "search",
]
