"""Hand the selection over."""

from explorer.ui.export import export_page
from explorer.ui.frame import show_page

show_page(
    "Export",
    "Hand images over, in the form that the next tool reads, checked and repeatable.",
    export_page,
)
