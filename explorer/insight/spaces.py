"""Two spaces of one dataset beside each other."""

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from explorer.analysis import neighbor_overlap, unit_rows
from explorer.probe import OVERLAP, graph_of
from explorer.store import Space


@lru_cache(maxsize=4)
def shared_neighbors(
    first: Space, second: Space
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    """The images of both spaces, and the share of their nearest that both agree on."""
    ids = np.intersect1d(first.image_ids, second.image_ids)
    graphs = [graph_of(space, ids) for space in (first, second)]
    return ids, neighbor_overlap(*graphs, k=OVERLAP)


def similarities(vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """The cosines (m, m) between vectors (m, d)."""
    unit = unit_rows(vectors)
    return np.asarray(np.clip(unit @ unit.T, -1, 1), np.float32)
