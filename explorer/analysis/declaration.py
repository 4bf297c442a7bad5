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
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_type_hints

import numpy as np
import numpy.typing as npt

from explorer.analysis.graph import Graph
from explorer.analysis.vectors import Floats, Ints
from explorer.errors import UsageError

Input = Literal["graph", "vectors", "labels", "splits", "content", "pixels"]


@dataclass(frozen=True, slots=True)
class Column:
    """One value per image.

    A "number" is float32, NaN where there is none. A "category" is int32, -1 where there is none;
    `names` says whose codes they are ("labels", "splits"), or None if they are plain numbers.
    `explains` is one sentence for the person who meets the column in the app.
    """

    name: str
    kind: Literal["number", "category"]
    title: str
    explains: str
    names: Literal["labels", "splits"] | None = None


@dataclass(frozen=True, slots=True)
class Inputs:
    """All that an analysis may look at; rows are 0..n-1 throughout. None: the dataset has none.

    vectors: returns (n, d) float32 as extracted, read only if it is called.
    labels, splits: (n,) codes from 0, -1 where missing.
    content: (n,) codes, equal where the files are equal byte for byte.
    pixels: (n,) width times height.
    columns: what the analyses before this one have found, by column name.
    """

    graph: Graph
    vectors: Callable[[], Floats]
    labels: Ints | None = None
    splits: Ints | None = None
    content: Ints | None = None
    pixels: Ints | None = None
    columns: Mapping[str, npt.NDArray[Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Result:
    """columns: by name, (n,) each, declared ones only; figures: numbers about the whole dataset."""

    columns: dict[str, npt.NDArray[Any]]
    figures: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Analysis:
    """A declaration.

    name: also the prefix of its settings on the command line (`--set map.n_neighbors=30`).
    version: raise it when the code would give other values for the same inputs.
    settings: a frozen dataclass holding the defaults (numbers, booleans, strings).
    needs: inputs, or names of analyses before this one; without one of them it is left out.
    columns: what it may yield; run: (inputs, settings) -> Result.
    """

    name: str
    version: int
    title: str
    explains: str
    settings: Any
    needs: tuple[str, ...]
    columns: tuple[Column, ...]
    run: Callable[[Inputs, Any], Result]

    def with_settings(self, changes: Mapping[str, str]) -> Any:
        """The settings with some of them changed, given as text.

        Raises UsageError for a setting that does not exist or a value that does not fit its type.
        """
        types = get_type_hints(type(self.settings))
        for name in changes:
            if name not in types:
                known = ", ".join(f"{self.name}.{each}" for each in types) or "nothing"
                raise UsageError(f"There is no setting {self.name}.{name}. It has {known}.")
        parsed = {
            name: _parse(f"{self.name}.{name}", text, types[name]) for name, text in changes.items()
        }
        return dataclasses.replace(self.settings, **parsed)

    def fingerprint(self, settings: Any, needed: Mapping[str, str]) -> str:
        """What its columns are made from, in 16 hex digits: if it differs, they are stale.

        `needed` holds the fingerprint of each of its `needs`.
        """
        origin = {
            "analysis": self.name,
            "version": self.version,
            "settings": dataclasses.asdict(settings),
            "needs": {name: needed[name] for name in self.needs},
        }
        return hashlib.sha256(json.dumps(origin, sort_keys=True).encode()).hexdigest()[:16]


def _parse(name: str, text: str, kind: type) -> Any:
    if kind is bool:
        if text.lower() not in ("true", "false"):
            raise UsageError(f"{name} is true or false, not {text!r}.")
        return text.lower() == "true"
    try:
        return kind(text)
    except ValueError:
        wanted = "a whole number" if kind is int else "a number"
        raise UsageError(f"{name} is {wanted}, not {text!r}.") from None


def number(values: npt.ArrayLike) -> npt.NDArray[np.float32]:
    """As a "number" column is stored."""
    return np.asarray(values, dtype=np.float32)


def category(codes: npt.ArrayLike) -> npt.NDArray[np.int32]:
    """As a "category" column is stored."""
    return np.asarray(codes, dtype=np.int32)
