"""Let images be chosen: diverse, balanced, without copies, split."""

from explorer.ui.choosing import choosing_page
from explorer.ui.frame import show_page

show_page(
    "Choose", "A few images that stand for all, without copies, or a fair split.", choosing_page
)
