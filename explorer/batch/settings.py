"""What an embedding job is told, and what it tells when it is done."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

DEFAULT_EXTRACTOR = "efficientnet-lite0"
_NAMED = 3


@dataclass(frozen=True)
class EmbedSettings:
    """How to embed. The defaults are right for most machines.

    `extractors` are those to embed through (None: those of the dataset, the default one where it is
    new). The dataset's other `spaces` are brought up to date in the same go: None, all of them, or
    only those named.

    `workers` decode threads (None: as many as a short measurement on the first images finds best,
    see `explorer.batch.calibrate`), `batch_size` images per call of the model, `part_size` images
    per commit at most (so many are lost when the job is killed; the first parts of a dataset are
    smaller, see `part_size_of`). `analyze` brings graph, map and
    columns up to date afterwards. `weights` are files to take networks' weights from, by the
    extractor's id without a layer; a space remembers the file it was begun with.
    """

    extractors: tuple[str, ...] | None = None
    spaces: tuple[str, ...] | None = None
    labels: Literal["auto", "folder", "none"] = "auto"
    workers: int | None = None
    batch_size: int = 16
    device: str = "auto"
    precision: str = "auto"
    weights: Mapping[str, str] = field(default_factory=dict)
    part_size: int = 2048
    analyze: bool = True


FIRST_PART = 32


def part_size_of(number: int, largest: int) -> int:
    """How many images the part of that number holds: each twice as many as the one before.

    So there is soon something to look at, and the same images make the same parts.
    """
    return min(largest, FIRST_PART << min(number, largest.bit_length()))


@dataclass
class EmbedReport:
    """What a run did. embedded + unchanged + moved + rejected + ignored = files seen.

    `removed` counts the images that are gone since the last run; `removed_curated` are the paths of
    those with tags or groups of the user's. `tags` and `groups` are those that the source brought
    along and the dataset has got now.
    `behind` says of each space that lacks vectors of images how many, and `not_opened` of those
    whose extractor could not be had, why.
    """

    dataset: str
    cache: str
    embedded: int = 0
    unchanged: int = 0
    moved: int = 0
    removed: int = 0
    removed_curated: list[str] = field(default_factory=list)
    rejected: int = 0
    ignored: int = 0
    seconds: float = 0.0
    images_per_second: float = 0.0
    interrupted: bool = False
    spaces: dict[str, dict[str, int]] = field(default_factory=dict)
    tags: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    behind: dict[str, int] = field(default_factory=dict)
    not_opened: dict[str, str] = field(default_factory=dict)


def told_about(report: EmbedReport) -> list[str]:
    """What people would not expect: a sentence about it each."""
    return [*_told_removed(report.removed_curated), *_told_behind(report)]


def _told_removed(paths: list[str]) -> list[str]:
    """What has become of what people made of images that are gone."""
    if not paths:
        return []
    named = ", ".join(paths[:_NAMED]) + (" …" if len(paths) > _NAMED else "")
    return [
        f"{len(paths):,} of the removed had tags or groups ({named}). These are kept, and come "
        "back with the picture; a file that shows another picture now is a new image without them."
    ]


def _told_behind(report: EmbedReport) -> list[str]:
    return [
        f"The space {space} is behind: it has no vector of {count:,} of the images."
        + (f" {report.not_opened[space]}" if space in report.not_opened else "")
        for space, count in report.behind.items()
    ]
