"""Duplicates: exact by content, near by similarity, in groups that never chain.

A group has a keeper, and every member is within the threshold of *it*: a slow pan over fifty
photos, each like the one before, does not become one group.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from explorer.analysis.declaration import Analysis, Column, Inputs, Result, category, number
from explorer.analysis.graph import Graph
from explorer.analysis.vectors import Floats, Ints, unit_rows

NONE = -1


@dataclass(frozen=True, slots=True)
class DuplicateSettings:
    """threshold: the cosine similarity from which two images are near-duplicates.

    0.9: with the default extractor, photos recompressed, resized, cropped by 5 % or made brighter
    stay above it, and pairs of different photos below. Other extractors differ: look at the
    histogram of `nearest_similarity`.
    """

    threshold: float = 0.9


@dataclass(frozen=True, slots=True)
class Duplicates:
    """group: (n,) int32, -1 for none, numbered by the keeper's row.

    keeper: (n,) bool, true for the one of each group to keep. similarity: (n,) float32, to the
    group's keeper; 1 for itself, NaN outside groups.
    """

    group: npt.NDArray[np.int32]
    keeper: npt.NDArray[np.bool_]
    similarity: Floats

    def lowest(self) -> Floats:
        """The lowest similarity to the keeper within each group: (groups,) float32."""
        lowest = np.ones(int(self.group.max(initial=NONE)) + 1, dtype=np.float32)
        grouped = self.group != NONE
        np.minimum.at(lowest, self.group[grouped], self.similarity[grouped])
        return lowest


def near_duplicates(
    graph: Graph, vectors: Floats, *, threshold: float, quality: npt.ArrayLike
) -> Duplicates:
    """Group images that look the same to the extractor.

    The image with the highest `quality` (n,) takes what is within the threshold of it, reached
    along the graph; then the best of those that are left, and so on. Ties go to the first row.
    """
    unit = unit_rows(vectors)
    links = _links(graph, threshold)
    n = len(graph)
    keeper_of = np.full(n, NONE, dtype=np.int64)
    similarity = np.full(n, np.nan, dtype=np.float32)
    linked = np.flatnonzero(np.diff(links.indptr))
    order = linked[np.lexsort((linked, -np.asarray(quality, dtype=np.float64)[linked]))]
    for keeper in order.tolist():
        if keeper_of[keeper] != NONE:
            continue
        for rows, values in _reach(keeper, unit, links, keeper_of, threshold):
            keeper_of[rows], similarity[rows] = keeper, values
    return _numbered(keeper_of, similarity)


def _links(graph: Graph, threshold: float) -> Any:
    """The graph's edges at or above the threshold, both ways, as a CSR matrix."""
    from scipy.sparse import csr_array

    n = len(graph)
    row, place = np.nonzero(graph.similarities >= threshold)
    there = csr_array(
        (np.ones(len(row), dtype=np.int8), (row, graph.neighbors[row, place])), shape=(n, n)
    )
    return (there + there.T).tocsr()


def _reach(
    keeper: int, unit: Floats, links: Any, keeper_of: Ints, threshold: float
) -> Iterator[tuple[Ints, Floats]]:
    """Walk the links from the keeper, on from those only that are close to the keeper itself."""
    seen = {keeper}
    front = np.array([keeper])
    yield front, np.ones(1, dtype=np.float32)
    while len(front):
        linked = np.unique(links[front].indices).tolist()
        new = [row for row in linked if row not in seen and keeper_of[row] == NONE]
        seen.update(new)
        rows = np.array(new, dtype=np.int64)
        values = np.clip(np.round(unit[rows] @ unit[keeper], 6), -1, 1)
        close = values >= threshold
        front = rows[close]
        yield front, values[close]


def _numbered(keeper_of: Ints, similarity: Floats) -> Duplicates:
    keepers, sizes = np.unique(keeper_of[keeper_of != NONE], return_counts=True)
    grouped = np.isin(keeper_of, keepers[sizes > 1])
    group = np.full(len(keeper_of), NONE, dtype=np.int32)
    group[grouped] = np.unique(keeper_of[grouped], return_inverse=True)[1]
    keeper = grouped & (keeper_of == np.arange(len(keeper_of)))
    return Duplicates(group, keeper, np.where(grouped, similarity, np.nan).astype(np.float32))


def exact_duplicates(content: Ints) -> npt.NDArray[np.int32]:
    """Groups of equal content codes (n,): (n,) int32, -1 for content that occurs once."""
    _, code, counts = np.unique(content, return_inverse=True, return_counts=True)
    repeated = counts > 1
    numbers = np.where(repeated, np.cumsum(repeated) - 1, NONE)
    return np.asarray(numbers[code], dtype=np.int32)


def _run(inputs: Inputs, settings: DuplicateSettings) -> Result:
    assert inputs.content is not None
    assert inputs.pixels is not None
    near = near_duplicates(
        inputs.graph, inputs.vectors(), threshold=settings.threshold, quality=inputs.pixels
    )
    exact = exact_duplicates(inputs.content)
    graph = inputs.graph
    nearest = graph.similarities[:, 0] if graph.k else np.full(len(graph), np.nan)
    columns = {
        "nearest_similarity": number(nearest),
        "duplicate_group": category(near.group),
        "duplicate_similarity": number(near.similarity),
        "duplicate_surplus": category((near.group != NONE) & ~near.keeper),
        "exact_group": category(exact),
    }
    figures = {
        "duplicate_groups": float(near.group.max(initial=NONE) + 1),
        "duplicate_surplus": float(columns["duplicate_surplus"].sum()),
        "exact_groups": float(exact.max(initial=NONE) + 1),
    }
    return Result(columns, figures)


DUPLICATES = Analysis(
    name="duplicates",
    version=2,
    title="Duplicates",
    explains="The same picture more than once, byte for byte or nearly.",
    settings=DuplicateSettings(),
    needs=("graph", "vectors", "content", "pixels"),
    columns=(
        Column(
            "nearest_similarity",
            "number",
            "Nearest similarity",
            "Cosine similarity to the most similar other image; 1 is the same to the extractor.",
        ),
        Column(
            "duplicate_group",
            "category",
            "Duplicate group",
            "Images that are nearly the same picture; each is within the threshold of the one "
            "to keep.",
        ),
        Column(
            "duplicate_similarity",
            "number",
            "Similarity to the keeper",
            "Cosine similarity to the image of the group that would be kept.",
        ),
        Column(
            "duplicate_surplus",
            "category",
            "Surplus duplicate",
            "1 if a larger picture of the same group would be kept instead of this one.",
        ),
        Column(
            "exact_group",
            "category",
            "Exact copies",
            "Files that are equal byte for byte.",
        ),
    ),
    run=_run,
)
