"""A dataset on disk with planted vectors, their index and graph, without a job or UMAP."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from explorer import store
from explorer.analysis import build_index, neighbor_graph
from explorer.store import Dataset, Space

NUMBER, CATEGORY = "number", "category"


def planted_space(
    root: Path,
    vectors: np.ndarray,
    *,
    images: dict[str, list] | None = None,
    columns: dict[str, np.ndarray] | None = None,
    parameters: dict[str, Any] | None = None,
    groups: dict[str, list[dict]] | None = None,
    figures: dict[str, float] | None = None,
) -> Space:
    """A space of (n, d) vectors whose image ids are 100, 101, …

    `images` are columns of the images table, `columns` those of the space: floats are numbers, all
    else are categories. `parameters` are what they were made with, `groups` what codes stand for,
    `figures` numbers about the whole.
    """
    n, dimension = vectors.shape
    ids = list(range(100, 100 + n))
    info = store.SpaceInfo(
        extractor="fake", version="1", weights_hash="", precision="fp32", dimension=dimension
    )
    table = _images(ids, images or {})
    hashes = table["content_hash"].to_pylist()
    rows = store.EmbeddingRows(ids, hashes, vectors.astype(np.float32))
    with store.write_dataset(root, source="/somewhere", labels="none") as writer:
        writer.add_space("fake", info)
        writer.commit(store.Part(images=table, embeddings={"fake": rows}))
        writer.finish()
    space = Dataset(root).space()
    graph = neighbor_graph(vectors.astype(np.float32))
    index = build_index(vectors.astype(np.float32), ids=space.image_ids)
    store.write_index(space.index_path, index.faiss)
    neighbors = space.image_ids[graph.neighbors]
    store.write_graph(
        space.graph_path,
        store.NeighborTable(space.image_ids, neighbors, graph.similarities),
        {"vectors": space.fingerprint, "index": store.index_digest(space.index_path)},
    )
    made = columns or {}
    planted = store.AnalysisMeta("0", parameters or {}, figures or {}, _clusters(groups or {}))
    analyses = {"planted": planted, "measures": replace(planted, groups={})}
    store.write_columns(
        space.columns_path,
        store.Columns(
            space.image_ids, made, {name: _meta(name, made[name]) for name in made}, analyses
        ),
    )
    return Dataset(root).space()


def _images(ids: list[int], given: dict[str, list]) -> pa.Table:
    n = len(ids)
    made: dict[str, list] = {
        "image_id": ids,
        "content_hash": [f"hash{i}" for i in ids],
        "bytes": [1000] * n,
        "width": [64] * n,
        "height": [48] * n,
        "format": ["JPEG"] * n,
        "present": [True] * n,
    }
    made |= store.path_columns([f"{i}.jpg" for i in ids]) | given
    rows = {name: made.get(name, [None] * n) for name in store.SCHEMA.names}
    return pa.table(rows, schema=store.SCHEMA)


def _clusters(groups: dict[str, list[dict]]) -> dict[str, tuple[store.ClusterMeta, ...]]:
    return {
        name: tuple(store.ClusterMeta(**each) for each in listed) for name, listed in groups.items()
    }


def _meta(name: str, values: np.ndarray) -> store.ColumnMeta:
    kind = NUMBER if values.dtype.kind == "f" else CATEGORY
    title = name.replace("_", " ").capitalize()
    analysis = "measures" if name == "brightness" else "planted"
    return store.ColumnMeta(kind, title, f"{title}.", analysis)


def directions(degrees: list[float]) -> np.ndarray:
    """Unit vectors (n, 2) at some angles: their similarities are the cosines of the differences."""
    angles = np.radians(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)
