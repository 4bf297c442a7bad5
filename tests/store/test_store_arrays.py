"""Columns as NumPy arrays: as Arrow makes them, without pandas where that is not needed."""

import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest

from explorer.store import as_arrow, as_numpy, texts_as_arrow

COLUMNS = [
    pa.array([1, 2, 3]),
    pa.array([1, 2, 3], pa.uint8())[1:],
    pa.array([1, None, 3]),
    pa.array([2**53 + 1, None]),
    pa.array([1.5, None], pa.float32()),
    pa.array([1.5, 2], pa.float16()),
    pa.array([], pa.float32()),
    pa.array([True, False, True, True])[1:],
    pa.array([True, None]),
    pa.array(["a", None]),
    pa.chunked_array([[1, 2, 3]]),
    pa.chunked_array([[1], [2, 3]]),
    pa.chunked_array([[1, None], [2, 3]]),
    pa.chunked_array([], pa.int32()),
    pa.chunked_array([[True], [False]]),
]


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: str(column.type))
def test_a_column_is_what_arrow_makes_of_it(column):
    whole = {} if isinstance(column, pa.ChunkedArray) else {"zero_copy_only": False}
    expected = column.to_numpy(**whole)
    found = as_numpy(column)
    assert found.dtype == expected.dtype
    np.testing.assert_array_equal(found, expected)


def test_what_is_in_one_piece_is_not_copied():
    column = pa.array(np.arange(1000))
    assert as_numpy(column).ctypes.data == column.buffers()[1].address


@pytest.mark.parametrize("kind", [np.int64, np.int32, np.uint8, np.float32, np.float64])
@pytest.mark.parametrize("n", [0, 1, 7, 8, 9, 1000])
def test_numbers_become_arrow_and_are_null_where_they_are_not_known(kind, n):
    values = np.arange(n).astype(kind)[::-1]
    known = np.arange(n) % 3 > 0
    assert as_arrow(values).equals(pa.array(values))
    assert as_arrow(values, known=known).equals(pa.array(values, mask=~known))


@pytest.mark.parametrize("n", [0, 1, 8, 9])
def test_texts_become_arrow(n):
    texts = ["fish", None, "", "Gerät · ไทย", "a, b", "fish", None, "x", "y"][:n]
    assert texts_as_arrow(texts).equals(pa.array(texts, pa.string()))


def test_numbers_need_no_pandas():
    code = (
        "import sys, numpy as np, pyarrow as pa\n"
        "from explorer.store import as_arrow, as_numpy\n"
        "there = as_arrow(np.arange(9))\n"
        "some = as_arrow(np.arange(9), known=np.arange(9) > 3)\n"
        "for column in (there, some, some.cast(pa.float32()), there.is_valid()): as_numpy(column)\n"
        "print('pandas' in sys.modules)\n"
        "there.to_numpy()\n"
        "print('pandas' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]
