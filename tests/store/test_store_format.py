"""The files open in plain pandas and DuckDB, as docs/format.md says."""

import numpy as np
import pyarrow as pa
import pytest
from small_datasets import dataset, images, writer

from explorer import store


@pytest.fixture
def root(tmp_path):
    root = tmp_path / "demo"
    dataset(root)
    with writer(root) as opened:
        opened.commit(store.Part(images({"image_id": 3, "label": "changed", "mtime": 10**18})))
        opened.commit(store.Part(images({"image_id": 4, "present": False})))
        opened.finish()
    return root


def test_pandas_reads_images_vectors_graph_and_columns(root):
    import pandas as pd

    read = store.Dataset(root)
    space = read.space()
    table = pd.read_parquet(root / "images")
    table = table.drop_duplicates("image_id", keep="last").query("present").sort_values("image_id")
    assert table["image_id"].tolist() == read.image_ids.tolist()
    assert table["label"].tolist() == read.table(["label"])["label"].to_pylist()
    assert table["mtime"].iloc[3].value == 10**18
    embeddings = pd.read_parquet(root / "spaces" / "fake" / "embeddings").set_index("image_id")
    vectors = np.stack(embeddings.loc[read.image_ids, "embedding"])
    np.testing.assert_array_equal(vectors, space.embeddings())
    graph = pd.read_parquet(space.graph_path)
    np.testing.assert_array_equal(np.stack(graph["neighbor_ids"]), space.graph().neighbor_ids)
    np.testing.assert_array_equal(np.stack(graph["similarities"]), space.graph().similarities)
    assert pd.read_parquet(space.columns_path)["demo"].dtype == np.float32


def test_duckdb_joins_them(root):
    import duckdb

    count, dimension, k = duckdb.sql(f"""
        SELECT count(*), any_value(len(embedding)), any_value(len(neighbor_ids))
        FROM '{root}/images/part-00000.parquet'
        JOIN '{root}/spaces/fake/embeddings/*.parquet' USING (image_id, content_hash)
        JOIN '{root}/spaces/fake/neighbors.parquet' USING (image_id)
        JOIN '{root}/spaces/fake/columns.parquet' USING (image_id)
    """).fetchall()[0]
    assert (count, dimension, k) == (4, 4, 5)


def test_plain_arrow_reads_thumbnails_without_copying_them(root):
    table = pa.ipc.open_file(pa.memory_map(str(root / "thumbnails/part-00000.arrow"))).read_all()
    assert table.column_names == ["image_id", "jpeg"]
    assert table["jpeg"][2].as_py() == store.Dataset(root).thumbnail(2)


def test_the_index_is_a_plain_faiss_file(root):
    import faiss

    space = store.Dataset(root).space()
    index = faiss.read_index(str(space.index_path))
    unit = space.vector(7) / np.linalg.norm(space.vector(7))
    similarities, ids = index.search(unit[None], 3)
    assert ids[0, 0] == 7
    assert similarities[0, 0] == pytest.approx(1)
    assert ids[0, 1:].tolist() == space.graph().neighbor_ids[7, :2].tolist()


def test_vectors_are_stored_as_extracted_and_float32(root):
    import pyarrow.parquet as pq

    schema = pq.read_schema(root / "spaces/fake/embeddings/part-00000.parquet")
    assert schema.field("embedding").type == pa.list_(pa.float32(), 4)
    norms = np.linalg.norm(store.Dataset(root).space().embeddings(), axis=1)
    assert not np.allclose(norms, 1)
