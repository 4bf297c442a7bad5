"""What is selected, and what is kept of it."""

from explorer.ui.frame import show_page
from explorer.ui.selection import selection_page

show_page(
    "Selection",
    "What you have selected, on whatever page; kept under a name it is a tag.",
    selection_page,
)
