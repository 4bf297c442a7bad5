"""From vectors to columns: pure functions on arrays, rows 0..n-1; no files, no image ids."""

from explorer.analysis.clusters import ClusterSettings, clusters
from explorer.analysis.columns import ANALYSES, find_analysis, find_column
from explorer.analysis.declaration import Analysis, Column, Inputs, Result
from explorer.analysis.duplicates import (
    Duplicates,
    DuplicateSettings,
    exact_duplicates,
    near_duplicates,
)
from explorer.analysis.evidence import label_probabilities, label_votes
from explorer.analysis.global_views import centre_distance, odd_for_label, pca_views
from explorer.analysis.graph import Graph, neighbour_graph
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
from explorer.analysis.outliers import OutlierSettings, isolation, lof, outlier_score
from explorer.analysis.profiles import ClusterProfile, cluster_profiles, medoids
from explorer.analysis.quality import MapQuality, QualitySettings, map_quality
from explorer.analysis.splits import SplitSettings, across_splits, to_training

__all__ = [
    "ANALYSES",
    "Analysis",
    "ClusterProfile",
    "ClusterSettings",
    "Column",
    "DuplicateSettings",
    "Duplicates",
    "Graph",
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
    "build_index",
    "centre_distance",
    "cluster_profiles",
    "clusters",
    "exact_duplicates",
    "find_analysis",
    "find_column",
    "isolation",
    "knn_accuracy",
    "label_issues",
    "label_probabilities",
    "label_summaries",
    "label_trouble",
    "label_votes",
    "lof",
    "map_layout",
    "map_quality",
    "medoids",
    "near_duplicates",
    "neighbour_graph",
    "odd_for_label",
    "outlier_score",
    "pca_layout",
    "pca_views",
    "place_new",
    "to_training",
]
