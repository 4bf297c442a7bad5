"""Questions to a space, answered with image ids and similarities."""

from explorer.search.examples import Examples, by_examples
from explorer.search.query import Hit, by_image, by_vector, embed_image, hits, search
from explorer.search.sight import Sight, dimension_names, look, sees_places

__all__ = [
    "Examples",
    "Hit",
    "Sight",
    "by_examples",
    "by_image",
    "by_vector",
    "dimension_names",
    "embed_image",
    "hits",
    "look",
    "search",
    "sees_places",
]
