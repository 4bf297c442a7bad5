"""Images that stand apart."""

from explorer.ui.frame import show_page
from explorer.ui.outliers import outliers_page

show_page("Outliers", "Images with no company: nothing else is much like them.", outliers_page)
