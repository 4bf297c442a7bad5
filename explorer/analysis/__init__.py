"""From vectors to columns: pure functions on arrays, rows 0..n-1; no files, no image ids."""

from explorer.analysis.choosing import (
    even_shares,
    facility_location,
    fair_shares,
    k_centres,
    nearest_chosen,
    take_shares,
)
from explorer.analysis.clusters import ClusterSettings, clusters, keep_numbers
from explorer.analysis.columns import ANALYSES, find_analysis, find_column
from explorer.analysis.coverage import Coverage, coverage
from explorer.analysis.declaration import Analysis, Classes, Column, Group, Inputs, Result
from explorer.analysis.duplicates import (
    KINDS,
    Duplicates,
    DuplicateSettings,
    duplicate_kinds,
    exact_duplicates,
    keeper_quality,
    near_duplicates,
)
from explorer.analysis.evidence import label_probabilities, label_votes
from explorer.analysis.faults import FAULTS, FaultSettings, picture_faults
from explorer.analysis.global_views import centre_distance, odd_for_label, pca_views
from explorer.analysis.graph import Graph, neighbour_graph
from explorer.analysis.halves import two_centres
from explorer.analysis.index import VectorIndex, build_index
from explorer.analysis.labels import (
    LabelSettings,
    LabelSummary,
    knn_accuracy,
    label_issues,
    label_summaries,
    label_trouble,
)
from explorer.analysis.layout import MapSettings, map_layout, pca_layout, place_new
from explorer.analysis.measures import aspect_ratio
from explorer.analysis.naming import distinct_names
from explorer.analysis.outliers import OutlierSettings, isolation, lof, outlier_score
from explorer.analysis.partition import linked_groups, split_groups
from explorer.analysis.profiles import (
    ClusterProfile,
    Difference,
    cluster_profiles,
    medoids,
    sets_apart,
)
from explorer.analysis.quality import MapQuality, QualitySettings, map_quality
from explorer.analysis.ranges import NEIGHBORS
from explorer.analysis.splits import SplitSettings, across_splits, to_training
from explorer.analysis.vectors import unit_rows

__all__ = [
    "ANALYSES",
    "FAULTS",
    "KINDS",
    "NEIGHBORS",
    "Analysis",
    "Classes",
    "ClusterProfile",
    "ClusterSettings",
    "Column",
    "Coverage",
    "Difference",
    "DuplicateSettings",
    "Duplicates",
    "FaultSettings",
    "Graph",
    "Group",
    "Inputs",
    "LabelSettings",
    "LabelSummary",
    "MapQuality",
    "MapSettings",
    "OutlierSettings",
    "QualitySettings",
    "Result",
    "SplitSettings",
    "VectorIndex",
    "across_splits",
    "aspect_ratio",
    "build_index",
    "centre_distance",
    "cluster_profiles",
    "clusters",
    "coverage",
    "distinct_names",
    "duplicate_kinds",
    "even_shares",
    "exact_duplicates",
    "facility_location",
    "fair_shares",
    "find_analysis",
    "find_column",
    "isolation",
    "k_centres",
    "keep_numbers",
    "keeper_quality",
    "knn_accuracy",
    "label_issues",
    "label_probabilities",
    "label_summaries",
    "label_trouble",
    "label_votes",
    "linked_groups",
    "lof",
    "map_layout",
    "map_quality",
    "medoids",
    "near_duplicates",
    "nearest_chosen",
    "neighbour_graph",
    "odd_for_label",
    "outlier_score",
    "pca_layout",
    "pca_views",
    "picture_faults",
    "place_new",
    "sets_apart",
    "split_groups",
    "take_shares",
    "to_training",
    "two_centres",
    "unit_rows",
]
