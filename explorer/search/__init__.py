"""Questions to a space, answered with image ids and similarities."""

from explorer.search.query import Hit, by_image, by_vector, embed_image, hits, search

__all__ = ["Hit", "by_image", "by_vector", "embed_image", "hits", "search"]
