"""Keeping: choosing, and exports of what was chosen."""

from typing import TYPE_CHECKING

from explorer.on_demand import names_on_demand

if TYPE_CHECKING:
    from explorer.curate.choosing import Chosen, choose
    from explorer.curate.export import Exported, export, repeat
    from explorer.curate.exports.formats import FORMATS, Format
    from explorer.curate.exports.job import ExportOptions
    from explorer.curate.exports.recipe import Origin, read_recipe
    from explorer.curate.exports.tables import guarded
    from explorer.curate.graph import (
        NOBODY,
        duplicate_threshold,
        kinds_among,
        leaks_of,
        near_duplicates_among,
        row_graph,
        threshold_of,
    )
    from explorer.curate.settings import ChooseSettings
    from explorer.curate.spread import Spread
    from explorer.curate.strategies import STRATEGIES

names_on_demand(__name__)
