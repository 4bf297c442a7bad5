"""What readers see of parts: the last row wins, vectors count for the present content only."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_datasets import SPACE, dataset, images, part, vectors, writer

from explorer import store
from explorer.errors import NotAnalyzedError, OtherSourceError, StoreError, UsageError


def test_an_image_is_what_the_last_part_says_of_it(tmp_path):
    root = tmp_path / "demo"
    with writer(root) as opened:
        opened.commit(part([0, 1, 2]))
        opened.commit(store.Part(images({"image_id": 1, "label": "other", "present": True})))
        opened.commit(store.Part(images({"image_id": 0, "present": False})))
        opened.finish()
    read = store.Dataset(root)
    assert read.image_ids.tolist() == [1, 2]
    assert read.table(["label"])["label"].to_pylist() == ["other", "c"]
    assert read.every_image["present"].to_pylist() == [False, True, True]
    assert read.info.images == 2


def test_a_vector_counts_while_its_content_is_the_present_one(tmp_path):
    root = tmp_path / "demo"
    with writer(root) as opened:
        opened.add_space("fake", SPACE)
        opened.commit(part([0, 1, 2]))
        opened.commit(store.Part(images({"image_id": 1, "content_hash": "new"})))
        opened.finish()
    assert store.Dataset(root).space().image_ids.tolist() == [0, 2]
    with writer(root) as opened:
        assert opened.embedded_ids("fake").tolist() == [0, 2]
        fresh = vectors([1], seed=7, hashes=["new"])
        opened.commit(store.Part(embeddings={"fake": fresh}))
        opened.finish()
    space = store.Dataset(root).space()
    assert space.image_ids.tolist() == [0, 1, 2]
    np.testing.assert_array_equal(space.vector(1), fresh.vectors[0])
    np.testing.assert_array_equal(space.embeddings()[[0, 2]], vectors([0, 2]).vectors)


def test_old_content_that_comes_back_finds_its_vector_again(tmp_path):
    root = tmp_path / "demo"
    with writer(root) as opened:
        opened.add_space("fake", SPACE)
        opened.commit(part([0]))
        new = vectors([0], seed=1, hashes=["new"])
        opened.commit(store.Part(images({"image_id": 0, "content_hash": "new"}), {}, {"fake": new}))
        opened.commit(store.Part(images({"image_id": 0})))
        opened.finish()
    np.testing.assert_array_equal(store.Dataset(root).space().embeddings(), vectors([0]).vectors)


@settings(max_examples=30)
@given(
    st.lists(
        st.tuples(st.integers(0, 4), st.sampled_from("ab"), st.booleans()), min_size=1, max_size=8
    )
)
def test_reading_is_replaying_the_parts_in_order(tmp_path_factory, commits):
    root = tmp_path_factory.mktemp("store") / "demo"
    images_now: dict = {}
    vectors_now: dict = {}
    with writer(root) as opened:
        opened.add_space("fake", SPACE)
        for seed, (i, content, present) in enumerate(commits):
            row = images({"image_id": i, "content_hash": content, "present": present})
            made = vectors([i], seed=seed, hashes=[content])
            opened.commit(store.Part(row, {i: b"\xff\xd8%d\xff\xd9" % seed}, {"fake": made}))
            images_now[i] = (content, present, seed)
            vectors_now[i, content] = made.vectors[0]
        opened.finish()
    read = store.Dataset(root)
    here = sorted(i for i, (_, present, _) in images_now.items() if present)
    assert read.image_ids.tolist() == here
    assert read.space().image_ids.tolist() == here
    for i in here:
        content, _, seed = images_now[i]
        np.testing.assert_array_equal(read.space().vector(i), vectors_now[i, content])
        assert read.thumbnail(i) == b"\xff\xd8%d\xff\xd9" % seed


def test_what_a_killed_job_left_behind_is_gone_when_the_next_one_opens(tmp_path):
    root = tmp_path / "demo"
    dataset(root, range(8))
    embeddings = root / "spaces" / "fake" / "embeddings"
    before = {path.name for path in embeddings.iterdir()}
    with writer(root) as opened:  # killed after the vectors, before the images
        opened.commit(store.Part(embeddings={"fake": vectors([8, 9])}))
        (root / "images" / ".part-00002.parquet.writing").write_bytes(b"half")
        (root / "spaces" / "fake" / ".columns.parquet.writing").write_bytes(b"half")
    assert list(store.problems(root)) == []
    with writer(root) as opened:
        assert opened.next_image_id == 8
    assert {path.name for path in embeddings.iterdir()} == before
    assert not list(root.rglob(".*.writing"))


def test_rejections_of_a_part_that_was_never_committed_do_not_count(tmp_path, monkeypatch):
    root = tmp_path / "demo"
    dataset(root, range(4))
    row = {"path": "bad.jpg", "reason": "It is bad.", "part": 0}
    rejected = pa.Table.from_pylist([row], store.REJECTED_SCHEMA)

    def killed(path, table):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, writer(root) as opened:  # just before the images
        patch.setattr("explorer.store.writer.write_parquet", killed)
        with pytest.raises(KeyboardInterrupt):
            opened.commit(store.Part(rejected=rejected))
        assert len(opened.rejected) == 1
    assert list(store.problems(root)) == []
    with writer(root) as opened:
        assert len(opened.rejected) == 0


def test_thumbnails_are_found_in_all_parts(tmp_path):
    read = dataset(tmp_path / "demo", range(10))
    for i in range(10):
        assert b"thumbnail %d " % i in read.thumbnail(i)
    for unknown in (-1, 10, 2**40):
        with pytest.raises(KeyError):
            read.thumbnail(unknown)


def test_an_unknown_id_is_a_sentence(tmp_path):
    read = dataset(tmp_path / "demo", [3, 5])
    for unknown in (-1, 0, 4, 6, 2**60):
        with pytest.raises(UsageError, match=f"There is no image {unknown} in 'demo'"):
            read.image(unknown)
        with pytest.raises(UsageError, match="'fake'"):
            read.space().vector(unknown)


def test_columns_are_lined_up_with_the_images_by_id(tmp_path):
    root = tmp_path / "demo"
    demo = dataset(root, range(6)).space().column("demo")
    with writer(root) as opened:
        opened.commit(store.Part(images({"image_id": 2, "present": False})))
        opened.commit(part([6]))
        opened.finish()
    space = store.Dataset(root).space()
    assert space.image_ids.tolist() == [0, 1, 3, 4, 5, 6]
    np.testing.assert_array_equal(space.column("demo")[:5], demo[[0, 1, 3, 4, 5]])
    assert np.isnan(space.column("demo")[5])
    rows = [space.image(image_id) for image_id in space.image_ids.tolist()]
    assert rows == space.table().to_pylist()
    with pytest.raises(UsageError, match="There is no image 2"):
        space.image(2)
    assert space.table(["image_id", "demo"])["demo"].null_count == 1
    assert space.is_stale


def test_a_column_tells_how_it_was_made(tmp_path):
    space = dataset(tmp_path / "demo").space()
    assert space.column_meta("demo") == store.ColumnMeta("number", "Demo", "Made up.", "demo")
    made = store.AnalysisMeta(fingerprint="0", parameters={"a": 1}, figures={"sum": 1.5})
    assert space.made_by("demo") == made
    assert space.column_meta("label").kind == "category"
    assert space.figures == store.Figures({"demo": {"sum": 1.5}})
    assert space.figures.of("sum") == 1.5
    assert np.isnan(space.figures.of("recall"))
    assert set(space.table().column_names) == set(space.column_names)
    with pytest.raises(UsageError, match=r"There is no column 'nope' in 'demo'\. There are: "):
        space.column("nope")


def test_one_look_up_in_the_graph_is_a_row_of_the_whole_graph(tmp_path, monkeypatch):
    monkeypatch.setattr("explorer.store.graph.GROUP", 3)
    space = dataset(tmp_path / "demo", [1, 4, *range(10, 18)]).space()
    graph = space.graph()
    for row, i in enumerate(graph.image_ids.tolist()):
        ids, similarities = space.neighbors(i, 5)
        np.testing.assert_array_equal(ids, graph.neighbor_ids[row])
        np.testing.assert_array_equal(similarities, graph.similarities[row])
        assert space.neighbors(i, 2)[0].tolist() == ids[:2].tolist()
    with pytest.raises(NotAnalyzedError, match="Image 5 is not in the neighbour graph"):
        space.neighbors(5, 3)


def test_the_graph_passes_over_images_that_have_left(tmp_path):
    root = tmp_path / "demo"
    before = dataset(root, range(6)).space().neighbors(0, 5)[0].tolist()
    gone = before[1]
    with writer(root) as opened:
        opened.commit(store.Part(images({"image_id": gone, "present": False})))
        opened.finish()
    now = store.Dataset(root).space().neighbors(0, 5)[0].tolist()
    assert now == [i for i in before if i != gone]


def test_an_opened_space_keeps_its_graph_when_another_one_is_written(tmp_path):
    root = tmp_path / "demo"
    old = dataset(root, range(6)).space()
    expected = old.graph()
    assert old.neighbors(3, 5)[0].tolist() == expected.neighbor_ids[3].tolist()
    new = store.NeighborTable(np.array([3, 9]), np.array([[9], [3]]), np.zeros((2, 1), np.float32))
    store.write_graph(old.graph_path, new, {})
    assert old.neighbors(4, 5)[0].tolist() == expected.neighbor_ids[4].tolist()
    assert old.graph().neighbor_ids.tolist() == expected.neighbor_ids.tolist()


@pytest.mark.parametrize("ids", [[], [7]])
def test_a_dataset_of_next_to_nothing_can_be_read(tmp_path, ids):
    root = tmp_path / "demo"
    with writer(root) as opened:
        opened.add_space("fake", SPACE)
        opened.commit(part(ids) if ids else store.Part())
        opened.finish()
    space = store.Dataset(root).space()
    assert space.image_ids.tolist() == ids
    assert space.embeddings().shape == (len(ids), 4)
    assert len(space.table()) == len(ids)
    assert list(store.problems(root)) == []
    empty = np.empty((len(ids), 0))
    table = store.NeighborTable(space.image_ids, empty.astype(np.int64), empty.astype(np.float32))
    store.write_graph(space.graph_path, table, {})
    space = store.Dataset(root).space()
    assert space.graph().neighbor_ids.shape == (len(ids), 0)
    for i in ids:
        assert len(space.neighbors(i, 5)[0]) == 0


def test_a_space_is_not_mixed_of_two_kinds_of_vectors(tmp_path):
    root = tmp_path / "demo"
    dataset(root)
    for key, value in (("precision", "bf16"), ("weights_hash", "x"), ("version", "2")):
        with writer(root) as opened, pytest.raises(StoreError, match=f"was made with {key}"):
            opened.add_space("fake", replace(SPACE, **{key: value}))


def test_a_dataset_is_not_mixed_of_two_sources(tmp_path):
    dataset(tmp_path / "demo")
    other = store.write_dataset(tmp_path / "demo", source="/else", labels="none")
    with pytest.raises(OtherSourceError, match=r"made from /somewhere, not from /else") as caught:
        other.__enter__()
    assert (caught.value.dataset, caught.value.source) == ("demo", "/else")
