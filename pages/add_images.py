"""Start the embedding job on a folder, and watch it."""

from explorer.ui.adding import adding_page
from explorer.ui.frame import show_plain_page

show_plain_page("Add images", "Embed a folder, or bring a dataset up to date.", adding_page)
