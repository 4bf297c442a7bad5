"""From vectors to columns: pure functions on arrays, rows 0..n-1; no files, no image ids."""

from typing import TYPE_CHECKING

from explorer.on_demand import names_on_demand

if TYPE_CHECKING:
    from explorer.analysis.agreement import linear_cka, neighbor_overlap
    from explorer.analysis.all import ANALYSES, find_analysis
    from explorer.analysis.choosing import (
        even_shares,
        facility_location,
        fair_shares,
        k_centers,
        nearest_chosen,
        take_shares,
    )
    from explorer.analysis.clarity import Clarity, ClaritySettings, cluster_clarity
    from explorer.analysis.clusters import ClusterSettings, clusters, keep_numbers
    from explorer.analysis.coverage import Coverage, coverage
    from explorer.analysis.declaration import Analysis, Classes, Column, ImageGroup, Inputs, Result
    from explorer.analysis.duplicates import (
        DUPLICATES,
        KINDS,
        LOOK_ALIKE,
        Duplicates,
        DuplicateSettings,
        duplicate_kinds,
        exact_duplicates,
        keeper_quality,
        near_duplicates,
        surplus_pictures,
    )
    from explorer.analysis.evidence import HeldOut, held_out, judged_by_classifier, label_votes
    from explorer.analysis.faults import FAULTS, FaultSettings, picture_faults
    from explorer.analysis.geometry import Hubness, hubness, intrinsic_dimension
    from explorer.analysis.global_views import centre_distance, odd_for_label, pca_views
    from explorer.analysis.graph import Graph, neighbor_graph
    from explorer.analysis.halves import two_centers
    from explorer.analysis.hashes import orientations
    from explorer.analysis.index import VectorIndex, build_index
    from explorer.analysis.intervals import (
        Estimate,
        Judged,
        Paired,
        difference,
        holm,
        share_right,
        wilson,
    )
    from explorer.analysis.label_accuracy import (
        VARIES,
        LabelAccuracy,
        inconclusive,
        label_accuracy,
        read_label_accuracy,
    )
    from explorer.analysis.labels import (
        REPEATS,
        LabelSettings,
        copies_of,
        knn_accuracy,
        label_issues,
        label_margin,
        label_trouble,
    )
    from explorer.analysis.layout import MAP, MapSettings, map_layout, pca_layout, place_new
    from explorer.analysis.learning_curve import CurvePoint, CurveSettings, learning_curve
    from explorer.analysis.measures import aspect_ratio
    from explorer.analysis.naming import distinct_names
    from explorer.analysis.nearest_label import HEARD, PRESENT, fewest_heard, judged_by_nearest
    from explorer.analysis.outliers import OUTLIERS, OutlierSettings, isolation, lof, outlier_score
    from explorer.analysis.partition import joined, linked_groups, split_groups
    from explorer.analysis.pictures import Pictures, close_pairs, read_alpha, read_pictures
    from explorer.analysis.profiles import Difference, sets_apart
    from explorer.analysis.quality import MapQuality, QualitySettings, map_quality
    from explorer.analysis.ranges import NEIGHBORS
    from explorer.analysis.sight import (
        similarity_by_dimension,
        similarity_by_place,
        standing_out,
        stands_out_by_chance,
    )
    from explorer.analysis.splits import SplitSettings, across_splits, leak_partners, to_training
    from explorer.analysis.vectors import unit_rows
    from explorer.analysis.versions import VERSIONS_FROM, version_threshold

names_on_demand(__name__)
