"""UMAP's fuzzy set: how surely two images belong together, from their distances in the graph.

McInnes, Healy, Melville, "UMAP: Uniform Manifold Approximation and Projection for dimension
reduction", 2018, sections 3.1 and 4.1. The same as umap-learn's, which a test holds, without what
that has to compile first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from explorer.analysis.graph import Graph
from explorer.analysis.vectors import Doubles

if TYPE_CHECKING:
    from scipy.sparse import csr_array


_CLOSE = 1e-5
_HALVINGS = 64
_LEAST = 1e-3  # of the mean distance, a scale must be


def fuzzy_set(graph: Graph, n_neighbors: int) -> csr_array:
    """The certainty of each pair, a symmetric sparse (n, n) float32 array of values up to 1.

    Of the graph's nearest `n_neighbors` - 1, as umap-learn counts the image itself.
    """
    from scipy.sparse import csr_array

    near = graph.nearest(n_neighbors - 1)
    n, k = near.neighbors.shape
    distances = (1 - near.similarities).astype(np.float64)
    nearest = np.where(distances > 0, distances, np.inf).min(axis=1)
    nearest[np.isinf(nearest)] = 0  # of copies alone
    beyond = np.maximum(distances - nearest[:, None], 0)
    mean = np.where(nearest > 0, distances.sum(axis=1), distances.sum() / n) / (k + 1)
    scale = np.maximum(_scales(beyond, np.log2(k + 1)), _LEAST * mean)
    with np.errstate(divide="ignore", invalid="ignore"):
        certain = np.where(beyond > 0, np.exp(-beyond / scale[:, None]), 1)
    starts = np.arange(n + 1) * k
    one_way = csr_array(
        (certain.astype(np.float32).ravel(), near.neighbors.ravel(), starts), (n, n)
    )
    other_way = one_way.T.tocsr()
    both = (one_way + other_way - one_way * other_way).tocsr()
    both.eliminate_zeros()
    both.sort_indices()
    return both


def _scales(beyond: Doubles, wanted: float) -> Doubles:
    """The scale of each row at which its certainties add up to what is wanted, by bisection."""
    low, high, scale = np.zeros(len(beyond)), np.full(len(beyond), np.inf), np.ones(len(beyond))
    open_ = np.arange(len(beyond))
    for _ in range(_HALVINGS):
        total = np.exp(-beyond[open_] / scale[open_, None]).sum(axis=1)
        far = np.abs(total - wanted) >= _CLOSE
        open_, too_much = open_[far], total[far] > wanted
        if not len(open_):
            break
        high[open_] = np.where(too_much, scale[open_], high[open_])
        low[open_] = np.where(too_much, low[open_], scale[open_])
        unbounded = np.isinf(high[open_])
        scale[open_] = np.where(unbounded, 2 * scale[open_], (low[open_] + high[open_]) / 2)
    return scale
