"""Learns from labels on frozen embeddings: which space separates them, and how surely."""

from explorer.probe.comparison import OVERLAP, Comparison, PairReport, SpaceReport, compare
from explorer.probe.subject import find_subject, graph_of
from explorer.probe.verdicts import MEASURES, SURE, TITLES, Measure, apart, ranked, verdict

__all__ = [
    "MEASURES",
    "OVERLAP",
    "SURE",
    "TITLES",
    "Comparison",
    "Measure",
    "PairReport",
    "SpaceReport",
    "apart",
    "compare",
    "find_subject",
    "graph_of",
    "ranked",
    "verdict",
]
