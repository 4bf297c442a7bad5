"""Hand the selection over."""

from explorer.ui.export import export_page
from explorer.ui.frame import show_page

show_page("Export", "Hand the selection over: as copies, as a table, or under a name.", export_page)
