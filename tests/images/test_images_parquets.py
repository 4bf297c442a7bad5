"""Parquet files with the images inside, as the Hugging Face hub keeps data sets."""

from __future__ import annotations

import io
from pathlib import Path

import datasets
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from explorer.errors import ImageError, SourceError
from explorer.images import open_source

datasets.disable_progress_bars()


def png(gray: int) -> bytes:
    out = io.BytesIO()
    Image.new("L", (8, 6), gray).save(out, "PNG")
    return out.getvalue()


def shard(path: Path, grays: list[int], **columns: list) -> Path:
    """A shard as pyarrow writes it by hand."""
    path.parent.mkdir(parents=True, exist_ok=True)
    images = [{"bytes": png(gray), "path": f"{gray}.png"} for gray in grays]
    pq.write_table(pa.table({"image": images, **columns}), path, row_group_size=3)
    return path


@pytest.fixture
def hub(tmp_path):
    """A file that the `datasets` library wrote: 5 photos, the last without a class."""
    features = datasets.Features(
        {
            "img": datasets.Image(),
            "animal": datasets.ClassLabel(names=["cat", "dog"]),
            "age": datasets.Value("float32"),
        }
    )
    values = {
        "img": [Image.new("L", (8, 6), gray) for gray in range(5)],
        "animal": [0, 1, 0, 1, -1],
        "age": [1.5, 2.0, None, 4.0, 5.0],
    }
    made = datasets.Dataset.from_dict(values, features=features)
    made.to_parquet(tmp_path / "test-00000-of-00001.parquet")
    return tmp_path / "test-00000-of-00001.parquet"


def test_what_the_datasets_library_writes(hub):
    source = open_source(hub)
    found = source.list()
    assert source.name == "test-00000-of-00001"
    assert [ref.path for ref in found.refs][:2] == [f"{hub.name}/000000", f"{hub.name}/000001"]
    assert [ref.label for ref in found.refs] == ["cat", "dog", "cat", "dog", None]
    assert found.columns.to_pydict() == {"age": [1.5, 2.0, None, 4.0, 5.0], "split": ["test"] * 5}
    for gray, ref in enumerate(found.refs):
        image = Image.open(io.BytesIO(open_source(hub).read(ref.path)))  # no listing before
        assert image.getpixel((0, 0)) == gray


def test_a_folder_of_shards(tmp_path):
    shard(tmp_path / "hub/data/train-00000-of-00002.parquet", [1, 2, 3, 4], label=["a"] * 4)
    shard(tmp_path / "hub/data/train-00001-of-00002.parquet", [5], label=["b"])
    shard(tmp_path / "hub/data/validation-00000-of-00001.parquet", [6], label=["b"])
    (tmp_path / "hub/README.md").write_text("A data set.")
    for place in ("hub", "hub/data", "hub/data/*.parquet"):
        source = open_source(tmp_path / place)
        found = source.list()
        assert [ref.label for ref in found.refs] == ["a"] * 4 + ["b"] * 2, place
        assert found.columns["split"].to_pylist() == ["train"] * 5 + ["validation"]
        assert [source.read(ref.path) for ref in found.refs] == list(map(png, range(1, 7)))
    assert found.refs[4].path == "train-00001-of-00002.parquet/000000-5.png"


def test_rows_can_be_read_in_any_order(tmp_path):
    grays = list(range(50))
    source = open_source(shard(tmp_path / "x.parquet", grays))
    refs = source.list().refs
    for row in (49, 0, 17, 16, 48, 3):
        assert source.read(refs[row].path) == png(row)
    with pytest.raises(ImageError, match="no longer has the row"):
        source.read("x.parquet/000050-50.png")


def test_few_images_are_in_memory(tmp_path, monkeypatch):
    """40 images of 1 MB in one row group: neither listing nor reading takes all of them."""
    table = pa.table(
        {"image": [{"bytes": bytes([n]) * 1_000_000, "path": None} for n in range(40)]}
    )
    pq.write_table(table, tmp_path / "x.parquet", compression="none", use_dictionary=False)
    del table
    monkeypatch.setattr("explorer.images.parquets._WINDOW", 4_000_000)
    source = open_source(tmp_path / "x.parquet")
    before = pa.total_allocated_bytes()
    for number, ref in enumerate(source.list().refs):
        assert source.read(ref.path) == bytes([number]) * 1_000_000
        assert pa.total_allocated_bytes() - before < 30_000_000


def test_plain_bytes_and_missing_ones(tmp_path):
    path = tmp_path / "x.parquet"
    pq.write_table(pa.table({"image": [png(1), None], "file_name": ["a.png", "b.png"]}), path)
    source = open_source(path)
    assert [ref.path for ref in source.list().refs] == [
        "x.parquet/000000-a.png",
        "x.parquet/000001-b.png",
    ]
    assert source.read("x.parquet/000000-a.png") == png(1)
    with pytest.raises(ImageError, match="holds no image"):
        source.read("x.parquet/000001-b.png")


def test_a_row_may_name_a_file_instead(tmp_path):
    (tmp_path / "a.png").write_bytes(png(7))
    pq.write_table(
        pa.table({"image": [{"bytes": None, "path": "a.png"}, {"bytes": png(1), "path": ""}]}),
        tmp_path / "x.parquet",
    )
    source = open_source(tmp_path / "x.parquet")
    assert source.read(source.list().refs[0].path) == png(7)


def test_a_file_that_changes_is_not_read_on(tmp_path):
    source = open_source(shard(tmp_path / "x.parquet", [1, 2]))
    refs = source.list().refs
    shard(tmp_path / "x.parquet", [3, 4, 5])
    with pytest.raises(ImageError, match="changed since it was listed"):
        source.read(refs[0].path)


def test_a_damaged_shard_costs_only_itself(tmp_path):
    shard(tmp_path / "s/a.parquet", [1])
    (tmp_path / "s/b.parquet").write_bytes(b"PAR1 nothing PAR1")
    found = open_source(tmp_path / "s").list()
    assert [ref.path for ref in found.refs] == ["a.parquet/000000-1.png"]
    assert [path for path, _ in found.refused] == ["b.parquet"]
    (tmp_path / "s/a.parquet").write_bytes(b"")
    assert open_source(tmp_path / "s").list().refs == []


def test_a_list_of_paths_stays_a_list(tmp_path):
    (tmp_path / "a.png").write_bytes(png(1))
    pq.write_table(pa.table({"path": ["a.png"], "label": ["x"]}), tmp_path / "list.parquet")
    assert [ref.path for ref in open_source(tmp_path / "list.parquet").list().refs] == ["a.png"]
    with pytest.raises(SourceError, match="no column of images"):
        open_source(tmp_path / "*.parquet")


def test_shards_that_differ(tmp_path):
    """One has no other columns and no split, one has numbers where another has text."""
    shard(tmp_path / "s/more.parquet", [1, 2])
    shard(tmp_path / "s/test.parquet", [3], code=[7])
    shard(tmp_path / "s/train.parquet", [4], code=["x"])
    columns = open_source(tmp_path / "s").list().columns
    assert columns.to_pydict() == {
        "split": [None, None, "test", "train"],
        "code": [None, None, "7", "x"],
    }
