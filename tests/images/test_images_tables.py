"""Tables as people write them: every dialect, every damage."""

from __future__ import annotations

import datetime
import io
import json
import math

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.errors import SourceError
from explorer.images import Rows, path_column, read_table
from explorer.images import tables as tables_module


@pytest.fixture
def read(tmp_path):
    def go(name: str, content: str | bytes | pa.Table) -> Rows:
        path = tmp_path / name
        if isinstance(content, pa.Table):
            pq.write_table(content, path)
        else:
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        return read_table(str(path))

    return go


def csv_of(read, text: str | bytes) -> dict:
    return read("list.csv", text).table.to_pydict()


# CSV


def test_csv(read):
    rows = read("list.csv", "path,label,age\na.jpg,cat,3\nb.jpg,,\n")
    assert rows.table.to_pydict() == {
        "path": ["a.jpg", "b.jpg"],
        "label": ["cat", None],
        "age": [3, None],
    }
    assert rows.numbers.tolist() == [2, 3]
    assert rows.refused == []


@pytest.mark.parametrize(
    ("texts", "kind", "values"),
    [
        (["1", "-20", "0"], pa.int64(), [1, -20, 0]),
        (["1", "2.5", "1e3"], pa.float64(), [1, 2.5, 1000]),
        (["1", "NaN", "NA"], pa.int64(), [1, None, None]),
        (["1", "inf", "", "nan"], pa.float64(), [1, math.inf, None, None]),
        (["1e5", "-Infinity", "+INF"], pa.float64(), [1e5, -math.inf, math.inf]),
        (["True", "false", "TRUE"], pa.bool_(), [True, False, True]),
        (["2024-02-29", "1999-12-31"], pa.date32(), [datetime.date(2024, 2, 29)]),
        (["2024-02-29T10:00", "2024-02-29 10:00:01.5"], pa.timestamp("us"), None),
        (["2024-02-29T10:00:00Z", "2024-02-29T10:00+02:00"], pa.timestamp("us", "UTC"), None),
        # Text stays text, to the letter.
        (["007", "010"], pa.string(), ["007", "010"]),
        (["NA", "none", "nan"], pa.string(), ["NA", "none", "nan"]),
        (["NA", "nan"], pa.string(), ["NA", "nan"]),
        (["inf", "info"], pa.string(), ["inf", "info"]),
        (["1,000", "2"], pa.string(), ["1,000", "2"]),
        (["1", "x"], pa.string(), ["1", "x"]),
        (["12345678901234567890", "2"], pa.string(), ["12345678901234567890", "2"]),
        (["2024-02-30"], pa.string(), ["2024-02-30"]),
        (["1_000", "0x10", "1,5"], pa.string(), ["1_000", "0x10", "1,5"]),
        (["=1+1", "-", "+"], pa.string(), ["=1+1", "-", "+"]),
        (["", ""], pa.null(), [None, None]),
    ],
)
def test_text_becomes_what_all_of_it_reads_like(read, texts, kind, values):
    body = "".join(f'{i}.jpg,"{text}"\n' if text else f"{i}.jpg,\n" for i, text in enumerate(texts))
    column = read("list.csv", "path,x\n" + body).table["x"]
    assert column.type == kind
    if values:
        assert column.to_pylist()[: len(values)] == values


@pytest.mark.parametrize("mark", [b"\xef\xbb\xbf", b""])
def test_a_byte_order_mark_is_not_part_of_a_name(read, mark):
    assert list(csv_of(read, mark + b"path,label\na.jpg,1\n")) == ["path", "label"]


def test_utf_16_as_excel_writes_it(read):
    text = "path\tlabel\r\nä.jpg\tKätzchen\r\n"
    assert csv_of(read, text.encode("utf-16")) == {"path": ["ä.jpg"], "label": ["Kätzchen"]}


def test_another_encoding_is_an_error_that_names_the_line(read):
    with pytest.raises(SourceError, match=r"list\.csv cannot be read: line 3 is not utf-8 text"):
        csv_of(read, "path,label\na.jpg,1\nb.jpg,Kätzchen\n".encode("cp1252"))


def test_quotes_newlines_commas_and_carriage_returns(read):
    text = 'path,label\r\n"a, b.jpg","two\nlines"\r\nc.jpg,"a ""q"" b"\r\n'
    assert csv_of(read, text) == {"path": ["a, b.jpg", "c.jpg"], "label": ["two\nlines", 'a "q" b']}


@pytest.mark.parametrize("delimiter", [";", "\t", "|", ","])
def test_the_delimiter_is_the_one_of_the_heading(read, delimiter):
    text = f"path{delimiter}size\na,b;c|d.jpg{delimiter}3\n".replace("a,b;c|d", "a")
    assert csv_of(read, text) == {"path": ["a.jpg"], "size": [3]}


