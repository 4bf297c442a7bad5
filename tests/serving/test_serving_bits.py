from base64 import b64encode

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.errors import UsageError
from explorer.serving.bits import decode_rows, pack_rows, unpack_rows
from explorer.store import combined

rows_of_100 = st.sets(st.integers(0, 99)).map(sorted)


@given(st.integers(1, 300).flatmap(lambda n: st.tuples(st.just(n), st.sets(st.integers(0, n - 1)))))
def test_a_set_survives_packing(case: tuple[int, set[int]]) -> None:
    n, rows = case
    assert unpack_rows(pack_rows(list(rows), n), n).tolist() == sorted(rows)


def test_the_lowest_bit_comes_first() -> None:
    assert pack_rows([0, 9], 10) == bytes([0b1, 0b10])


def test_base64_from_the_browser_is_read() -> None:
    assert decode_rows(b64encode(bytes([0b101])).decode(), 3).tolist() == [0, 2]


@pytest.mark.parametrize(("text", "n"), [("AAAA", 100), ("not base64!", 100), ("é", 8)])
def test_damaged_sets_are_refused(text: str, n: int) -> None:
    with pytest.raises(UsageError):
        decode_rows(text, n)


@given(rows_of_100, rows_of_100)
def test_selections_are_combined(current: list[int], change: list[int]) -> None:
    before, drawn = np.array(current, np.int64), np.array(change, np.int64)
    assert combined(before, drawn, "replace").tolist() == change
    assert combined(before, drawn, "add").tolist() == sorted({*current, *change})
    assert combined(before, drawn, "subtract").tolist() == sorted(set(current) - set(change))
    assert combined(before, drawn, "intersect").tolist() == sorted(set(current) & set(change))
