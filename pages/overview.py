"""What is there, and what is worth looking at first."""

from explorer.ui.frame import show_page
from explorer.ui.overview import overview_page

show_page("Overview", "What is there, and what is worth looking at first.", overview_page)
