"""Is everything on disk whole, and does it fit together?"""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa

from explorer.errors import ExplorerError
from explorer.store import images, thumbnails
from explorer.store.dataset import Dataset
from explorer.store.embeddings import read_matrix
from explorer.store.graph import graph_metadata, index_digest
from explorer.store.parts import part_number, part_paths
from explorer.store.space import Space


def problems(root: Path) -> Iterator[str]:
    """Read every byte of a dataset and yield one sentence for each thing that is wrong."""
    try:
        dataset = Dataset(root)
    except ExplorerError as error:
        yield str(error)
        return
    damaged = list(_images(root / "images"))
    yield from damaged
    if damaged:
        return
    yield from _thumbnails(dataset)
    yield from _reported("rejected.parquet", _rejected(dataset))
    yield from _reported("curation.db", _curation(root / "curation.db"))
    for space_id in dataset.space_ids:
        yield from _reported(f"Space {space_id}", _space(dataset, space_id))


def _reported(about: str, found: Iterator[str]) -> Iterator[str]:
    """What a check finds; an error that it raises is one more finding."""
    try:
        yield from found
    except (ExplorerError, pa.ArrowException, OSError, ValueError) as error:
        yield f"{about}: {error}"


def _images(folder: Path) -> Iterator[str]:
    paths = part_paths(folder)
    for path in paths:
        try:
            images.read_part(path).validate(full=True)
        except (ExplorerError, pa.ArrowException) as error:
            yield str(error)
    numbers = {part_number(path) for path in paths}
    for number in sorted(set(range(max(numbers, default=0))) - numbers):
        yield f"{folder / f'part-{number:05d}.parquet'} is missing. {images.ADVICE}"


def _thumbnails(dataset: Dataset) -> Iterator[str]:
    folder = dataset.root / "thumbnails"
    damaged = False
    for path in part_paths(folder):
        try:
            intact = thumbnails.is_intact(path)
        except ExplorerError as error:
            damaged = True
            yield str(error)
            continue
        if not intact:
            yield f"{path} is damaged: it is not as it was written. {thumbnails.ADVICE}"
    if damaged:
        return
    there = thumbnails.Thumbnails(folder).image_ids
    missing = len(np.setdiff1d(dataset.image_ids, there, assume_unique=True))
    if missing:
        yield f"{missing} images have no thumbnail."


def _rejected(dataset: Dataset) -> Iterator[str]:
    dataset.rejected.validate(full=True)
    yield from ()


def _curation(path: Path) -> Iterator[str]:
    if not path.exists():
        return
    connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)
    try:
        for (line,) in connection.execute("PRAGMA integrity_check").fetchall():
            if line != "ok":
                yield f"{path} is damaged: {line}."
        connection.execute("SELECT 1 FROM sets, steps, changes LIMIT 1").fetchone()
    except sqlite3.Error as error:
        yield f"{path} is damaged: {error}. It holds the tags: restore it from a backup."
    finally:
        connection.close()


def _space(dataset: Dataset, space_id: str) -> Iterator[str]:
    space = dataset.space(space_id)
    missing = len(dataset) - len(space)
    if missing:
        yield (
            f"Space {space.id}: {missing} images have no embedding. "
            f"`explorer embed {dataset.source}` goes on where it stopped."
        )
    for path in part_paths(space.root / "embeddings"):
        vectors = read_matrix(path, space.dimension)
        broken = int((~np.isfinite(vectors).all(1)).sum())
        if broken:
            yield f"{path}: {broken} vectors are not finite."
    if space.graph_path.exists():
        yield from _graph(space)
    for name in space.column_names:
        space.arrow_column(name).validate(full=True)


def _graph(space: Space) -> Iterator[str]:
    graph = space.graph()
    if not np.isfinite(graph.similarities).all():
        yield f"Space {space.id}: the neighbour graph holds values that are not finite."
    if (graph.neighbor_ids == graph.image_ids[:, None]).any():
        yield f"Space {space.id}: an image is its own neighbour in the graph."
    if graph_metadata(space.graph_path).get("index") != index_digest(space.index_path):
        yield f"{space.index_path} is not as it was written. `explorer analyze` makes it again."
    elif space.index().ntotal != len(graph.image_ids):
        yield f"Space {space.id}: the index and the neighbour graph differ in size."
