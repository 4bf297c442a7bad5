"""Principal components, by the covariance matrix of a sample: quick for any number of rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from explorer.analysis.vectors import Doubles, Floats

_SAMPLE = 20_000


@dataclass(frozen=True, slots=True)
class Pca:
    """mean: (d,); axes: (d, c) orthonormal, most variance first; variances: (c,)."""

    mean: Floats
    axes: Floats
    variances: Doubles

    def project(self, rows: Floats) -> Floats:
        """(n, d) rows to their (n, c) coordinates."""
        return np.asarray(rows @ self.axes - self.mean @ self.axes, dtype=np.float32)


def fit_pca(rows: Floats, components: int) -> Pca:
    """The first principal components of (n, d) rows, n ≥ 1; at most min(n - 1, d) of them.

    Fitted on at most 20,000 rows, always the same. The sign of an axis is such that its largest
    entry is positive, so that a map doesn't flip from run to run.
    """
    from scipy.linalg import eigh

    n, d = rows.shape
    if n > _SAMPLE:
        rows = rows[np.sort(np.random.default_rng(0).choice(n, _SAMPLE, replace=False))]
    mean = rows.mean(axis=0)
    centered = rows - mean
    count = min(components, len(rows) - 1, d)
    if count == 0:
        return Pca(mean, np.empty((d, 0), dtype=np.float32), np.empty(0))
    wide = len(rows) < d  # then the Gram matrix is smaller, and has the same eigenvalues
    products = (centered @ centered.T if wide else centered.T @ centered).astype(np.float64)
    values, vectors = eigh(products, subset_by_index=[len(products) - count, len(products) - 1])
    axes = centered.T @ vectors if wide else vectors
    axes = axes[:, ::-1] / np.maximum(np.linalg.norm(axes[:, ::-1], axis=0), 1e-12)
    largest = np.abs(axes).argmax(axis=0)
    axes = axes * np.sign(axes[largest, np.arange(axes.shape[1])])
    variances = np.maximum(values[::-1], 0) / (len(rows) - 1)
    return Pca(mean, axes.astype(np.float32), variances)
