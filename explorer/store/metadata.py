"""What a dataset, a space, its columns and its analyses say of themselves, as JSON on the disk."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import nan
from pathlib import Path
from typing import Literal

from explorer.errors import StoreError
from explorer.store.json_files import read_json
from explorer.store.names import name_of

FORMAT_VERSION = 1

Labels = Literal["auto", "folder", "none"]
Kind = Literal["number", "category", "text", "time"]
Setting = bool | int | float | str


class VersionError(StoreError):
    """The dataset was written by another Explorer; nothing need be wrong with it."""


@dataclass(frozen=True, kw_only=True)
class DatasetInfo:
    """dataset.json. manifest: whether there must be one; annotated: columns that people set."""

    format_version: int = FORMAT_VERSION
    source: str
    labels: Labels = "auto"
    created: str | None = None
    spaces: tuple[str, ...]
    images: int = 0
    rejected: int = 0
    manifest: bool | None = None
    annotated: tuple[str, ...] | None = None
    updated: str | None = None
    more: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class _Versioned:
    format_version: int


def read_info(root: Path) -> DatasetInfo:
    """What dataset.json says. Raises `StoreError` when it is damaged or of another version."""
    version = read_json(root / "dataset.json", _Versioned).format_version
    if version != FORMAT_VERSION:
        raise VersionError(
            f"The dataset {name_of(root.name)!r} is in format version {version}; "
            f"this Explorer reads version {FORMAT_VERSION}. Use the Explorer that wrote it, or "
            "embed it again."
        )
    return read_json(root / "dataset.json", DatasetInfo)


@dataclass(frozen=True)
class Calibration:
    """How many threads decode best, and the rates (images/s by threads) that tell it."""

    workers: int
    cores: int
    images_per_second: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class SpaceInfo:
    """space.json: what the vectors were made with. imported: elsewhere; sees: for people."""

    extractor: str
    version: str
    weights_hash: str | None = None
    weights_file: str | None = None
    precision: str
    dimension: int
    imported: bool | None = None
    input_size: int | None = None
    preprocessing: str | None = None
    sees: str | None = None
    libraries: Mapping[str, str] | None = None
    calibration: Calibration | None = None
    more: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class ColumnMeta:
    """What a column is, for people; `analysis`: which one made it, if any did."""

    kind: Kind
    title: str
    explains: str
    analysis: str | None = None
    more: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class ClusterMeta:
    """What the analysis run calls a cluster; purity: None if none of its images has a label."""

    code: int
    name: str
    image_id: int
    purity: float | None


@dataclass(frozen=True)
class AnalysisMeta:
    """What an analysis was made with, and what it found of the whole space.

    groups: what the codes of a column of clusters stand for, by column. parts: of a graph, the
    number of parts of vectors that there were.
    """

    fingerprint: str
    parameters: Mapping[str, Setting] = field(default_factory=dict)
    figures: Mapping[str, float] = field(default_factory=dict)
    groups: Mapping[str, tuple[ClusterMeta, ...]] = field(default_factory=dict)
    version: int | None = None
    parts: int | None = None
    more: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Figures:
    """Numbers about a whole space, by analysis; no two analyses call one by the same name."""

    by_analysis: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    def of(self, name: str) -> float:
        """A figure by its name; NaN where it has not been computed."""
        return next((each[name] for each in self.by_analysis.values() if name in each), nan)
