"""Single dimensions of a space: their names, and which of them stand out."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
import numpy.typing as npt

from explorer.analysis import standing_out, stands_out_by_chance
from explorer.insight.columns import categories
from explorer.search import dimension_names
from explorer.store import Space

MOST_READ = 20_000  # images: more are represented by as many, drawn at random
OFFERED = 12  # dimensions
COMPARED = 1_000  # images of a label, and as many others: enough to see a fifth of a deviation

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class DimensionChoice:
    """Which dimensions to offer: what varies most, or what a photo or a label has most."""

    kind: Literal["vary", "query", "label"]
    of: str = ""

    @property
    def title(self) -> str:
        """In words."""
        if self.kind == "vary":
            return "in which images differ most"
        return f"strong in #{self.of}" if self.kind == "query" else f"strong in {self.of}"


def dimension_title(space: Space, number: int) -> str:
    """A dimension's name, or its number."""
    names = dimension_names(space)
    return names[number] if names else f"channel {number}"


@lru_cache(maxsize=64)
def offered(space: Space, way: DimensionChoice) -> list[int]:
    """The dimensions that stand out most; of a label only those that could hardly be chance."""
    rows, vectors = looked_at(space)
    least = -np.inf
    if way.kind == "vary":
        scores = vectors.std(axis=0)
    elif way.kind == "query":
        scores = standing_out(vectors, rows == space.row(int(way.of)))
    else:
        named = categories(space, "label")
        chosen = named.codes[rows] == named.names.index(way.of)
        some = np.concatenate([_some(np.flatnonzero(chosen)), _some(np.flatnonzero(~chosen))])
        vectors, chosen = vectors[some], chosen[some]
        scores = standing_out(vectors, chosen)
        least = stands_out_by_chance(vectors, chosen)
    first = np.argsort(-scores, kind="stable")[:OFFERED]
    return [int(number) for number in first if scores[number] > least]


def _some(rows: Ints) -> Ints:
    return rows[:: max(1, -(-len(rows) // COMPARED))]


@lru_cache(maxsize=2)
def looked_at(space: Space) -> tuple[Ints, Floats]:
    """Rows of the space, all of them or enough, and their vectors as extracted."""
    rows = np.arange(len(space))
    if len(rows) > MOST_READ:
        rows = np.sort(np.random.default_rng(0).choice(rows, MOST_READ, replace=False))
    return rows, space.vectors(rows)
