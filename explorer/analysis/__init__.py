"""From vectors to columns: pure functions on arrays, rows 0..n-1; no files, no image ids."""

from explorer.analysis.clusters import ClusterSettings, clusters, medoids
from explorer.analysis.columns import ANALYSES, find_analysis, find_column
from explorer.analysis.declaration import Analysis, Column, Inputs, Result
from explorer.analysis.duplicates import (
    Duplicates,
    DuplicateSettings,
    exact_duplicates,
    near_duplicates,
)
from explorer.analysis.graph import Graph, VectorIndex, build_index, neighbour_graph
from explorer.analysis.labels import LabelSettings, knn_accuracy, label_trouble, label_votes
from explorer.analysis.layout import MapSettings, map_layout, pca_layout, place_new
from explorer.analysis.outliers import OutlierSettings, isolation, lof
from explorer.analysis.quality import MapQuality, QualitySettings, map_quality

__all__ = [
    "ANALYSES",
    "Analysis",
    "ClusterSettings",
    "Column",
    "DuplicateSettings",
    "Duplicates",
    "Graph",
    "Inputs",
    "LabelSettings",
    "MapQuality",
    "MapSettings",
    "OutlierSettings",
    "QualitySettings",
    "Result",
    "VectorIndex",
    "build_index",
    "clusters",
    "exact_duplicates",
    "find_analysis",
    "find_column",
    "isolation",
    "knn_accuracy",
    "label_trouble",
    "label_votes",
    "lof",
    "map_layout",
    "map_quality",
    "medoids",
    "near_duplicates",
    "neighbour_graph",
    "pca_layout",
    "place_new",
]
