"""Duplicates: exact by content, near by similarity or by their pixels, in groups that never chain.

A group has a keeper, and every member is within the threshold of *it*, or shows the same picture
as it: a slow pan over fifty photos, each like the one before, does not become one group. What the
extractor finds alike may be the same picture or a similar one, and what it finds unlike may be the
same picture made smaller or turned; the pixels tell (see explorer/analysis/pictures.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from explorer.analysis.declaration import Analysis, Column, Inputs, Result, category, number
from explorer.analysis.graph import Graph
from explorer.analysis.hashes import TURNED_BITS
from explorer.analysis.pictures import Pictures, close_pairs, pictures_of
from explorer.analysis.ranges import Settings, within
from explorer.analysis.vectors import Bools, Codes, Floats, Ints, unit_rows
from explorer.analysis.versions import FITS_THE_SPACE, version_threshold

NONE = -1

KINDS = ("exact copy", "same picture", "mirrored or turned", "look-alike")
EXACT, SAME_PICTURE, TURNED, LOOK_ALIKE = range(len(KINDS))


@dataclass(frozen=True, slots=True)
class DuplicateSettings(Settings):
    """threshold: the cosine similarity from which two images are near-duplicates; 0: what fits the
    space, see `version_threshold`.

    bits: how many of the 64 bits of their hashes may differ between versions of one picture that
    are so similar.
    """

    prefix = "duplicates"
    threshold: float = within(FITS_THE_SPACE, 0, 1)
    bits: int = within(14, 0, 64)


@dataclass(frozen=True, slots=True)
class Duplicates:
    """group: (n,) int32, -1 for none, numbered by the keeper's row.

    keeper: (n,) bool, true for the one of each group to keep. similarity: (n,) float32, to the
    group's keeper; 1 for itself, NaN outside groups.
    """

    group: Codes
    keeper: Bools
    similarity: Floats

    def lowest(self) -> Floats:
        """The lowest similarity to the keeper within each group: (groups,) float32."""
        lowest = np.ones(int(self.group.max(initial=NONE)) + 1, dtype=np.float32)
        grouped = self.group != NONE
        np.minimum.at(lowest, self.group[grouped], self.similarity[grouped])
        return lowest

    def keepers(self) -> Ints:
        """The row of the keeper of each group: (groups,) int64."""
        return np.flatnonzero(self.keeper)  # groups are numbered by it


def near_duplicates(
    graph: Graph,
    vectors: Floats,
    *,
    threshold: float,
    quality: npt.ArrayLike,
    pictures: Pictures,
    bits: int = 14,
) -> Duplicates:
    """Group images that show the same picture, and then those that look the same to the extractor.

    The image with the highest `quality` (n,) takes what shows the same picture by its pixels,
    reached along the graph and the links between pictures; then the best of those that are left,
    and so on. Then, in the same order, each takes what is within the threshold of it and in no
    group yet. Ties go to the first row. Of what is within the threshold, `bits` of the hashes may
    differ in versions of one picture.
    """
    unit = unit_rows(vectors)
    links = _links(graph, threshold, pictures)
    found = _Found(np.full(len(graph), NONE), np.full(len(graph), np.nan, np.float32))
    linked = np.flatnonzero(np.diff(links[0]))
    order = linked[np.lexsort((linked, -np.asarray(quality, dtype=np.float64)[linked]))]

    def same(rows: Ints, keepers: Ints, values: Floats) -> Bools:
        versions = (values >= threshold) & (pictures.upright(rows, keepers) <= bits)
        return versions | pictures.same(rows, keepers, values)

    _gather(found, unit, links, order, same)
    _gather(found, unit, links, order, lambda _rows, _keepers, values: values >= threshold)
    return _numbered(found.keeper_of, found.similarity)


@dataclass(frozen=True, slots=True)
class _Found:
    """keeper_of: (n,) the row of the keeper, NONE so far; similarity: (n,) to it."""

    keeper_of: Ints
    similarity: Floats


def _gather(
    found: _Found,
    unit: Floats,
    links: tuple[Ints, Ints],
    order: Ints,
    is_close: Callable[[Ints, Ints, Floats], Bools],
) -> None:
    """Give each row in turn, unless another has it, all free ones that are close to it."""
    starts, others = links
    keeper_of = found.keeper_of
    seen_by = np.full(len(keeper_of), NONE)
    for keeper in order.tolist():
        if keeper_of[keeper] not in (NONE, keeper):
            continue
        front, seen_by[keeper] = [keeper], keeper
        while front:  # on from those only that are close to the keeper itself
            reached = np.concatenate([others[starts[row] : starts[row + 1]] for row in front])
            new = np.unique(reached[(keeper_of[reached] == NONE) & (seen_by[reached] != keeper)])
            seen_by[new] = keeper
            values = np.clip(np.round(unit[new] @ unit[keeper], 6), -1, 1)
            close = is_close(new, np.full(len(new), keeper), values)
            front = new[close].tolist()
            if front:
                keeper_of[keeper], found.similarity[keeper] = keeper, 1
                keeper_of[front], found.similarity[front] = keeper, values[close]


def _links(graph: Graph, threshold: float, pictures: Pictures) -> tuple[Ints, Ints]:
    """The graph's edges that may join two images, and the links between pictures, both ways.

    Row i is linked to others[starts[i] : starts[i + 1]].
    """
    pairs = np.concatenate([close_pairs(graph, threshold, pictures), pictures.row_links()])
    here, there = np.concatenate([pairs, pairs[:, ::-1]]).T
    starts = np.concatenate([[0], np.cumsum(np.bincount(here, minlength=len(graph)))])
    return starts, there[np.argsort(here, kind="stable")]


def _numbered(keeper_of: Ints, similarity: Floats) -> Duplicates:
    keepers, sizes = np.unique(keeper_of[keeper_of != NONE], return_counts=True)
    grouped = np.isin(keeper_of, keepers[sizes > 1])
    group = np.full(len(keeper_of), NONE, dtype=np.int32)
    group[grouped] = np.unique(keeper_of[grouped], return_inverse=True)[1]
    keeper = grouped & (keeper_of == np.arange(len(keeper_of)))
    return Duplicates(group, keeper, np.where(grouped, similarity, np.nan).astype(np.float32))


def keeper_quality(sizes: Ints, sharpness: npt.NDArray[np.floating]) -> Ints:
    """Which picture is worth keeping: (n,) ranks, higher for more pixels, then for sharper.

    sizes: (n, 2) width and height; sharpness: (n,), NaN where it is not known.
    """
    worth = np.stack([sizes.prod(axis=1), np.nan_to_num(sharpness)], axis=1)
    return np.asarray(np.unique(worth, axis=0, return_inverse=True)[1].reshape(len(sizes)))


def duplicate_kinds(found: Duplicates, pictures: Pictures, *, bits: int) -> Codes:
    """What each image of a group is to the group's keeper: (n,) int32, a place in KINDS.

    -1 for the keepers themselves, outside groups, and where a hash is not known. Of the hashes
    `bits` may differ between versions of one picture.
    """
    kinds = np.full(len(found.group), NONE, dtype=np.int32)
    rows = np.flatnonzero((found.group != NONE) & ~found.keeper)
    keepers = found.keepers()[found.group[rows]]
    turned = pictures.otherwise(rows, keepers) <= TURNED_BITS
    kinds[rows] = np.where(turned, TURNED, LOOK_ALIKE)
    kinds[rows[pictures.upright(rows, keepers) <= bits]] = SAME_PICTURE
    kinds[rows[~(pictures.known[rows] & pictures.known[keepers])]] = NONE
    kinds[rows[pictures.content[rows] == pictures.content[keepers]]] = EXACT
    return kinds


def surplus_pictures(found: Duplicates, kinds: Codes, *, seen: bool = True) -> Bools:
    """Which images may go, because a better one of the same picture is there: (n,).

    What only looks alike stays. Where no picture was ever seen, only vectors, there is nothing but
    the similarity to go by.
    """
    members = (found.group != NONE) & ~found.keeper
    return members & np.isin(kinds, (EXACT, SAME_PICTURE, TURNED)) if seen else members


def exact_duplicates(content: Ints) -> Codes:
    """Groups of equal content codes (n,): (n,) int32, -1 for content that occurs once."""
    _, code, counts = np.unique(content, return_inverse=True, return_counts=True)
    repeated = counts > 1
    numbers = np.where(repeated, np.cumsum(repeated) - 1, NONE)
    return np.asarray(numbers[code], dtype=np.int32)


def _run(inputs: Inputs, settings: DuplicateSettings) -> Result:
    assert inputs.content is not None
    assert inputs.sizes is not None
    graph = inputs.graph
    quality = keeper_quality(inputs.sizes, inputs.columns["sharpness"])
    vectors = inputs.vectors()
    pictures = pictures_of(inputs)
    threshold = settings.threshold or version_threshold(vectors, pictures.groups())
    near = near_duplicates(
        graph, vectors, threshold=threshold, quality=quality, pictures=pictures, bits=settings.bits
    )
    kinds = duplicate_kinds(near, pictures, bits=settings.bits)
    seen = not np.isnan(inputs.columns["brightness"]).all()
    surplus = surplus_pictures(near, kinds, seen=seen)
    exact = exact_duplicates(inputs.content)
    nearest = graph.similarities[:, 0] if graph.k else np.full(len(graph), np.nan)
    columns = {
        "nearest_similarity": number(nearest),
        "duplicate_group": category(near.group),
        "duplicate_kind": category(kinds),
        "duplicate_similarity": number(near.similarity),
        "duplicate_surplus": category(surplus),
        "exact_group": category(exact),
    }
    figures = {
        "duplicate_threshold": threshold,
        "duplicate_groups": float(near.group.max(initial=NONE) + 1),
        "duplicate_surplus": float(surplus.sum()),
        "exact_groups": float(exact.max(initial=NONE) + 1),
    }
    return Result(columns, figures)


DUPLICATES = Analysis(
    name="duplicates",
    version=7,
    title="Duplicates",
    explains="The same picture more than once, byte for byte or nearly.",
    settings=DuplicateSettings(),
    needs=("graph", "vectors", "content", "sizes", "measures"),
    uses=("alpha",),
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
            "to keep, or shows the same picture by its pixels.",
        ),
        Column(
            "duplicate_kind",
            "category",
            "Kind of duplicate",
            "What the image is to the one its group would keep: the same file, the same picture "
            "(recompressed, resized, slightly cropped or brightened), the same mirrored or turned, "
            "or another picture that looks alike to the extractor. None for the one to keep.",
            names=KINDS,
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
            "1 if a larger or sharper version of the same picture is there. What only looks alike "
            "is no surplus.",
        ),
        Column("exact_group", "category", "Exact copies", "Files that are equal byte for byte."),
    ),
    run=_run,
)
