"""What the neighbours of images say, for pages that tell why an image is listed."""

import numpy as np
import numpy.typing as npt

from explorer.analysis import Graph
from explorer.curate import NOBODY


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
