"""Is everything on disk whole, and does it fit together?"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa

from explorer.errors import ExplorerError
from explorer.store.dataset import Dataset
from explorer.store.embeddings import read_matrix
from explorer.store.parts import part_paths, read_parquet
from explorer.store.space import Space


def problems(root: Path) -> Iterator[str]:
    """Read every byte of a dataset and yield one sentence for each thing that is wrong."""
    try:
        dataset = Dataset(root)
    except ExplorerError as error:
        yield str(error)
        return
    damaged = False
    for path in part_paths(root / "images"):
        try:
            read_parquet(path)
        except ExplorerError as error:
            damaged = True
            yield str(error)
    if damaged:
        return
    yield from _thumbnails(dataset)
    try:
        dataset.rejected.validate(full=True)
    except (ExplorerError, pa.ArrowException) as error:
        yield f"rejected.parquet is damaged: {error}"
    for space_id in dataset.space_ids:
        try:
            yield from _space(dataset.space(space_id))
        except (ExplorerError, pa.ArrowException, OSError) as error:
            yield f"Space {space_id}: {error}"


def _thumbnails(dataset: Dataset) -> Iterator[str]:
    missing = 0
    try:
        for image_id in dataset.image_ids:
            try:
                jpeg = dataset.thumbnail(int(image_id))
            except KeyError:
                missing += 1
                continue
            if not jpeg.startswith(b"\xff\xd8") or not jpeg.endswith(b"\xff\xd9"):
                yield f"The thumbnail of image {image_id} is not a whole JPEG."
    except ExplorerError as error:
        yield str(error)
    if missing:
        yield f"{missing} images have no thumbnail."


def _space(space: Space) -> Iterator[str]:
    missing = len(space.dataset) - len(space)
    if missing:
        yield (
            f"Space {space.id}: {missing} images have no embedding. "
            f"`explorer embed {space.dataset.source}` goes on where it stopped."
        )
    for path in part_paths(space.root / "embeddings"):
        vectors = read_matrix(path, space.dimension)
        broken = int((~np.isfinite(vectors).all(1)).sum())
        if broken:
            yield f"{path}: {broken} vectors are not finite."
    if not space.graph_path.exists():
        return
    graph = space.graph()
    if not np.isfinite(graph.similarities).all():
        yield f"Space {space.id}: the neighbour graph holds values that are not finite."
    if (graph.neighbor_ids == graph.image_ids[:, None]).any():
        yield f"Space {space.id}: an image is its own neighbour in the graph."
    if space.index().ntotal != len(graph.image_ids):
        yield f"Space {space.id}: the index and the neighbour graph differ in size."
    for name in space.column_names:
        space.arrow_column(name).validate(full=True)
