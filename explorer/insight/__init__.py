"""What a page says, as data: no Streamlit here; Python and the command line have it, too."""

from typing import TYPE_CHECKING

from explorer.on_demand import names_on_demand

if TYPE_CHECKING:
    from explorer.insight.finding import Finding
    from explorer.insight.findings import findings
    from explorer.insight.report import Report, address, as_json, report, write_html

names_on_demand(__name__)
