"""What every analysis does first: rows of length one, and no NaN among them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from explorer.errors import ExtractorError

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

_BLOCK = 8192
_NAMED = 10


def unit_rows(vectors: npt.ArrayLike) -> Floats:
    """Scale every row to length one, so that the inner product is the cosine.

    Takes (n, d) numbers and returns a new (n, d) float32 array. A row of zeros has no direction: it
    stays zero, and its similarity to everything is 0. Raises ExtractorError, naming the rows, if
    any value is NaN or infinite.
    """
    given = np.asarray(vectors)
    if given.ndim != 2:
        raise ExtractorError(
            f"Vectors must be a table of n rows and d columns, not an array of shape {given.shape}."
        )
    unit = np.empty(given.shape, dtype=np.float32)
    broken: list[int] = []
    for start in range(0, len(given), _BLOCK):
        # float64: the square of a large float32 would overflow
        block = given[start : start + _BLOCK].astype(np.float64)
        norms = np.sqrt(np.einsum("ij,ij->i", block, block))
        usable = np.isfinite(norms)
        broken.extend((start + np.flatnonzero(~usable)).tolist())
        unit[start : start + _BLOCK] = block / np.where(usable & (norms > 0), norms, 1)[:, None]
    if broken:
        raise ExtractorError(_broken_rows(broken, len(given)))
    return unit


def _broken_rows(rows: list[int], n: int) -> str:
    named = ", ".join(str(row) for row in rows[:_NAMED]) + (", …" if len(rows) > _NAMED else "")
    return (
        f"{len(rows)} of {n} vectors hold NaN or infinity (rows {named}). "
        "The extractor failed on these images: leave them out, or embed them again."
    )
