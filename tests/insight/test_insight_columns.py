import datetime

import numpy as np
import pyarrow as pa
import pytest

from explorer.insight.columns import MISSING_CODE, categories, is_category, numbers
from explorer.store import ColumnMeta


class OneColumn:
    """A space with a single column."""

    def __init__(self, values: pa.Array, kind: str = "category") -> None:
        self.values, self.kind = values, kind
        self.snapshot = object()

    def arrow_column(self, name: str) -> pa.ChunkedArray:
        return pa.chunked_array([self.values.slice(0, 2), self.values.slice(2)])

    def column_meta(self, name: str) -> ColumnMeta:
        return ColumnMeta(self.kind, name, "")


def test_categories_come_most_frequent_first_and_ties_by_name() -> None:
    found = categories(OneColumn(pa.array(["b", "c", "a", "c", None])), "label")
    assert found.names == ["c", "a", "b"]
    assert found.counts == [2, 1, 1]
    assert found.codes.dtype == "<u2"
    assert found.codes.tolist() == [2, 0, 1, 0, MISSING_CODE]


def test_negative_cluster_numbers_are_missing() -> None:
    found = categories(OneColumn(pa.array([-1, 3, 3, 0, None])), "cluster")
    assert found.names == ["3", "0"]
    assert found.codes.tolist() == [MISSING_CODE, 0, 0, 1, MISSING_CODE]


def test_booleans_dictionaries_and_empty_columns_are_categories_too() -> None:
    assert categories(OneColumn(pa.array([True, False, True])), "x").names == ["true", "false"]
    encoded = pa.array(["z", "z", "y"]).dictionary_encode()
    assert categories(OneColumn(encoded), "x").names == ["z", "y"]
    assert categories(OneColumn(pa.array([None] * 3, pa.string())), "x").names == []
    assert len(categories(OneColumn(pa.array([], pa.string())), "x").codes) == 0


def test_categories_past_the_last_code_are_missing_not_wrapped_around() -> None:
    found = categories(OneColumn(pa.array([f"{number:06d}" for number in range(70_000)])), "path")
    assert found.codes[:3].tolist() == [0, 1, 2]
    assert set(found.codes[MISSING_CODE:].tolist()) == {MISSING_CODE}


def test_numbers_are_float32_with_nan_for_what_is_not_known() -> None:
    found = numbers(OneColumn(pa.array([1, None, 3])), "width")
    assert found.dtype == np.dtype("<f4")
    np.testing.assert_array_equal(found, [1, np.nan, 3])


def test_times_become_seconds() -> None:
    noon = datetime.datetime(1970, 1, 1, 12, tzinfo=datetime.UTC)
    column = pa.array([noon, None, noon], pa.timestamp("us", "UTC"))
    np.testing.assert_array_equal(numbers(OneColumn(column), "mtime"), [43200, np.nan, 43200])


@pytest.mark.parametrize(
    ("kind", "expected"), [("category", True), ("text", True), ("number", False), ("time", False)]
)
def test_the_kind_decides_how_a_column_is_coloured(kind: str, expected: bool) -> None:
    assert is_category(OneColumn(pa.array([1, 2, 3]), kind), "x") is expected
