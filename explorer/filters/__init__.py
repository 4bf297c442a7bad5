"""Filters: conditions over the columns that all must hold, as data."""

from typing import TYPE_CHECKING

from explorer.on_demand import names_on_demand

if TYPE_CHECKING:
    from explorer.filters.combining import (
        Filter,
        added,
        expression,
        toggled,
        with_names_now,
        without,
    )
    from explorer.filters.conditions import (
        KINDS,
        Condition,
        Contains,
        Days,
        LooksOtherwise,
        OneOf,
        Present,
        Range,
        ShorterSide,
        Sql,
        Tagged,
        UnlikeLabels,
    )
    from explorer.filters.encoding import decode, encode
    from explorer.filters.matching import in_words, shown_mask, shown_rows, value_names, where
    from explorer.filters.quoting import identifier, literal

names_on_demand(__name__)
