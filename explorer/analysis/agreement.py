"""How far two spaces agree on the same images: image by image, and as a whole.

As a whole: linear centred kernel alignment (Kornblith, Norouzi, Lee, Hinton, "Similarity of neural
network representations revisited", 2019), debiased (Song et al., "Feature selection via dependence
maximization", 2012): where there are fewer images than dimensions, the plain one finds any two
spaces alike.
"""

from __future__ import annotations

import numpy as np

from explorer.analysis.graph import Graph
from explorer.analysis.vectors import Doubles, Floats, unit_rows

_FEWEST = 4  # images, for the debiased estimate


def neighbor_overlap(first: Graph, second: Graph, *, k: int) -> Floats:
    """The share of each image's k nearest that are the same in both graphs: (n,) float32, 0 to 1.

    Both graphs are over the same rows. NaN where there are no neighbours to compare.
    """
    width = min(k, first.k, second.k)
    if width == 0:
        return np.full(len(first), np.nan, dtype=np.float32)
    both = np.hstack([first.neighbors[:, :width], second.neighbors[:, :width]])
    both.sort(axis=1)
    same = (both[:, 1:] == both[:, :-1]).sum(axis=1)
    return np.asarray(same / width, dtype=np.float32)


def linear_cka(first: Floats, second: Floats) -> float:
    """How alike (n, d1) and (n, d2) vectors of the same images are: 1 the same, 0 unrelated.

    Turning or scaling a space as a whole changes nothing. Vectors are compared at length one, as
    everywhere in Explorer. In feature space: n · d1 · d2 operations. NaN for fewer than four images
    and for a space in which all images are the same.
    """
    n = len(first)
    if n < _FEWEST:
        return float("nan")
    one, other = (_centered(each) for each in (first, second))
    scale = _dependence(one, one) * _dependence(other, other)
    if not scale > 0:
        return float("nan")
    return float(np.clip(_dependence(one, other) / np.sqrt(scale), 0, 1))


def _centered(vectors: Floats) -> Doubles:
    unit = unit_rows(vectors).astype(np.float64)
    centered: Doubles = unit - unit.mean(axis=0)
    return centered


def _dependence(one: Doubles, other: Doubles) -> float:
    """The Hilbert-Schmidt independence criterion of centred rows, debiased, up to a factor."""
    n = len(one)
    products = float(((one.T @ other) ** 2).sum())
    own = [(each**2).sum(axis=1) for each in (one, other)]
    bias = n / (n - 2) * float(own[0] @ own[1])
    return products - bias + float(own[0].sum() * own[1].sum()) / ((n - 1) * (n - 2))
