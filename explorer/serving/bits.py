"""Sets of rows as bits, lowest bit first: how browser and Python name a selection."""

from base64 import b64decode

import numpy as np
import numpy.typing as npt

from explorer.errors import BadValueError
from explorer.store import Rows


def pack_rows(rows: npt.ArrayLike, n: int) -> bytes:
    """Row numbers (any order, 0 to n - 1) as ⌈n / 8⌉ bytes."""
    mask = np.zeros(n, bool)
    mask[np.asarray(rows, np.int64)] = True
    return np.packbits(mask, bitorder="little").tobytes()


def unpack_rows(bits: bytes, n: int) -> Rows:
    """The row numbers in a set, ascending, int64. Raises `UsageError` when it is not of n rows."""
    if n < 0 or len(bits) != (n + 7) // 8:
        raise BadValueError(f"A set over {n} rows takes {(n + 7) // 8} bytes, not {len(bits)}.")
    mask = np.unpackbits(np.frombuffer(bits, np.uint8), count=n, bitorder="little")
    return np.flatnonzero(mask).astype(np.int64)


def decode_rows(text: str, n: int) -> Rows:
    """`unpack_rows` of base64 text, as a browser sends it."""
    try:
        bits = b64decode(text, validate=True)
    except ValueError as error:
        raise BadValueError("The selection that the browser sent is damaged.") from error
    return unpack_rows(bits, n)
