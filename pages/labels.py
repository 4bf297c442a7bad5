"""Labels that the neighbours doubt."""

from explorer.ui.frame import show_page
from explorer.ui.labels import labels_page

show_page("Labels", "Images whose label the rest of the dataset doubts, worst first.", labels_page)
