"""Every image as a point, near what is like it."""

from explorer.ui.frame import show_page
from explorer.ui.mapping import map_page

show_page(
    "Map",
    "Every point is a photo; near points look alike to the extractor.",
    map_page,
    shows_query=True,
)
