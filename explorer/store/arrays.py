"""Between Arrow and NumPy without pandas, which Arrow's own ways import: that takes 0.2 seconds."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Values = npt.NDArray[Any]
"""A column: numbers, or objects (str or None)."""

ImageRow = dict[str, Any]
"""The values of one image by column."""


def as_numpy(column: pa.Array | pa.ChunkedArray) -> Values:
    """What `column.to_numpy()` gives, (n,): of numbers that are missing, NaN.

    Numbers, and truth values that are all there, need no pandas; of everything else Arrow makes
    what it makes. What is in one piece and whole is not copied, and read-only.
    """
    chunks = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
    kind = column.type
    if pa.types.is_boolean(kind) and not column.null_count:
        return as_numpy(column.cast(pa.uint8())).view(np.bool_)
    if not (pa.types.is_integer(kind) or pa.types.is_floating(kind)):
        whole: Values = column.to_numpy(zero_copy_only=False)
        return whole
    if column.null_count and pa.types.is_integer(kind):
        kind = pa.float64()
        chunks = [each.cast(kind, safe=False) for each in chunks]
    pieces = [_with_nan(each) if each.null_count else np.from_dlpack(each) for each in chunks]
    if len(pieces) == 1:
        return pieces[0]
    return np.concatenate(pieces) if pieces else np.empty(0, kind.to_pandas_dtype())


def _with_nan(numbers: pa.Array) -> Values:
    """Floats of which some are missing."""
    values = pa.Array.from_buffers(
        numbers.type, len(numbers), [None, numbers.buffers()[1]], offset=numbers.offset
    )
    found = np.from_dlpack(values).copy()
    found[~as_numpy(numbers.is_valid())] = np.nan
    return found


def as_arrow(values: Values, *, known: npt.NDArray[np.bool_] | None = None) -> pa.Array:
    """Numbers (n,) as an Arrow array; null where they are not known."""
    valid = None if known is None else pa.py_buffer(np.packbits(known, bitorder="little"))
    numbers = pa.py_buffer(np.ascontiguousarray(values))
    kind = pa.from_numpy_dtype(values.dtype)
    return pa.Array.from_buffers(kind, len(values), [valid, numbers])


def texts_as_arrow(texts: Sequence[str | None]) -> pa.Array:
    """Texts as an Arrow array of strings."""
    encoded = [(text or "").encode() for text in texts]
    known = np.array([text is not None for text in texts], bool)
    starts = np.cumsum([0, *map(len, encoded)], dtype=np.int32)
    buffers = [np.packbits(known, bitorder="little"), starts, b"".join(encoded)]
    return pa.Array.from_buffers(pa.string(), len(texts), list(map(pa.py_buffer, buffers)))
