"""What an extractor sees: its dimensions one by one, and why two images are alike."""

from explorer.ui.features import features_page
from explorer.ui.frame import show_page

show_page(
    "Features",
    "Look inside the extractor: what each dimension stands for, and where it is found.",
    features_page,
)
