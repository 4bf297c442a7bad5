"""A damaged dataset made whole again, as far as vectors, photos and networks can."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow.compute as pc

from explorer.batch.analyze import analyze
from explorer.batch.embed import embed
from explorer.batch.progress import Report, silent
from explorer.batch.settings import EmbedSettings
from explorer.errors import ExplorerError
from explorer.store import Dataset, dataset_root, mend, problems, without_thumbnail


@dataclass
class RepairReport:
    """What was wrong and what has become of it.

    `found` are sentences, one for each damaged file; `aside` the damaged files by where they lie
    now; `written` and `made` what was made again without and with the photos; `lost` says what
    nobody can make again, and `problems` what `verify` still finds.
    """

    dataset: str
    found: list[str] = field(default_factory=list)
    aside: list[str] = field(default_factory=list)
    written: list[str] = field(default_factory=list)
    made: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def repair(
    name: str | None = None, *, cache: str | Path | None = None, on_progress: Report = silent
) -> RepairReport:
    """Make again what is damaged or gone in a dataset: ids and tags stay.

    Rows of images come from the vectors, which know ids and contents, and from the photos that have
    these contents; thumbnails and vectors from the photos; index, neighbour graph and columns from
    the vectors. Damaged files are put aside, not removed. Can be run again, when the photos are
    back say. Raises `UsageError` if there is no such dataset, `LockedError` when a job is writing,
    `StoreError` when nothing tells any more where the photos are.
    """
    root = dataset_root(name, cache=cache)
    mended = mend(root)
    dataset = Dataset(root)
    report = RepairReport(
        dataset.name, mended.found, mended.aside, mended.written, lost=mended.lost
    )
    if wanted := _wanted(dataset):
        with _noting(report, "The photos cannot be looked through"):
            _embed(dataset, report, on_progress)
        dataset = Dataset(root)
        still = _wanted(dataset)
        counts = {what: count - still.get(what, 0) for what, count in wanted.items()}
        report.made += [f"{what}: {count}" for what, count in counts.items() if count]
    for space in map(dataset.space, dataset.space_ids):
        files = (space.index_path, space.graph_path, space.columns_path)
        if any(path.exists() or str(path) in "".join(report.found) for path in files):
            with _noting(report, f"The space {space.id} cannot be analysed"):
                done = analyze(dataset, space=space.id, on_progress=on_progress)
                report.made += [f"{space.id}: {', '.join(done.computed)}"] if done.computed else []
    if unseen := _without_photo(dataset):
        report.lost.append(
            f"{unseen} images were not found among the photos. Their ids stay theirs: with the "
            "picture, embedding brings them back, and their tags."
        )
    report.problems = [*problems(root)]
    return report


def _wanted(dataset: Dataset) -> dict[str, int]:
    """What only photos can give, and of how many images."""
    found = {
        "rows of images": _without_photo(dataset),
        "thumbnails": len(without_thumbnail(dataset)),
    }
    for space in map(dataset.space, dataset.space_ids):
        if not space.info.imported:
            found[f"vectors of {space.id}"] = len(dataset) - len(space)
    return {what: count for what, count in found.items() if count}


def _without_photo(dataset: Dataset) -> int:
    """How many images have an id, and no file that it was given to."""
    return int(pc.sum(pc.equal(dataset.every_image["path"], "")).as_py() or 0)


def _embed(dataset: Dataset, report: RepairReport, on_progress: Report) -> None:
    settings = EmbedSettings(extractors=(), labels=dataset.info.labels, analyze=False)
    done = embed(
        dataset.source,
        name=dataset.name,
        cache=dataset.root.parent,
        settings=settings,
        on_progress=on_progress,
    )
    for space_id, reason in done.not_opened.items():
        report.lost.append(f"The vectors of {space_id} cannot be made again here: {reason}")


@contextlib.contextmanager
def _noting(report: RepairReport, what: str) -> Iterator[None]:
    """What cannot be done keeps nothing else from being done."""
    try:
        yield
    except ExplorerError as error:
        report.lost.append(f"{what}: {error}")
