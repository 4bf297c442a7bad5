"""Is everything on disk whole, and does it fit together?"""

import contextlib
import sqlite3
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa

from explorer.errors import ExplorerError, StoreError
from explorer.store import images, thumbnails
from explorer.store.atomic import DiskFullError, refuse_full
from explorer.store.columns import read_columns
from explorer.store.dataset import Dataset, Space
from explorer.store.embeddings import read_matrix
from explorer.store.graph import StoredGraph, graph_metadata, index_digest
from explorer.store.holes import missing_numbers
from explorer.store.id_sets import unpack_ids
from explorer.store.json_files import read_json, read_object
from explorer.store.manifest import CHANGING, MANIFEST, Manifest, files_of, read_manifest
from explorer.store.metadata import SpaceInfo, read_info
from explorer.store.parts import read_parquet

TAGS_LOST = "It holds the tags: restore it from a backup."


def problems(root: Path) -> Iterator[str]:
    """Read every byte of a dataset and yield one sentence for each thing that is wrong."""
    found = damage(root)
    for name, sentence in found.items():
        yield f"{sentence} {TAGS_LOST}" if name == CHANGING else sentence
    try:
        dataset = Dataset(root)
    except ExplorerError as error:
        if "dataset.json" not in found:
            yield str(error)
        return
    if any(name.startswith("images/") for name in found):
        return
    if not any(name.startswith("thumbnails/") for name in found if (root / name).exists()):
        missing = len(without_thumbnail(dataset))
        if missing:
            yield f"{missing} images have no thumbnail."
    for space_id in dataset.space_ids:
        for sentence in _reported(f"Space {space_id}", _space(dataset, space_id)):
            if not any(str(root / name) in sentence for name in found):
                yield sentence


def _reported(about: str, found: Iterator[str]) -> Iterator[str]:
    """What a check finds; an error that it raises is one more finding."""
    try:
        yield from found
    except DiskFullError:
        raise
    except (ExplorerError, pa.ArrowException, OSError, ValueError) as error:
        yield str(error) if about in str(error) else f"{about}: {error}"


# --- one file after the other


def damage(root: Path) -> dict[str, str]:
    """What is wrong with the files of a dataset: by the name of each such file, a sentence.

    Every byte counts where files are listed in a manifest. What is not listed is read. Raises
    `DiskFullError` when there is no room left to read curation.db.
    """
    found: dict[str, str] = {}
    manifest = _manifest(root, found)
    for name in sorted(manifest.files):
        if sentence := manifest.damage(root, name):
            # Unless a job has replaced it meanwhile.
            now = _manifest(root, {})
            if name in now.files and (sentence := now.damage(root, name)):
                found[name] = sentence
    if not manifest.files:
        for number in missing_numbers(root):
            name = f"images/part-{number:05d}.parquet"
            found[name] = f"{root / name} is missing."
    for name in files_of(root):
        if name not in found and (name not in manifest.files or name == CHANGING):
            for sentence in _reported(str(root / name), _unread(root / name)):
                found.setdefault(name, sentence)
    if not (root / "dataset.json").exists():
        found.setdefault("dataset.json", f"{root / 'dataset.json'} is missing.")
    return found


def _manifest(root: Path, found: dict[str, str]) -> Manifest:
    """What is listed; nothing where there is no manifest, and what is wrong with that."""
    try:
        manifest = read_manifest(root)
        if manifest is None and has_lost_manifest(root):
            found[MANIFEST] = f"{root / MANIFEST} is missing."
    except StoreError as error:
        found[MANIFEST], manifest = str(error), None
    return manifest or Manifest()


def has_lost_manifest(root: Path) -> bool:
    """Did a dataset have a manifest that is gone? One from before there was any has lost none."""
    with contextlib.suppress(StoreError):
        return bool(read_info(root).manifest) and not (root / MANIFEST).exists()
    return False


def _unread(path: Path) -> Iterator[str]:
    """Read a file of which no hash is known."""
    checks: dict[str, Callable[[Path], Iterator[str]]] = {  # by name, or else by folder
        "dataset.json": lambda path: _read(read_info(path.parent)),
        "space.json": lambda path: _read(read_json(path, SpaceInfo)),
        "probe.json": lambda path: _read(read_object(path)),
        "rejected.parquet": lambda path: _read(images.read_rejected(path).validate(full=True)),
        "columns.parquet": lambda path: _read(read_columns(path)),
        "neighbors.parquet": lambda path: _read(StoredGraph(path).read()),
        "index.faiss": _index,
        CHANGING: _curation,
        "images": lambda path: _read(images.read_part(path).validate(full=True)),
        "thumbnails": _thumbnails,
        "embeddings": lambda path: _read(read_parquet(path)),
    }
    check = checks.get(path.name) or checks[path.parent.name]
    yield from check(path)


def _read(_: object) -> Iterator[str]:
    return iter(())


def _thumbnails(path: Path) -> Iterator[str]:
    if not thumbnails.is_intact(path):
        yield f"{path} is damaged: it is not as it was written."


def _index(path: Path) -> Iterator[str]:
    if graph_metadata(path.with_name("neighbors.parquet")).get("index") != index_digest(path):
        yield f"{path} is not as it was written."


def _curation(path: Path) -> Iterator[str]:
    """People change it all the time, so nothing is known of its bytes but what it is itself."""
    connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)
    try:
        for (line,) in connection.execute("PRAGMA integrity_check").fetchall():
            if line != "ok":
                yield f"{path} is damaged: {line}."
        [(page,)] = connection.execute("PRAGMA page_size").fetchall()
        if path.stat().st_size % page:
            yield f"{path} is damaged: its last page is cut."
        connection.execute("SELECT 1 FROM steps, changes LIMIT 1").fetchone()
        for name, size, packed in connection.execute("SELECT name, size, image_ids FROM sets"):
            if len(unpack_ids(packed)) != size:
                yield f"{path} is damaged: {name!r} holds other images than it says."
    except (sqlite3.Error, ValueError, zlib.error) as error:
        if isinstance(error, sqlite3.Error):
            refuse_full(error, path)
        yield f"{path} is damaged: {error}."
    finally:
        connection.close()


# --- does it fit together?


def without_thumbnail(dataset: Dataset) -> list[int]:
    """The ids of the present images that have none. Raises `StoreError` for damaged files."""
    there = thumbnails.Thumbnails(dataset.root / "thumbnails").image_ids
    missing: list[int] = np.setdiff1d(dataset.image_ids, there, assume_unique=True).tolist()
    return missing


def _space(dataset: Dataset, space_id: str) -> Iterator[str]:
    space = dataset.space(space_id)
    missing = len(dataset) - len(space)
    if missing:
        more = " They came from elsewhere: import them." if space.info.imported else ""
        yield f"Space {space.id}: {missing} images have no embedding.{more}"
    for path in sorted((space.root / "embeddings").glob("part-*.parquet")):
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
        yield f"{space.index_path} is not as it was written."
    elif space.index().ntotal != len(graph.image_ids):
        yield f"Space {space.id}: the index and the neighbour graph differ in size."
