"""Small datasets written straight through the store, without a job."""

import numpy as np
import pyarrow as pa

from explorer import store

SPACE = store.SpaceInfo(
    extractor="fake", version="1", weights_hash="", precision="fp32", dimension=4
)


def images(*rows: dict) -> pa.Table:
    """Rows of the images table; what is not given is made up from the id."""
    made = []
    for row in rows:
        number = row["image_id"]
        made.append(
            {
                "path": f"{number}.jpg",
                "content_hash": f"hash{number}",
                "bytes": 100 + number,
                "width": 32,
                "height": 24,
                "format": "JPEG",
                "label": "abc"[number % 3],
                "mtime": number,
                "present": True,
            }
            | row
        )
    columns = {name: [row.get(name) for row in made] for name in store.SCHEMA.names}
    columns |= store.path_columns([row["path"] for row in made])
    return pa.table({name: columns[name] for name in store.SCHEMA.names}, schema=store.SCHEMA)


def vectors(ids, *, seed: int = 0, hashes=None) -> store.EmbeddingRows:
    """Random vectors of four dimensions, the same for the same id and seed."""
    values = [np.random.default_rng((seed, i)).normal(size=4).astype(np.float32) for i in ids]
    hashes = hashes or [f"hash{i}" for i in ids]
    return store.EmbeddingRows(list(ids), hashes, np.array(values, np.float32).reshape(-1, 4))


def writer(root):
    """`write_dataset` with one space of four dimensions."""
    return store.write_dataset(root, source="/somewhere", labels="none")


def part(ids, **changes) -> store.Part:
    """One commit: images, thumbnails that say whose they are, and vectors."""
    return store.Part(
        images=images(*({"image_id": i} for i in ids)),
        thumbnails={i: b"\xff\xd8 thumbnail %d \xff\xd9" % i for i in ids},
        embeddings={"fake": vectors(ids)},
        **changes,
    )


def dataset(root, ids=range(10), *, size: int = 4) -> store.Dataset:
    """A dataset of several parts, with graph, index and columns."""
    import faiss

    ids = list(ids)
    with writer(root) as open_writer:
        open_writer.add_space("fake", SPACE)
        for start in range(0, len(ids), size):
            open_writer.commit(part(ids[start : start + size]))
        open_writer.finish()
    space = store.Dataset(root).space()
    unit = space.embeddings() / np.linalg.norm(space.embeddings(), axis=1, keepdims=True)
    index = faiss.IndexIDMap2(faiss.IndexFlatIP(4))
    index.add_with_ids(unit, space.image_ids)
    store.write_index(space.index_path, index)
    similarities = unit @ unit.T
    np.fill_diagonal(similarities, -np.inf)
    k = min(5, len(ids) - 1)
    rows = np.argsort(-similarities, axis=1)[:, :k]
    table = store.NeighborTable(
        space.image_ids, space.image_ids[rows], np.take_along_axis(similarities, rows, 1)
    )
    origin = {"vectors": space.fingerprint, "index": store.index_digest(space.index_path)}
    store.write_graph(space.graph_path, table, origin)
    columns = store.Columns(
        space.image_ids,
        {"demo": unit[:, 0].copy()},
        {"demo": store.ColumnMeta("number", "Demo", "Made up.", "demo")},
        {"demo": store.AnalysisMeta("0", parameters={"a": 1}, figures={"sum": 1.5})},
    )
    store.write_columns(space.columns_path, columns)
    return store.Dataset(root)


def whole_dataset(root):
    """A dataset with a file of each kind: rejected images, tags and an analysis among them."""
    dataset(root)
    with writer(root) as opened:
        row = {"path": "bad.jpg", "reason": "It is bad.", "part": 0}
        rejected = pa.Table.from_pylist([row], store.REJECTED_SCHEMA)
        opened.commit(store.Part(rejected=rejected))
    store.Dataset(root).tags.add("mine", [1, 2, 3])
