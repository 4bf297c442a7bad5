import json
import os

import pytest
from small_datasets import SPACE, dataset, images, part, writer

import explorer
from explorer import store
from explorer.errors import (
    NoDatasetError,
    NotAnalyzedError,
    SpaceMissingError,
    StoreError,
    UsageError,
)


def test_a_job_that_could_not_begin_leaves_no_dataset(tmp_path):
    with pytest.raises(RuntimeError), writer(tmp_path / "demo"):
        raise RuntimeError
    assert store.dataset_names(tmp_path) == []
    with writer(tmp_path / "demo") as opened:
        opened.add_space("fake", SPACE)
    assert store.dataset_names(tmp_path) == ["demo"]


def test_the_newest_dataset_comes_first_and_is_the_default(tmp_path):
    for number, name in enumerate(("a", "b/c", "timm:x")):
        root = tmp_path / store.folder_name(name)
        dataset(root, range(number + 1))
        os.utime(root / "dataset.json", (number, number))
    assert store.dataset_names(tmp_path) == ["timm:x", "b/c", "a"]
    assert store.open_dataset(cache=tmp_path).name == "timm:x"
    assert len(store.open_dataset("b/c", cache=tmp_path)) == 2
    with pytest.raises(UsageError, match=r"no dataset 'd' in .*There are: timm:x, b/c, a\."):
        store.open_dataset("d", cache=tmp_path)


def test_an_empty_cache_says_what_to_run(tmp_path):
    with pytest.raises(NoDatasetError, match=r"There is no dataset in .* yet"):
        store.open_dataset(cache=tmp_path / "none")


@pytest.mark.parametrize("version", [0, 2, 99])
def test_another_format_version_is_neither_read_nor_written(tmp_path, version):
    root = tmp_path / "demo"
    dataset(root)
    info = json.loads((root / "dataset.json").read_text()) | {"format_version": version}
    (root / "dataset.json").write_text(json.dumps(info))
    sentence = f"is in format version {version}; this Explorer reads version 1"
    with pytest.raises(StoreError, match=sentence):
        store.Dataset(root)
    with pytest.raises(StoreError, match=sentence), writer(root):
        pass


def test_a_space_that_is_not_there_says_how_to_make_it(tmp_path):
    read = dataset(tmp_path / "demo")
    with pytest.raises(SpaceMissingError, match="has no space 'style'") as caught:
        read.space("style")
    assert (caught.value.source, caught.value.space) == ("/somewhere", "style")


def test_what_is_missing_from_a_space_says_what_to_run(tmp_path):
    root = tmp_path / "demo"
    with writer(root) as opened:
        opened.add_space("fake", SPACE)
        opened.commit(part(range(3)))
    space = store.Dataset(root).space()
    for ask in (
        space.graph,
        space.index,
        lambda: explorer.plot(space),
        lambda: space.neighbors(0, 1),
    ):
        with pytest.raises(NotAnalyzedError) as caught:
            ask()
        assert caught.value.dataset == "demo"
    assert space.is_stale


def test_a_stamp_changes_when_something_is_written_and_only_then(tmp_path):
    root = tmp_path / "demo"
    read = dataset(root)
    space = read.space()
    seen = [store.stamp(root)]

    def changed() -> bool:
        seen.append(store.stamp(root))
        return seen[-1] != seen[-2]

    assert not changed()
    read.space().embeddings()
    assert not changed()
    with writer(root) as opened:
        assert not changed()
        opened.commit(store.Part(images({"image_id": 0, "label": "new"})))
    assert changed()
    store.write_graph(space.graph_path, space.graph(), {"k": "5"})
    assert changed()
    store.write_columns(space.columns_path, store.Columns(space.image_ids))
    assert changed()
    with writer(root) as opened:
        opened.commit(store.Part(embeddings={"fake": part([0]).embeddings["fake"]}))
    assert changed()
    with writer(root) as opened:
        opened.finish()
    assert changed()


def test_fingerprints_name_what_they_are_of(tmp_path):
    one = dataset(tmp_path / "one", range(5))
    same = dataset(tmp_path / "same", range(5))
    fewer = dataset(tmp_path / "fewer", range(4))
    assert one.space().fingerprint == same.space().fingerprint != fewer.space().fingerprint
    assert one.fingerprint == same.fingerprint != fewer.fingerprint
    with writer(tmp_path / "same") as opened:
        opened.commit(store.Part(images({"image_id": 0, "label": "new"})))
    relabeled = store.Dataset(tmp_path / "same")
    assert relabeled.fingerprint != one.fingerprint
    assert relabeled.space().fingerprint == one.space().fingerprint


def test_the_map_is_drawn_for_notebooks(tmp_path):
    space = dataset(tmp_path / "demo").space()
    values = {"map_x": space.image_ids.astype("f4"), "map_y": space.image_ids.astype("f4")}
    meta = {name: store.ColumnMeta("number", name, "", "map") for name in values}
    made = {"map": store.AnalysisMeta("")}
    store.write_columns(space.columns_path, store.Columns(space.image_ids, values, meta, made))
    figure = explorer.plot(store.Dataset(space.dataset.root).space())
    assert sum(len(trace.x) for trace in figure.data) == 10
    assert {trace.name for trace in figure.data} == {"a", "b", "c"}
