"""All that is on disk: `Dataset` and `Space` to read it, `write_dataset` to add to it."""

from typing import TYPE_CHECKING

from explorer.on_demand import names_on_demand

if TYPE_CHECKING:
    from explorer.store.arrays import ImageRow, Values, as_arrow, as_numpy, texts_as_arrow
    from explorer.store.atomic import replacing, sync
    from explorer.store.choices import choice_of, remember_choice
    from explorer.store.clusters import NamedCluster
    from explorer.store.columns import Columns, read_columns, write_columns
    from explorer.store.curation import Curation, Mode, combined
    from explorer.store.dataset import Dataset, Space
    from explorer.store.datasets import dataset_names, dataset_root, open_dataset, stamp
    from explorer.store.embeddings import EmbeddingRows
    from explorer.store.graph import (
        NeighborTable,
        graph_metadata,
        index_digest,
        write_graph,
        write_index,
    )
    from explorer.store.groups import MY_GROUP, MyGroups
    from explorer.store.history import Step
    from explorer.store.id_sets import Ids, Rows, as_ids, in_both, rows_of, together, without
    from explorer.store.images import REJECTED_SCHEMA, SCHEMA, common_type
    from explorer.store.images_table import CURATED
    from explorer.store.jobs import (
        JobStatus,
        job_path,
        job_running,
        read_job,
        read_jobs,
        running_job,
    )
    from explorer.store.lock import being_written, writing
    from explorer.store.manifest import MANIFEST, read_manifest
    from explorer.store.mend import mend
    from explorer.store.metadata import (
        AnalysisMeta,
        Calibration,
        ClusterMeta,
        ColumnMeta,
        Figures,
        SpaceInfo,
    )
    from explorer.store.named_sets import BETWEEN, NamedSet, SetsSnapshot
    from explorer.store.names import cache_folder, folder_name, name_of
    from explorer.store.paths import exact_paths, path_columns, path_text
    from explorer.store.per_snapshot import cached_per_snapshot
    from explorer.store.probes import read_probe, write_probe
    from explorer.store.server_key import server_key
    from explorer.store.tags import MY_TAGS, TAGGED, SeenTag, Tag, Tags
    from explorer.store.verify import damage, problems, without_thumbnail
    from explorer.store.writer import DatasetWriter, Part, write_dataset

names_on_demand(__name__)