def test_a_tsv_is_divided_by_tabs_only(read):
    rows = read("list.tsv", "path\tlabel\na,b,c.jpg\tx,y\n")
    assert rows.table.to_pydict() == {"path": ["a,b,c.jpg"], "label": ["x,y"]}


def test_rows_of_another_length_are_refused_and_the_rest_read(read):
    rows = read("list.csv", "path,label\na.jpg,1\nb.jpg\n\nc.jpg,1,2\nd.jpg,4\n")
    assert rows.table["path"].to_pylist() == ["a.jpg", "d.jpg"]
    assert rows.numbers.tolist() == [2, 5]
    assert rows.refused == [
        (3, "The row has 1 cells, and the heading has 2."),
        (4, "The row has 3 cells, and the heading has 2."),
    ]


def test_a_quotation_mark_that_is_never_closed_is_noticed(read):
    rows = read("list.csv", 'path,label\na.jpg,1\n"b.jpg,2\nc.jpg,3\n')
    assert rows.table["path"].to_pylist() == ["a.jpg"]
    assert "never closed" in rows.refused[0][1]
    with pytest.raises(SourceError, match="a quotation mark in it is never closed"):
        csv_of(read, 'path,label\na.jpg,"1\nb.jpg,2\nc.jpg,3\n')


def test_names_of_columns_are_made_distinct(read):
    names = "path,Age,age,,  size ,LABEL,Split,age"
    table = read("list.csv", names + "\n" + "a.jpg" + ",1" * 7 + "\n").table
    assert table.column_names == ["path", "Age", "age_2", "size", "label", "split", "age_3"]


@pytest.mark.parametrize("name", ["list.csv", "list.parquet"])
def test_an_empty_file_is_an_error(read, name):
    with pytest.raises(SourceError, match="cannot be read"):
        read(name, b"")


def test_a_heading_alone_has_no_rows(read):
    assert len(read("list.csv", "path,label\n").table) == 0


def test_too_many_columns_are_an_error(read):
    names = ",".join(f"c{i}" for i in range(tables_module.MOST_COLUMNS + 1))
    with pytest.raises(SourceError, match="has 501 columns"):
        csv_of(read, names + "\n")


CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6)


@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=8))
@settings(max_examples=60, deadline=None)
def test_what_a_csv_writer_writes_is_read_again(rows):
    import csv
    import tempfile
    from pathlib import Path

    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow(["x", "y"])
    # The cells begin with a letter: what is all numbers or dates is read as that.
    writer.writerows([(f"t{x}", f"t{y}") for x, y in rows])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "list.csv"
        path.write_bytes(out.getvalue().encode())
        read = read_table(str(path))
    assert read.refused == []
    assert read.table["x"].to_pylist() == [f"t{x}" for x, _ in rows]
    assert read.table["y"].to_pylist() == [f"t{y}" for _, y in rows]


@given(st.binary(max_size=200), st.sampled_from(["csv", "tsv", "jsonl", "txt", "parquet"]))
@settings(max_examples=150, deadline=None)
def test_any_bytes_are_a_table_or_an_error(data, ending):
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"list.{ending}"
        path.write_bytes(data)
        try:
            rows = read_table(str(path))
        except SourceError:
            return
        assert len(rows.numbers) == len(rows.table) or not rows.table.num_columns


# JSON lines


def test_json_lines(read):
    lines = [{"path": "a.jpg", "n": 1, "tags": ["x"]}, {"n": 2.5, "path": "b.jpg", "ok": True}]
    rows = read("list.jsonl", "\n".join(map(json.dumps, lines)) + "\n\n")
    assert rows.table.to_pydict() == {
        "path": ["a.jpg", "b.jpg"],
        "n": [1.0, 2.5],
        "tags": ['["x"]', None],
        "ok": [None, True],
    }
    assert rows.numbers.tolist() == [1, 2]


def test_lines_that_are_not_json_objects_are_refused(read):
    lines = ['{"path": "a.jpg"}', "{", "[1, 2]", "7", "[" * 100_000, '{"path": "b.jpg"}']
    rows = read("list.ndjson", "\n".join(lines))
    assert rows.table["path"].to_pylist() == ["a.jpg", "b.jpg"]
    assert rows.numbers.tolist() == [1, 6]
    assert [number for number, _ in rows.refused] == [2, 3, 4, 5]


@pytest.mark.parametrize(
    ("values", "read_as"),
    [
        ([1, "a"], ["1", "a"]),
        ([True, 2], ["true", "2"]),
        ([10**30, 1], [str(10**30), "1"]),
        ([{"a": 1}, "x"], ['{"a": 1}', "x"]),
        (["\ud800", "x"], ["?", "x"]),
        ([math.nan, 1.0], [None, 1.0]),
        (["2024-01-02", None], [datetime.date(2024, 1, 2), None]),
        ([1, "inf", "-Infinity", None, "NaN"], [1.0, math.inf, -math.inf, None, None]),
        ([1.5, math.inf], [1.5, math.inf]),
        (["inf", "nan"], ["inf", "nan"]),
        (["12", "13"], ["12", "13"]),  # quoted in JSON, so meant as text
    ],
)
def test_mixed_values_become_text(read, values, read_as):
    text = "\n".join(json.dumps({"path": "a.jpg", "x": value}) for value in values)
    assert read("list.jsonl", text).table["x"].to_pylist() == read_as


