"""A dataset, and its spaces: each is the dataset seen through one extractor."""

import copy
import hashlib
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from explorer.errors import NotAnalyzedError, SpaceMissingError, StoreError, UnknownNameError
from explorer.store import clusters as named
from explorer.store import columns as stored
from explorer.store.arrays import ImageRow, Values, as_arrow, as_numpy
from explorer.store.embeddings import Located, locate, read_vectors
from explorer.store.graph import NeighborTable, StoredGraph, graph_metadata, read_index
from explorer.store.id_sets import Ids
from explorer.store.images_table import ImagesTable
from explorer.store.json_files import read_json
from explorer.store.metadata import AnalysisMeta, ColumnMeta, Figures, SpaceInfo
from explorer.store.names import folder_name, name_of
from explorer.store.parts import next_number, part_number

if TYPE_CHECKING:
    import faiss


class Space:
    """Embeddings, index, neighbour graph and columns of one extractor on one dataset.

    A snapshot: it shows what was on disk when it was opened. All arrays have one row per embedded
    image that is present in the source, by rising image id.

    graph_path, index_path, columns_path: where the neighbour graph, the FAISS index and the columns
    are stored.
    """

    def __init__(self, dataset: "Dataset", root: Path) -> None:
        self.dataset = dataset
        self.root = root
        self.id = name_of(root.name)
        self.info = read_json(root / "space.json", SpaceInfo)
        self.graph_path = root / "neighbors.parquet"
        self.index_path = root / "index.faiss"
        self.columns_path = root / "columns.parquet"
        self.snapshot = object()  # the same in all that `within` makes of it

    def __repr__(self) -> str:
        return f"<Space {self.id!r} of {self.dataset.name!r}: {len(self)} × {self.dimension}>"

    def __len__(self) -> int:
        return len(self.image_ids)

    def within(self, dataset: "Dataset") -> "Space":
        """This space in another snapshot of the same images (see `Dataset.recurated`)."""
        again = copy.copy(self)
        again.dataset = dataset
        return again

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        return self.info.dimension

    @property
    def bytes_on_disk(self) -> int:
        """What it takes on disk: vectors, index, graph and columns."""
        return sum(path.stat().st_size for path in self.root.rglob("*") if path.is_file())

    @cached_property
    def _located(self) -> Located:
        return locate(self.root / "embeddings", self.dataset.table(["image_id", "content_hash"]))

    @property
    def image_ids(self) -> Ids:
        """The ids of the embedded images, ascending, (n,) int64."""
        return self._located.image_ids

    @property
    def next_part(self) -> int:
        """The number that the next part of vectors will have."""
        return next_number(self.root / "embeddings")

    def written_since(self, part: int) -> npt.NDArray[np.bool_]:
        """Which vectors are in the part of that number or a later one, (n,) bool."""
        numbers = np.array([part_number(path) for path in self._located.paths], np.int64)
        return (numbers >= part)[self._located.part]

    @cached_property
    def _dataset_rows(self) -> Ids:
        return np.searchsorted(self.dataset.image_ids, self.image_ids)

    @cached_property
    def fingerprint(self) -> str:
        """Names the vectors: it changes exactly when one of them does."""
        digest = hashlib.blake2b(digest_size=16)
        for key in ("extractor", "version", "weights_hash", "precision"):
            digest.update(f"{key}={getattr(self.info, key)}\n".encode())
        digest.update(self.image_ids.tobytes())
        hashes = self.dataset.arrow_column("content_hash").take(as_arrow(self._dataset_rows))
        digest.update("".join(hashes.to_pylist()).encode())
        return digest.hexdigest()

    def embeddings(self) -> npt.NDArray[np.float32]:
        """The vectors as the extractor gave them (not normalised), (n, d) float32."""
        return read_vectors(self._located, self.dimension)

    def vector(self, image_id: int) -> npt.NDArray[np.float32]:
        """The vector of one image, (d,) float32. Raises `UsageError` for an unknown id."""
        return self.vectors([self.row(image_id)])[0]

    def vectors(self, rows: npt.ArrayLike) -> npt.NDArray[np.float32]:
        """The vectors of some rows, in their order, (m, d) float32; only their parts are read."""
        chosen = np.asarray(rows, np.int64)
        some = Located(
            self.image_ids[chosen],
            self._located.part[chosen],
            self._located.row[chosen],
            self._located.paths,
        )
        return read_vectors(some, self.dimension)

    def row(self, image_id: int) -> int:
        """The row of an image in every array of this space. Raises `UsageError`."""
        row = int(np.searchsorted(self.image_ids, image_id))
        if row == len(self) or self.image_ids[row] != image_id:
            raise UnknownNameError(f"Image {image_id} is not in the space {self.id!r}.")
        return row

    # --- the graph

    @cached_property
    def _graph(self) -> StoredGraph:
        if not self.graph_path.exists():
            raise NotAnalyzedError(
                f"The space {self.id!r} has no neighbour graph yet.", dataset=self.dataset.name
            )
        return StoredGraph(self.graph_path)

    @property
    def is_stale(self) -> bool:
        """True when the graph was made from other vectors than the ones there are now."""
        return graph_metadata(self.graph_path).get("vectors") != self.fingerprint

    def neighbors(self, image_id: int, k: int) -> tuple[Ids, npt.NDArray[np.float32]]:
        """The stored neighbours of an image, nearest first: ids and cosine similarities.

        At most `k`, and at most as many as the graph keeps; images that have left the source since
        are passed over. Raises `NotAnalyzedError` when the image is not in the graph.
        """
        try:
            ids, similarities = self._graph.neighbors(image_id)
        except KeyError:
            raise NotAnalyzedError(
                f"Image {image_id} is not in the neighbour graph of {self.id!r}: it is new.",
                dataset=self.dataset.name,
            ) from None
        here = np.isin(ids, self.image_ids)
        return ids[here][:k], similarities[here][:k]

    def graph(self) -> NeighborTable:
        """The whole neighbour graph, in image ids."""
        return self._graph.read()

    def index(self) -> "faiss.Index":
        """The FAISS index over the normalised vectors; inner product, ids are image ids."""
        return self._index

    @cached_property
    def _index(self) -> "faiss.Index":
        if not self.index_path.exists():
            raise NotAnalyzedError(
                f"The space {self.id!r} has no index yet.", dataset=self.dataset.name
            )
        return read_index(self.index_path, self.dimension)

    # --- the columns

    @cached_property
    def _described(self) -> stored.Described:
        return stored.read_described(self.columns_path)

    @property
    def figures(self) -> Figures:
        """Numbers about the whole space that its analyses have found."""
        return Figures({name: made.figures for name, made in self._described.analyses.items()})

    @property
    def column_names(self) -> list[str]:
        """Every column that this space can show: those of the images, then its own."""
        own = self._described.columns
        return [*(name for name in self.dataset.column_names if name not in own), *own]

    def column_meta(self, name: str) -> ColumnMeta:
        """What a column is. Raises `UsageError` for an unknown one."""
        return self._described.columns.get(name) or self.dataset.column_meta(name)

    def made_by(self, column: str) -> AnalysisMeta:
        """How the analysis that a column of this space is of was made."""
        return self._described.analyses[self._described.columns[column].analysis or ""]

    def clusters(self, column: str = "cluster") -> list[named.NamedCluster]:
        """The clusters in a column, by rising number: name, most typical image, purity.

        Names that people have given count before those of the analysis run, and are read anew each
        time. Raises `NotAnalyzedError` when there are no clusters in the column.
        """
        for made in self._described.analyses.values():
            if column in made.groups:
                return named.named_clusters(made.groups[column], self._given(column))
        raise NotAnalyzedError(
            f"The space {self.id!r} has no named clusters in {column!r} yet.",
            dataset=self.dataset.name,
        )

    def _given(self, column: str) -> list[named.GivenName]:
        is_curated = self.dataset.is_curated
        names = self.dataset.curation.cluster_names(self.id, column) if is_curated else {}
        if not names:
            return []
        codes = as_numpy(self.arrow_column(column).fill_null(-1))
        return named.given_names(names, self.image_ids, codes)

    def cluster_names(self, column: str = "cluster") -> list[str]:
        """What each cluster 0, 1, … in a column is called; empty for a number that none has."""
        found = {cluster.number: cluster.name for cluster in self.clusters(column)}
        return [found.get(number, "") for number in range(max(found, default=-1) + 1)]

    def rename_cluster(self, column: str, number: int, name: str, *, session: str = "") -> None:
        """Name a cluster; no name gives it its own one back. Raises `UsageError`.

        The name stays with its most typical image: clustered again, it is that of the cluster that
        the image is in then. Undoing it is up to that session (see `Curation`).
        """
        cluster = named.find(self.clusters(column), number)
        earlier = {image: "" for image, there, _ in self._given(column) if there == number}
        curation = self.dataset.curation.of(session)
        curation.rename_clusters(self.id, column, earlier | {cluster.image_id: name})

    def arrow_column(self, name: str) -> pa.ChunkedArray:
        """One column as Arrow, a value per row of this space; null where nothing is known."""
        if name in self._described.columns:
            return stored.read_column(self.columns_path, name, self.image_ids)
        column = self.dataset.arrow_column(name)
        # The images of a space are among those of its dataset: as many are the same.
        return column if len(column) == len(self) else column.take(as_arrow(self._dataset_rows))

    def image(self, image_id: int) -> ImageRow:
        """All that is known of one image, by column. Raises `UsageError` for an unknown id."""
        known = self.dataset.image(image_id) | stored.read_row(self.columns_path, image_id)
        return {name: known.get(name) for name in self.column_names}

    def column(self, name: str) -> Values:
        """One column as numpy, (n,): numbers (NaN where unknown), or objects (str or None)."""
        return as_numpy(self.arrow_column(name))

    def table(self, names: list[str] | None = None) -> pa.Table:
        """The named columns (default: all) as one Arrow table, a row per image of this space."""
        return pa.table({name: self.arrow_column(name) for name in names or self.column_names})


class Dataset(ImagesTable):
    """A folder under the cache, opened for reading: a named collection of images and its spaces.

    A snapshot: it shows what was on disk when it was opened. Rows are the images that are present
    in the source, by rising image id.
    """

    def __repr__(self) -> str:
        return f"<Dataset {self.name!r}: {len(self)} images, spaces {self.space_ids}>"

    @property
    def space_ids(self) -> list[str]:
        """The extractors this dataset has been seen through, in the order of their making."""
        made = self.info.spaces
        return [name for name in made if (self.root / "spaces" / folder_name(name)).is_dir()]

    def space(self, space_id: str | None = None) -> Space:
        """One of the spaces (default: the first). Raises `UsageError` when it is not there."""
        if not self.space_ids:
            raise StoreError(f"The dataset {self.name!r} has no embeddings yet.")
        if (space_id := space_id or self.space_ids[0]) not in self.space_ids:
            raise SpaceMissingError(
                f"{self.name!r} has no space {space_id!r}. There are: {', '.join(self.space_ids)}.",
                source=self.source,
                space=space_id,
            )
        return Space(self, self.root / "spaces" / folder_name(space_id))
