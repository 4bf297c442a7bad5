"""Spaces of one dataset side by side."""

from explorer.ui.comparison import comparison_page
from explorer.ui.frame import show_page

show_page(
    "Compare spaces",
    "The same images through different extractors: which of them tells your labels apart?",
    comparison_page,
)
