"""Vectors that the user already has, as a space like any other."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from explorer.batch.analyze import analyze
from explorer.batch.embed import embed
from explorer.batch.matching import Paths, advice
from explorer.batch.progress import Progress, Report, silent
from explorer.batch.settings import EmbedReport, EmbedSettings
from explorer.errors import ConflictError, SourceError
from explorer.images import open_source, path_column
from explorer.store import (
    DatasetWriter,
    EmbeddingRows,
    Part,
    SpaceInfo,
    Values,
    cache_folder,
    exact_paths,
    folder_name,
    path_text,
    write_dataset,
)

ROWS_PER_PART = 2048


@dataclass(frozen=True)
class Vectors:
    """Vectors (n, d) and, where the file names them, the path of the image of each."""

    values: npt.NDArray[np.float32]
    paths: Sequence[str] | None
    digest: str


@dataclass
class ImportReport(EmbedReport):
    """What `embed` did with the images, and which vectors fit none of them.

    `unmatched` vectors name no image of the source; the first (row `first_unmatched_row`, from 0)
    names `first_unmatched`.
    """

    unmatched: int = 0
    first_unmatched: str | None = None
    first_unmatched_row: int | None = None


def import_vectors(
    vectors: str | Path,
    images: str | Path,
    *,
    name: str | None = None,
    space: str = "imported",
    cache: str | Path | None = None,
    on_progress: Report = silent,
) -> ImportReport:
    """Make a space of vectors from elsewhere, on the images of a source.

    `vectors` is a .npy file (n, d) with one row per image in the order of the source's list, or a
    Parquet file with a column of paths and a column of lists. Images without a vector are not in
    the space. Raises `SourceError` when the file cannot be read or does not fit the images, and
    `UsageError` when the space exists with other vectors.
    """
    given = read_vectors(Path(vectors).expanduser())
    source = open_source(images)
    paths = given.paths
    if paths is None:
        paths = [ref.path for ref in source.list().refs]
        if len(paths) != len(given.values):
            raise SourceError(
                f"{vectors} holds {len(given.values):,} vectors, and {source.uri} lists "
                f"{len(paths):,} images. Give a Parquet file with a column of paths instead."
            )
    settings = EmbedSettings(extractors=(), spaces=(), analyze=False)
    done = embed(images, name=name, cache=cache, settings=settings, on_progress=on_progress)
    report = ImportReport(**{each.name: getattr(done, each.name) for each in fields(done)})
    root = cache_folder(cache) / folder_name(report.dataset)
    on_progress(Progress("Storing vectors", 0, 0))
    with write_dataset(root, source=source.uri, labels=settings.labels) as writer:
        _make_space(writer, space, given, str(vectors))
        rows = _rows(writer, paths, source.uri, report)
        _write(writer, space, given.values, rows)
        writer.finish()
    analyze(writer.dataset(), space=space, on_progress=on_progress)
    report.spaces[space] = {
        "dimension": given.values.shape[1],
        "count": len({image_id for _, image_id, _ in rows}),
    }
    return report


def _make_space(writer: DatasetWriter, space: str, given: Vectors, origin: str) -> None:
    made = writer.space_info(space)
    if made and made.weights_hash != given.digest:
        raise ConflictError(
            f"The space {space!r} holds other vectors already. Give these a name with --space."
        )
    info = SpaceInfo(
        extractor=space,
        version="1",
        weights_hash=given.digest,
        precision="fp32",
        dimension=given.values.shape[1],
        imported=True,
        sees=f"Vectors imported from {Path(origin).name}.",
    )
    writer.add_space(space, info)


def _rows(
    writer: DatasetWriter, paths: Sequence[str], source: str, report: ImportReport
) -> list[tuple[int, int, str]]:
    """(row of the vectors, image id, content hash) of the first vector that names an image."""
    images = writer.images.filter(writer.images["present"])
    columns = (images["image_id"].to_pylist(), images["content_hash"].to_pylist())
    known = dict(zip(exact_paths(images), zip(*columns, strict=True), strict=True))
    known |= {path_text(path): found for path, found in known.items()}
    spelled = Paths(known, source)
    rows: dict[int, tuple[int, int, str]] = {}
    for row, path in enumerate(paths):
        if there := spelled.find(path or ""):
            rows.setdefault(known[there][0], (row, *known[there]))
        elif report.unmatched == 0:
            report.first_unmatched, report.first_unmatched_row = path, row
        report.unmatched += there is None
    if not rows:
        example = f"; the source has {next(iter(known))!r}" if known else ""
        raise SourceError(
            "None of the paths beside the vectors is an image of the source: row 0 has "
            f"{report.first_unmatched!r}{example}.{advice(report.first_unmatched or '', source)}"
        )
    return [*rows.values()]


def _write(
    writer: DatasetWriter,
    space: str,
    values: npt.NDArray[np.float32],
    rows: Sequence[tuple[int, int, str]],
) -> None:
    """Write the vectors of the images that have none yet."""
    there = set(writer.embedded_ids(space).tolist())
    new = [each for each in rows if each[1] not in there]
    for start in range(0, len(new), ROWS_PER_PART):
        part = new[start : start + ROWS_PER_PART]
        wanted, ids, hashes = zip(*part, strict=True)
        vectors = np.ascontiguousarray(values[list(wanted)], np.float32)
        writer.commit(Part(embeddings={space: EmbeddingRows(ids, hashes, vectors)}))


def read_vectors(path: Path) -> Vectors:
    """Read .npy or .parquet. Raises `SourceError` when it is neither or holds no finite matrix."""
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        if path.suffix == ".npy":
            values: Values = np.load(path, allow_pickle=False)
            paths = None
        elif path.suffix == ".parquet":
            values, paths = _from_table(pq.read_table(path), path)
        else:
            raise SourceError(f"{path} is neither a .npy nor a .parquet file.")
    except (OSError, ValueError, pa.ArrowException) as error:
        raise SourceError(f"{path} cannot be read as vectors: {error}.") from error
    if values.ndim != 2 or not np.issubdtype(values.dtype, np.floating):
        raise SourceError(
            f"{path} holds {values.dtype} of shape {values.shape}, not floats of shape (n, d)."
        )
    broken = np.flatnonzero(~np.isfinite(values).all(axis=1))
    if len(broken):
        raise SourceError(f"{path}: row {broken[0]} holds a number that is not finite.")
    return Vectors(np.asarray(values, np.float32), paths, digest)


def _from_table(table: pa.Table, path: Path) -> tuple[Values, list[str]]:
    lists = [
        field.name
        for field in table.schema
        if pa.types.is_fixed_size_list(field.type) or pa.types.is_list(field.type)
    ]
    if len(lists) != 1:
        raise SourceError(
            f"{path} should have one column of lists, the vectors; it has {len(lists)}."
        )
    column = table[lists[0]].combine_chunks()
    flat = column.flatten().to_numpy(zero_copy_only=False)
    if not len(column) or len(flat) % len(column):
        raise SourceError(f"{path}: the vectors are not all of one length.")
    # pandas writes text as large_string.
    texts = {
        name: table[name].cast(pa.string())
        for name in table.column_names
        if pa.types.is_large_string(table[name].type) or pa.types.is_string(table[name].type)
    }
    names = path_column(pa.table(texts), str(path))
    return flat.reshape(len(column), -1), texts[names].to_pylist()
