"""What an analysis is to the rest of Explorer: a declaration beside its functions.

An analysis turns inputs (the graph, the vectors, labels, earlier columns) into columns, one value
per image, and figures, one number per dataset. It is declared once, in the file that computes it,
and listed in columns.py; storing, recomputing when stale, colouring, sorting, filtering and
exporting follow from the declaration.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, Literal, TypeVar, get_type_hints

import numpy as np
import numpy.typing as npt

from explorer.analysis.graph import Graph
from explorer.analysis.ranges import Settings
from explorer.analysis.vectors import Codes, Floats, Ints, Values
from explorer.errors import BadValueError, UnknownNameError


@dataclass(frozen=True, slots=True)
class Column:
    """One value per image.

    A "number" is float32, NaN where there is none. A "category" is int32, -1 where there is none;
    `names` are its codes' names, or says whose codes they are ("labels", "splits"): they are stored
    as text, None where there is none. Without `names` they are plain numbers. A "text" is object,
    str or None. `explains` is one sentence for the person who meets the column in the app.
    """

    name: str
    kind: Literal["number", "category", "text"]
    title: str
    explains: str
    names: Literal["labels", "splits"] | tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Classes:
    """What the extractor's own last layer tells apart.

    names: of its classes; probabilities: turns (m, d) vectors into (m, classes).
    """

    names: Sequence[str]
    probabilities: Callable[[Floats], Floats]


@dataclass(frozen=True, slots=True)
class Inputs:
    """All that an analysis may look at; rows are 0..n-1 throughout. None: the dataset has none.

    vectors: returns (n, d) float32 as extracted, read only if it is called.
    labels, splits: (n,) codes from 0, -1 where missing.
    content: (n,) codes, equal where the files are equal byte for byte.
    sizes: (n, 2) width and height in pixels.
    alpha: (n, 5) how opaque the images are, see `read_alpha`.
    pictures: returns what was measured of the thumbnails, each (n,); they are read if it is called.
    classes: what the extractor's own last layer tells apart, if it has one and nothing is labelled.
    names: those of the codes of "labels" and of "splits".
    columns: what the analyses before this one have found, by column name.
    before: a column of the last run, (n,), -1 or NaN for images that are new or have changed since;
    None if there was none.
    settings_before: those of this analysis in the last run; None if there was none, or its code was
    of another version.
    """

    graph: Graph
    vectors: Callable[[], Floats]
    labels: Ints | None = None
    splits: Ints | None = None
    content: Ints | None = None
    sizes: Ints | None = None
    alpha: Floats | None = None
    pictures: Callable[[], Mapping[str, Values]] | None = None
    classes: Classes | None = None
    names: Mapping[str, Sequence[str]] = field(default_factory=dict)
    columns: Mapping[str, Values] = field(default_factory=dict)
    before: Callable[[str], Values | None] = lambda name: None  # noqa: ARG005
    settings_before: object = None


@dataclass(frozen=True, slots=True)
class ImageGroup:
    """What one code of a category column stands for.

    medoid: the row most typical of it, of those with its most frequent label. purity: the share of
    that label, NaN if none of its images has one.
    """

    code: int
    name: str
    medoid: int
    purity: float


@dataclass(frozen=True, slots=True)
class Result:
    """columns: by name, (n,) each, declared ones only; figures: numbers about the whole dataset.

    groups: by the name of a category column, of this or an earlier analysis, what its codes stand
    for.
    """

    columns: dict[str, Values]
    figures: dict[str, float] = field(default_factory=dict)
    groups: dict[str, list[ImageGroup]] = field(default_factory=dict)


S = TypeVar("S", bound=Settings)


@dataclass(frozen=True)
class Analysis(Generic[S]):
    """A declaration.

    name: also the prefix of its settings on the command line (`--set map.n_neighbors=30`).
    version: raise it when the code would give other values for the same inputs.
    settings: the defaults: numbers, each `within` its range, booleans and strings.
    needs: inputs, or names of analyses before this one; without one of them it is left out.
    columns: what it may yield; run: (inputs, settings) -> Result.
    uses: inputs that it looks at if they are there.
    """

    name: str
    version: int
    title: str
    explains: str
    settings: S
    needs: tuple[str, ...]
    columns: tuple[Column, ...]
    run: Callable[[Inputs, S], Result]
    uses: tuple[str, ...] = ()

    def with_settings(self, changes: Mapping[str, str]) -> S:
        """The settings with some of them changed, given as text.

        Raises UsageError for a setting that does not exist, a value that does not fit its type,
        and one that is out of range.
        """
        types = get_type_hints(type(self.settings))
        for name in changes:
            if name not in types:
                known = ", ".join(f"{self.name}.{each}" for each in types) or "nothing"
                raise UnknownNameError(f"There is no setting {self.name}.{name}. It has {known}.")
        parsed = {
            name: _parse(f"{self.name}.{name}", text, types[name]) for name, text in changes.items()
        }
        return dataclasses.replace(self.settings, **parsed)

    def settings_of(self, stored: Mapping[str, object], changes: Mapping[str, str] = {}) -> S:
        """The defaults, what columns were made with on top, and on top of that what is changed.

        Settings that there are no more are left out.
        """
        known = {each.name for each in dataclasses.fields(self.settings)}
        kept = {name: str(value) for name, value in stored.items() if name in known}
        return self.with_settings(kept | dict(changes))

    def fingerprint(self, settings: S, needed: Mapping[str, str]) -> str:
        """What its columns are made from, in 16 hex digits: if it differs, they are stale.

        `needed` holds the fingerprint of each of its `needs`, and of those of its `uses` that are
        there.
        """
        looked_at = [*self.needs, *(name for name in self.uses if name in needed)]
        origin = {
            "analysis": self.name,
            "version": self.version,
            "settings": dataclasses.asdict(settings),
            "needs": {name: needed[name] for name in looked_at},
        }
        return hashlib.sha256(json.dumps(origin, sort_keys=True).encode()).hexdigest()[:16]


def _parse(name: str, text: str, kind: type) -> object:
    if kind is bool:
        if text.lower() not in ("true", "false"):
            raise BadValueError(f"{name} is true or false, not {text!r}.")
        return text.lower() == "true"
    try:
        return kind(text)
    except ValueError:
        wanted = "a whole number" if kind is int else "a number"
        raise BadValueError(f"{name} is {wanted}, not {text!r}.") from None


def number(values: npt.ArrayLike) -> Floats:
    """As a "number" column is stored."""
    return np.asarray(values, dtype=np.float32)


def category(codes: npt.ArrayLike) -> Codes:
    """As a "category" column is stored."""
    return np.asarray(codes, dtype=np.int32)
