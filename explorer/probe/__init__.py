"""Learns from labels on frozen embeddings: which space separates them, and how surely."""

from typing import TYPE_CHECKING

from explorer.on_demand import names_on_demand

if TYPE_CHECKING:
    from explorer.probe.comparison import OVERLAP, Comparison, PairReport, SpaceReport, compare
    from explorer.probe.subject import find_subject, graph_of
    from explorer.probe.verdicts import MEASURES, SURE, Measure, apart, ranked, verdict

names_on_demand(__name__)
