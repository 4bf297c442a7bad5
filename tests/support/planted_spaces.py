"""A dataset with several spaces of planted vectors, written straight through the store."""

from pathlib import Path

import numpy as np
import pyarrow as pa

from explorer import store
from explorer.analysis import neighbor_graph
from explorer.store import Dataset


def planted_spaces(
    root: Path, spaces: dict[str, np.ndarray], labels: list[str | None], **info: object
) -> Dataset:
    """Spaces of (n, d) vectors by name, with graphs; the first n images of a space have vectors.

    `info` goes into every space.json.
    """
    ids = list(range(100, 100 + len(labels)))
    with store.write_dataset(root, source="/somewhere", labels="none") as writer:
        for name, vectors in spaces.items():
            about = {"extractor": name, "version": "1", "weights_hash": "", "precision": "fp32"}
            about |= {"dimension": vectors.shape[1]} | info
            writer.add_space(name, store.SpaceInfo(**about))
        rows = {
            name: store.EmbeddingRows(
                ids[: len(vectors)],
                [f"hash{i}" for i in ids[: len(vectors)]],
                vectors.astype(np.float32),
            )
            for name, vectors in spaces.items()
        }
        writer.commit(store.Part(images=_images(ids, labels), embeddings=rows))
        writer.finish()
    dataset = Dataset(root)
    for space in map(dataset.space, spaces):
        graph = neighbor_graph(space.embeddings())
        table = store.NeighborTable(
            space.image_ids, space.image_ids[graph.neighbors], graph.similarities
        )
        store.write_graph(space.graph_path, table, {"vectors": space.fingerprint})
    return Dataset(root)


def _images(ids: list[int], labels: list[str | None]) -> pa.Table:
    n = len(ids)
    made: dict[str, list] = {
        "image_id": ids,
        "content_hash": [f"hash{i}" for i in ids],
        "label": labels,
        "bytes": [1000] * n,
        "width": [64] * n,
        "height": [48] * n,
        "format": ["JPEG"] * n,
        "present": [True] * n,
    }
    made |= store.path_columns([f"{i}.jpg" for i in ids])
    rows = {name: made.get(name, [None] * n) for name in store.SCHEMA.names}
    return pa.table(rows, schema=store.SCHEMA)
