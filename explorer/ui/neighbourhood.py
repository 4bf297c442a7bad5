"""The stored neighbour graph in rows of a space, for pages that say why an image is listed."""

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from explorer.analysis import Graph
from explorer.store import Space

NOBODY = -1.0  # the similarity at a place that holds no neighbour


@lru_cache(maxsize=2)
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


def nearest_votes(
    graph: Graph, rows: npt.NDArray[np.int64], codes: npt.NDArray[np.int64], *, voters: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """What the nearest neighbours with a code (0 or more) say of each of some rows (m,).

    Returns the commonest code (m,), -1 if nobody has one; how many of the voters have it (m,); and
    how many voters there are (m,), at most `voters`.
    """
    theirs = np.where(graph.similarities[rows] > NOBODY, codes[graph.neighbors[rows]], -1)
    heard = (theirs >= 0) & (np.cumsum(theirs >= 0, axis=1) <= voters)
    votes = np.zeros((len(rows), int(codes.max(initial=-1)) + 2), np.int64)
    row, place = np.nonzero(heard)
    np.add.at(votes, (row, theirs[row, place]), 1)
    winners = votes.argmax(axis=1)
    counts = votes.max(axis=1)
    return np.where(counts > 0, winners, -1), counts, heard.sum(axis=1)
