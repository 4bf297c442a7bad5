"""One photo, and those most like it."""

from explorer.ui.frame import show_page
from explorer.ui.neighbours import neighbours_page

show_page(
    "Neighbours",
    "One photo, and those most like it, nearest first.",
    neighbours_page,
    shows_query=True,
)
