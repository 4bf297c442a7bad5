"""A dataset of any size on disk, as the jobs would have left it, without the hours they take.

Columns, graph and vectors are made up; the thumbnails are those of the sample photos, repeated.
"""

import io
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from PIL import Image

from explorer import Dataset, store

EXTRACTOR = "synthetic"
DIMENSION = 8
GROUPS = 40
NEIGHBORS = 30
PART = 50_000
SPACE = store.SpaceInfo(
    extractor=EXTRACTOR, version="1", weights_hash="", precision="fp32", dimension=DIMENSION
)


def build(n: int, cache: Path, photos: Path) -> Dataset:
    """The dataset of `n` images in the cache; made once."""
    root = cache / f"synthetic-{n}"
    if root.exists():
        return Dataset(root)
    random = np.random.default_rng(0)
    groups = np.sort(np.minimum(random.geometric(0.07, n) - 1, GROUPS - 1))
    centers = random.uniform(-10, 10, (GROUPS, 2))
    spread = 0.3 + random.random(GROUPS)[groups, None]
    places = (centers[groups] + random.standard_normal((n, 2)) * spread).astype(np.float32)
    jpegs = [_small(path) for path in sorted(photos.rglob("*.jpg"))]
    with store.write_dataset(root, source=str(photos.resolve()), labels="none") as writer:
        writer.add_space(EXTRACTOR, SPACE)
        for start in range(0, n, PART):
            ids = np.arange(start, min(start + PART, n))
            hashes = [f"{number:032x}" for number in ids]
            vectors = random.standard_normal((len(ids), DIMENSION)).astype(np.float32)
            writer.commit(
                store.Part(
                    images=_images(ids, groups[ids], hashes),
                    thumbnails={int(number): jpegs[number % len(jpegs)] for number in ids},
                    embeddings={EXTRACTOR: store.EmbeddingRows(ids.tolist(), hashes, vectors)},
                )
            )
        writer.finish()
    space = Dataset(root).space()
    _write_graph(space)
    store.write_columns(space.columns_path, _columns(space.image_ids, places, groups, random))
    return Dataset(root)


def _small(path: Path) -> bytes:
    with Image.open(path) as image:
        image.thumbnail((128, 128))
        buffer = io.BytesIO()
        image.convert("RGB").save(buffer, "JPEG", quality=80)
    return buffer.getvalue()


def _images(ids: npt.NDArray[np.int64], groups: npt.NDArray[np.int64], hashes: list[str]) -> Any:
    given: dict[str, Any] = {
        "image_id": ids,
        "content_hash": hashes,
        "bytes": np.full(len(ids), 40_000),
        "width": np.full(len(ids), 640),
        "height": np.full(len(ids), 480),
        "format": ["JPEG"] * len(ids),
        "label": [f"class {group:02d}" for group in groups],
        "mtime": pa.array(np.zeros(len(ids), np.int64)).cast(store.SCHEMA.field("mtime").type),
        "present": [True] * len(ids),
    } | store.path_columns([f"class {g:02d}/{i:07d}.jpg" for i, g in zip(ids, groups, strict=True)])
    return pa.table(
        {
            field.name: pa.array(given[field.name], field.type)
            if field.name in given
            else pa.nulls(len(ids), field.type)
            for field in store.SCHEMA
        },
        schema=store.SCHEMA,
    )


def _write_graph(space: store.Space) -> None:
    """Every image's neighbours are those next to it, which are of its group."""
    import faiss

    n, k = len(space), min(NEIGHBORS, len(space) - 1)
    vectors = space.embeddings()
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    index = faiss.IndexIDMap2(faiss.IndexFlatIP(DIMENSION))
    index.add_with_ids(unit, space.image_ids)
    store.write_index(space.index_path, index)
    neighbors = (np.arange(n)[:, None] + np.arange(1, k + 1)) % n
    similarities = np.tile(np.linspace(0.99, 0.5, k, dtype=np.float32), (n, 1))
    table = store.NeighborTable(space.image_ids, space.image_ids[neighbors], similarities)
    origin = {"vectors": space.fingerprint, "index": store.index_digest(space.index_path)}
    store.write_graph(space.graph_path, table, origin | {"recall": "1"})


def _columns(
    ids: npt.NDArray[np.int64],
    places: npt.NDArray[np.float32],
    groups: npt.NDArray[np.int64],
    random: np.random.Generator,
) -> store.Columns:
    numbers = ("isolation", "outlier_score", "nearest_similarity", "brightness", "sharpness")
    values: dict[str, Any] = {"map_x": places[:, 0], "map_y": places[:, 1]}
    values |= {name: random.random(len(ids), dtype=np.float32) for name in numbers}
    codes = groups.astype(np.int32)
    granularities = {"cluster_fewest": 8, "cluster_few": 4, "cluster": 2, "cluster_many": 1}
    values |= {name: codes // parts for name, parts in granularities.items()}
    meta = {
        name: store.ColumnMeta(
            kind="number" if column.dtype.kind == "f" else "category",
            title=name.replace("_", " ").capitalize(),
            explains="Made up for the benchmark.",
            analysis="synthetic",
        )
        for name, column in values.items()
    }
    named = {
        name: tuple(
            store.ClusterMeta(
                code=int(code),
                name=f"group {code}",
                image_id=int(ids[np.flatnonzero(values[name] == code)[0]]),
                purity=1.0,
            )
            for code in np.unique(values[name])
        )
        for name in granularities
    }
    made = store.AnalysisMeta("0", figures={"knn_accuracy": 0.9}, groups=named)
    return store.Columns(ids, values, meta, {"synthetic": made})
