"""Every analysis there is, each after those it needs. A new one is one file, and one line here."""

from __future__ import annotations

from typing import Any

from explorer.analysis.clarity import CLUSTER_CLARITY
from explorer.analysis.clusters import CLUSTERS
from explorer.analysis.declaration import Analysis
from explorer.analysis.directions import MAIN_DIRECTIONS
from explorer.analysis.duplicates import DUPLICATES
from explorer.analysis.faults import PICTURE_FAULTS
from explorer.analysis.global_views import GLOBAL_VIEWS, ODD_FOR_LABEL
from explorer.analysis.labels import LABELS
from explorer.analysis.layout import MAP
from explorer.analysis.measures import MEASURES
from explorer.analysis.naming import CLUSTER_NAMES
from explorer.analysis.outliers import OUTLIERS
from explorer.analysis.quality import MAP_QUALITY
from explorer.analysis.splits import SPLITS
from explorer.errors import UnknownNameError

# The quick ones first: the first run of a large space shows what is there while it goes on.
ANALYSES: tuple[Analysis[Any], ...] = (
    MAIN_DIRECTIONS,
    CLUSTERS,
    CLUSTER_NAMES,
    OUTLIERS,
    GLOBAL_VIEWS,
    ODD_FOR_LABEL,
    CLUSTER_CLARITY,
    MAP,
    MAP_QUALITY,
    MEASURES,
    PICTURE_FAULTS,
    DUPLICATES,
    LABELS,
    SPLITS,
)


def find_analysis(name: str) -> Analysis[Any]:
    """The analysis of that name. Raises UsageError, naming those there are."""
    for analysis in ANALYSES:
        if analysis.name == name:
            return analysis
    known = ", ".join(each.name for each in ANALYSES)
    raise UnknownNameError(f"There is no analysis {name!r}. There are {known}.")
