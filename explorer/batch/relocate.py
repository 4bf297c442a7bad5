"""The photos have moved: the dataset goes along, with all that is known of them."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pyarrow as pa

from explorer.batch.matching import Paths
from explorer.batch.pipeline import ordered_map
from explorer.batch.progress import Progress, Report, silent
from explorer.errors import ImageError, NotPossibleError
from explorer.images import ImageRef, Source, hold, one_large_file_at_a_time, open_source
from explorer.store import (
    Dataset,
    DatasetWriter,
    Part,
    exact_paths,
    path_columns,
    path_text,
    write_dataset,
)

WORKERS = 8  # files that are read at once
SHOWN = 5  # names in a sentence


@dataclass
class RelocateReport:
    """What was found at the new place: `same` images by path, `moved` ones under another path.

    `missing` and `different` are the paths of images that are not there, or are other pictures;
    `new` counts files that the dataset does not know.
    """

    dataset: str
    source: str
    same: int = 0
    moved: int = 0
    missing: list[str] = field(default_factory=list)
    different: list[str] = field(default_factory=list)
    new: int = 0

    def sentence(self) -> str:
        """What does not fit, with some of the names."""
        lost = ((self.missing, "not there"), (self.different, "with another content"))
        parts = [
            f"; {what}: {len(paths):,} ({', '.join(map(repr, paths[:SHOWN]))}"
            f"{' …' if len(paths) > SHOWN else ''})"
            for paths, what in lost
            if paths
        ]
        return f"In {self.source} {self.same + self.moved:,} images fit{''.join(parts)}."


def relocate(
    dataset: Dataset,
    source: str | Path,
    *,
    allow_missing: bool = False,
    on_progress: Report = silent,
) -> RelocateReport:
    """Point a dataset to the place that its photos have moved to; ids, tags and vectors stay.

    Every file at the new place is compared with what was embedded, by its size and then by its
    content; a file under another path is found by its content. Nothing is changed unless all
    images of the dataset are there, or `allow_missing` says that some may be missing or different:
    these stay as they are until `embed` is run again. Raises `SourceError` for a place that cannot
    be read, `UsageError` for what does not fit, `LockedError` when another job is writing.
    """
    images = open_source(source, labels=dataset.info.labels)
    if images.uri == dataset.source:
        raise NotPossibleError(f"The photos of {dataset.name!r} are in {images.uri} already.")
    with write_dataset(dataset.root, source=dataset.source, labels=dataset.info.labels) as writer:
        on_progress(Progress("Listing files", 0, 0))
        search = _Search(images, writer, on_progress)
        report = RelocateReport(dataset.name, images.uri)
        found = search.run(report)
        if not found or (not allow_missing and (report.missing or report.different)):
            raise NotPossibleError(
                f"{report.sentence()} Nothing was changed."
                + (" --allow-missing goes on without these." if found else "")
            )
        writer.relocate(images.uri)
        writer.commit(Part(images=_rows(writer, found)))
        writer.finish()
    return report


class _Search:
    """Finds the images of a dataset among the files of a source."""

    def __init__(self, source: Source, writer: DatasetWriter, on_progress: Report) -> None:
        self._source = source
        self._on_progress = on_progress
        self._present = [
            row for row, there in enumerate(writer.images["present"].to_pylist()) if there
        ]
        self._paths = exact_paths(writer.images)
        self._hashes = writer.images["content_hash"].to_pylist()
        self._sizes = writer.images["bytes"].to_pylist()

    def run(self, report: RelocateReport) -> dict[int, ImageRef]:
        """The file of each image that was found, by its row in the images table."""
        refs = {ref.path: ref for ref in self._source.list().refs}
        spelled = Paths(refs, self._source.uri)
        named = {row: spelled.find(self._paths[row]) for row in self._present}
        there = {row: refs[path] for row, path in named.items() if path is not None}
        fitting = {row: ref for row, ref in there.items() if self._may_be(row, ref)}
        hashes = self._read("Comparing photos", [*fitting.values()])
        found = {
            row: ref
            for (row, ref), hash in zip(fitting.items(), hashes, strict=True)
            if hash == self._hashes[row]
        }
        report.same = len(found)
        taken = {ref.path for ref in found.values()}
        others = [ref for path, ref in refs.items() if path not in taken]
        elsewhere = self._elsewhere([row for row in self._present if row not in found], others)
        report.moved = len(elsewhere)
        report.new = len(others) - len(elsewhere)
        for row in self._present:
            if row not in found and row not in elsewhere:
                lost = report.different if row in there else report.missing
                lost.append(path_text(self._paths[row]))
        return found | elsewhere

    def _may_be(self, row: int, ref: ImageRef) -> bool:
        return None in (ref.size, self._sizes[row]) or ref.size == self._sizes[row]

    def _elsewhere(self, rows: Sequence[int], refs: Sequence[ImageRef]) -> dict[int, ImageRef]:
        """The images that lie under other paths, by their content; every file is one image."""
        if not rows:
            return {}
        sizes = {self._sizes[row] for row in rows}
        all_may_be = None in sizes  # an image whose size is not known
        likely = [ref for ref in refs if all_may_be or ref.size is None or ref.size in sizes]
        by_hash: dict[str, list[ImageRef]] = defaultdict(list)
        for ref, hash in zip(likely, self._read("Looking for the others", likely), strict=True):
            by_hash[hash].append(ref)
        return {row: by_hash[h].pop(0) for row in rows if by_hash.get(h := self._hashes[row])}

    def _read(self, stage: str, refs: Sequence[ImageRef]) -> list[str]:
        """The content hash of each file, empty for one that cannot be read."""
        hashes = []
        workers = ordered_map(
            partial(_hash, self._source), refs, workers=WORKERS, ahead=4 * WORKERS
        )
        for done, hash in enumerate(workers, start=1):
            hashes.append(hash)
            self._on_progress(Progress(stage, done, len(refs)))
        return hashes


def _hash(source: Source, ref: ImageRef) -> str:
    try:
        with one_large_file_at_a_time():
            hold(ref.size or 0)
            return hashlib.blake2b(source.read(ref.path), digest_size=16).hexdigest()
    except ImageError:
        return ""


def _rows(writer: DatasetWriter, found: dict[int, ImageRef]) -> pa.Table:
    """The rows of the images with the paths, sizes and times of their files now."""
    rows = sorted(found)
    table = writer.images.take(pa.array(rows, pa.int64()))
    refs = [found[row] for row in rows]
    known = table["bytes"].to_pylist()
    sizes = [
        before if ref.size is None else ref.size for ref, before in zip(refs, known, strict=True)
    ]
    columns = {
        **dict(zip(table.column_names, table.columns, strict=True)),
        **path_columns([ref.path for ref in refs]),
        "bytes": sizes,
        "mtime": [ref.mtime_ns for ref in refs],
        "etag": [ref.etag for ref in refs],
    }
    return pa.table(columns, schema=table.schema)