# Parquet


def test_parquet_keeps_its_types(read):
    moment = datetime.datetime(2024, 1, 2, 3, 4, 5)
    table = pa.table(
        {
            "path": pa.array(["a.jpg", "b.jpg"]).dictionary_encode(),
            "small": pa.array([1, None], pa.int8()),
            "huge": pa.array([2**63, 1], pa.uint64()),
            "single": pa.array([0.5, math.nan], pa.float32()),
            "money": pa.array([None, 1], pa.decimal128(8, 2)),
            "day": pa.array([datetime.date(2024, 1, 2), None]),
            "ns": pa.array([moment, None], pa.timestamp("ns")),
            "zoned": pa.array([moment, None], pa.timestamp("ms", "Europe/Berlin")),
            "text": pa.array(["x", None], pa.large_string()),
            "boxes": pa.array([[1, 2], None]),
            "bytes": pa.array([b"x", None]),
            "image": pa.array([{"bytes": b"x", "path": "a.jpg"}, None]),
            "none": pa.nulls(2),
            "__index_level_0__": pa.array([0, 1]),
        }
    )
    read_back = read("list.parquet", table).table
    assert {field.name: str(field.type) for field in read_back.schema} == {
        "path": "string",
        "small": "int64",
        "huge": "double",
        "single": "double",
        "money": "double",
        "day": "date32[day]",
        "ns": "timestamp[us]",
        "zoned": "timestamp[us, tz=UTC]",
        "text": "string",
        "boxes": "string",
        "none": "null",
    }
    assert read_back["single"].to_pylist() == [0.5, None]
    assert read_back["boxes"].to_pylist() == ["[1, 2]", None]


@pytest.mark.parametrize("cut", [4, 100, -4])
def test_a_truncated_parquet_file_is_an_error(tmp_path, cut):
    path = tmp_path / "list.parquet"
    pq.write_table(pa.table({"path": [f"{i}.jpg" for i in range(100)]}), path)
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(SourceError, match=r"list\.parquet cannot be read"):
        read_table(str(path))


def test_parquet_with_text_that_is_not_utf_8_is_an_error(read):
    text = pa.Array.from_buffers(
        pa.string(), 1, [None, pa.py_buffer(np.array([0, 2], np.int32)), pa.py_buffer(b"\xff\xfe")]
    )
    with pytest.raises(SourceError, match="cannot be read"):
        read("list.parquet", pa.table({"path": text}))


# Plain lists, and the column of paths


def test_a_list_of_lines(read):
    rows = read("list.txt", "a b.jpg\r\n\nsub/c.jpg")
    assert rows.table.to_pydict() == {"path": ["a b.jpg", "sub/c.jpg"]}
    assert rows.numbers.tolist() == [1, 3]


@pytest.mark.parametrize(
    ("heading", "chosen"),
    [
        ("path,label", "path"),
        ("label,Filename", "Filename"),
        ("url,file_name,label", "file_name"),
        ("path,file", "file"),  # an export of ours has both: the copy and where it came from
        ("label,IMAGE_URL", "IMAGE_URL"),
    ],
)
def test_the_column_of_paths_is_known_by_its_name(read, heading, chosen):
    row = ",".join("x.jpg" for _ in heading.split(","))
    rows = read("list.csv", f"{heading}\n{row}\n")
    assert path_column(rows.table, "list.csv") == chosen


def test_else_it_is_the_one_that_reads_like_it(read):
    table = read("list.csv", "photo,label\nx/a.JPG,cat\nb.png,dog\n").table
    assert path_column(table, "list.csv") == "photo"


@pytest.mark.parametrize(
    "text", ["photo,other\na.jpg,b.jpg\n", "a.jpg,cat\nb.jpg,dog.\n", "path,x\n1,2\n"]
)
def test_without_one_the_error_names_the_columns(read, text):
    table = read("list.csv", text).table
    with pytest.raises(SourceError, match="has no column of paths") as raised:
        path_column(table, "list.csv")
    assert all(repr(name) in str(raised.value) for name in table.column_names)


def test_other_endings_and_missing_files_are_errors(tmp_path):
    with pytest.raises(SourceError, match=r"list\.xlsx is no table; it should end in one of"):
        read_table(str(tmp_path / "list.xlsx"))
    with pytest.raises(SourceError, match="no such file"):
        read_table(str(tmp_path / "list.csv"))
