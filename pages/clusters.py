"""Groups of images that are alike."""

from explorer.ui.clusters import clusters_page
from explorer.ui.frame import show_page

show_page(
    "Clusters", "Groups of images with many neighbours in common, the largest first.", clusters_page
)
