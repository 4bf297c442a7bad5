"""What every analysis does first: rows of length one, and no NaN among them."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from explorer.errors import ExtractorError

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int32]
Bools = npt.NDArray[np.bool_]
Values = npt.NDArray[Any]

_BLOCK = 8192
_NAMED = 10
_SMALL, _LARGE = 1e-15, 1e15


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
        block = np.asarray(given[start : start + _BLOCK], dtype=np.float32)
        norms = np.sqrt(np.einsum("ij,ij->i", block, block))
        extreme = ~((norms > _SMALL) & (norms < _LARGE))
        if extreme.any():  # its square does not fit into float32, or it is 0, or no number at all
            norms[extreme], block = 1, block.copy()
            block[extreme], unusable = _unit_float64(given[start : start + _BLOCK][extreme])
            broken.extend((start + np.flatnonzero(extreme)[unusable]).tolist())
        np.divide(block, norms[:, None], out=unit[start : start + _BLOCK])
    if broken:
        raise ExtractorError(_broken_rows(broken, len(given)))
    return unit


def _unit_float64(rows: Values) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """The rows scaled to length one, zeros left alone; and which of them are NaN or infinite."""
    rows = rows.astype(np.float64)
    norms = np.linalg.norm(rows, axis=1)
    unusable = ~np.isfinite(norms)
    unit = rows / np.where(unusable | (norms == 0), 1, norms)[:, None]
    return unit.astype(np.float32), unusable


def _broken_rows(rows: list[int], n: int) -> str:
    named = ", ".join(str(row) for row in rows[:_NAMED]) + (", …" if len(rows) > _NAMED else "")
    return (
        f"{len(rows)} of {n} vectors hold NaN or infinity (rows {named}). "
        "The extractor failed on these images: leave them out, or embed them again."
    )
