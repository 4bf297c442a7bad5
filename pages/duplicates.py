"""The same picture more than once."""

from explorer.ui.duplicates import duplicates_page
from explorer.ui.frame import show_page

show_page(
    "Duplicates", "The same picture more than once, byte for byte or nearly.", duplicates_page
)
