"""The stored neighbour graph in rows of a space, and the near-duplicates in it."""

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc

from explorer.analysis import (
    DUPLICATES,
    VERSIONS_FROM,
    Duplicates,
    Graph,
    Pictures,
    close_pairs,
    duplicate_kinds,
    keeper_quality,
    leak_partners,
    near_duplicates,
    read_alpha,
    read_pictures,
    surplus_pictures,
)
from explorer.store import Rows, Space, cached_per_snapshot

NOBODY = -1.0  # the similarity at a place that holds no neighbour


@cached_per_snapshot(2)
def row_graph(space: Space) -> Graph:
    """The graph of a space: neighbours (n, k) as rows, similarities (n, k).

    Where a neighbour has left the source, or the image is newer than the graph, the place holds the
    image itself, at similarity -1.
    """
    stored = space.graph()
    here = space.image_ids
    k = stored.neighbor_ids.shape[1]
    neighbors = np.repeat(np.arange(len(here))[:, None], k, axis=1)
    similarities = np.full((len(here), k), NOBODY, np.float32)
    if not len(here):
        return Graph(neighbors, similarities)
    old = np.flatnonzero(np.isin(stored.image_ids, here))
    rows = np.searchsorted(here, stored.image_ids[old])
    theirs = np.minimum(np.searchsorted(here, stored.neighbor_ids[old]), len(here) - 1)
    present = here[theirs] == stored.neighbor_ids[old]
    neighbors[rows] = np.where(present, theirs, rows[:, None])
    similarities[rows] = np.where(present, stored.similarities[old], NOBODY)
    return Graph(neighbors, similarities)


def graph_among(graph: Graph, rows: Rows) -> Graph:
    """The graph among some rows, numbered anew: what is not one of them is no neighbour."""
    place = np.full(len(graph), -1, np.int64)
    place[rows] = np.arange(len(rows))
    neighbors = place[graph.neighbors[rows]]
    similarities = np.where(neighbors >= 0, graph.similarities[rows], NOBODY).astype(np.float32)
    return Graph(np.maximum(neighbors, 0), similarities)


def duplicate_threshold(space: Space) -> float:
    """The similarity from which two images of a space are near-duplicates, as it was analysed."""
    if "duplicate_group" not in space.column_names:
        return VERSIONS_FROM
    return threshold_of(space, "duplicate_group", "duplicate_threshold")


def threshold_of(space: Space, column: str, figure: str) -> float:
    """The similarity that a column was made with: its analysis tells it as a figure.

    Older ones told no figure, and took the setting as it is.
    """
    made = space.made_by(column)
    return float(made.figures[figure] if figure in made.figures else made.parameters["threshold"])


@cached_per_snapshot(2)
def space_pictures(space: Space) -> Pictures:
    """What tells versions of one picture: no hash is known where none has been computed."""
    names = set(space.column_names)
    hashes: list[str | None] = [None] * len(space)
    if "picture_hash" in names:
        hashes = space.column("picture_hash").tolist()
    content = np.unique(space.column("content_hash").astype(str), return_inverse=True)[1]
    contrast = space.column("contrast") if "contrast" in names else None
    alpha = read_alpha(space.column("alpha_means").tolist())
    return read_pictures(hashes, contrast=contrast, alpha=alpha, content=content)


def _bits(space: Space) -> int:
    """How many bits of the hashes may differ in versions, as it was analysed."""
    is_made = "duplicate_group" in space.column_names
    made_with = space.made_by("duplicate_group").parameters if is_made else {}
    return DUPLICATES.settings_of(made_with).bits


def near_duplicates_among(space: Space, rows: Rows, threshold: float) -> tuple[Duplicates, Rows]:
    """Groups of near-duplicates among some rows (see `near_duplicates`), and the rows they are of.

    Only the vectors of rows that may be in a group are read. The keeper of each group is the
    largest picture, then the sharpest.
    """
    graph = graph_among(row_graph(space), rows)
    pictures = space_pictures(space).among(rows)
    pairs = np.concatenate([close_pairs(graph, threshold, pictures), pictures.row_links()])
    places = np.unique(pairs)
    close = rows[places]
    sizes = [pc.fill_null(space.arrow_column(name), 0) for name in ("width", "height")]
    found = near_duplicates(
        graph_among(graph, places),
        space.vectors(close),
        threshold=threshold,
        quality=keeper_quality(
            np.stack([each.to_numpy() for each in sizes], axis=1).astype(np.int64)[close],
            _sharpness(space)[close],
        ),
        pictures=pictures.among(places),
        bits=_bits(space),
    )
    return found, close


def kinds_among(
    space: Space, found: Duplicates, rows: Rows
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.bool_]]:
    """What each of the rows is to its keeper, by the stored setting, and whether it may go.

    See `duplicate_kinds` and `surplus_pictures`.
    """
    kinds = duplicate_kinds(found, space_pictures(space).among(rows), bits=_bits(space))
    names = set(space.column_names)
    seen = "brightness" in names and not np.isnan(space.column("brightness")).all()
    return kinds, surplus_pictures(found, kinds, seen=seen)


def _sharpness(space: Space) -> npt.NDArray[np.float32]:
    if "sharpness" in space.column_names:
        values: npt.NDArray[np.float32] = space.column("sharpness").astype(np.float32)
        return values
    return np.full(len(space), np.nan, np.float32)


def leaks_of(space: Space, splits: Rows, threshold: float) -> Rows:
    """For every image one in another split that shows the same (see `leak_partners`); -1: none."""
    pictures = space_pictures(space)
    return leak_partners(row_graph(space), splits, threshold=threshold, pictures=pictures)
