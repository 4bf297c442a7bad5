"""Which command mends what is wrong: said by the app and by the command line, not by the library.

Imports nothing but errors, as every command imports it.
"""

from typing import TYPE_CHECKING

from explorer import errors
from explorer.errors import (
    DamagedAnalysisError,
    DamagedError,
    ExplorerError,
    NoDatasetError,
    NotAnalyzedError,
    NotAnnotatedError,
    OtherSourceError,
    OutdatedError,
    SpaceMissingError,
    UnknownLayerError,
)

if TYPE_CHECKING:
    from explorer.store import JobStatus


def with_hint(error: ExplorerError) -> str:
    """What is wrong, and the command that mends it, if one does."""
    return f"{error} {_hint(error)}".rstrip()


def job_failure(job: "JobStatus") -> str:
    """What a job failed with, and the command that mends it."""
    kind = getattr(errors, job.error, ExplorerError)
    source, space = job.about
    return with_hint(kind(job.message, dataset=job.dataset, source=source, space=space))


def repair_hint(dataset: str) -> str:
    """What to do about damaged files."""
    what = f"explorer repair {dataset}".rstrip()
    return f"`{what}` says what can be made again, and makes it."


def _hint(error: ExplorerError) -> str:
    match error:
        case NoDatasetError():
            return "`explorer embed FOLDER` makes one."
        case SpaceMissingError() if error.source and error.space:
            return f"`explorer embed {error.source} --extractor {error.space}` makes it."
        case NotAnalyzedError():
            return f"Run `explorer analyze {error.dataset}`."
        case NotAnnotatedError():
            return f"`explorer annotate {error.dataset} splits.csv` joins them to the images."
        case DamagedAnalysisError():
            return "`explorer analyze` makes it again."
        case DamagedError():
            return repair_hint(error.dataset)
        case OtherSourceError() if error.source:
            return (
                f"If the photos have moved, `explorer relocate {error.dataset} {error.source}` "
                "says so; else give the new dataset a name of its own with --name."
            )
        case UnknownLayerError() if error.space:
            return f"`explorer extractors show {error.space}` lists them all."
        case OutdatedError() if error.source:
            return f"`explorer embed {error.source}` brings the dataset up to date."
    return ""
