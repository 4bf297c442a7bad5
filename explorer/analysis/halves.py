"""What a group of vectors falls into when it has to fall into two."""

from __future__ import annotations

import numpy as np

from explorer.analysis.vectors import Floats, unit_rows

_STEPS = 25
_TRIES = 3  # the best of so many starts


def two_centers(vectors: Floats) -> Floats:
    """The centres of two halves of (n, d) vectors by cosine: (2, d) float32 of length 1, n > 1.

    Spherical k-means (Dhillon, Modha, "Concept decompositions for large sparse text data using
    clustering", 2001), by faiss. The same for the same vectors.
    """
    import faiss

    unit = unit_rows(vectors)
    means = faiss.Kmeans(
        unit.shape[1],
        2,
        spherical=True,
        niter=_STEPS,
        nredo=_TRIES,
        seed=1,
        min_points_per_centroid=1,
        max_points_per_centroid=len(unit),
    )
    means.train(unit)
    return np.asarray(means.centroids, np.float32)
