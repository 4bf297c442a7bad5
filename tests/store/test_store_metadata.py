"""What the JSON files say: it comes back, what is not known is kept, and damage is a sentence."""

import json
from dataclasses import replace

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_datasets import SPACE, dataset

from explorer import store
from explorer.errors import StoreError
from explorer.store.json_files import as_json, read_json, write_json
from explorer.store.metadata import DatasetInfo, read_info

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
)
SPACE_KEYS = st.sampled_from([*vars(SPACE), "unheard of"])


@given(st.dictionaries(SPACE_KEYS, json_values))
def test_whatever_a_space_says_is_read_or_refused_by_name(tmp_path_factory, said):
    path = tmp_path_factory.mktemp("space") / "space.json"
    path.write_text(json.dumps(json.loads(as_json(SPACE)) | said), "utf-8")
    try:
        told = json.loads(as_json(read_json(path, store.SpaceInfo)))
    except StoreError as error:
        refused = str(error)
    else:
        refused = f"{path} is damaged: it has no proper '"
        assert all(told[name] == said[name] for name in said if said[name] is not None)
    assert refused.startswith(f"{path} is damaged: it has no proper '")


def test_what_later_explorers_say_is_written_again(tmp_path):
    path = tmp_path / "space.json"
    path.write_text(json.dumps(json.loads(as_json(SPACE)) | {"pixels": {"mean": [1, 2]}}))
    measured = store.Calibration(workers=3, cores=2, images_per_second={"3": 7.5})
    write_json(path, replace(read_json(path, store.SpaceInfo), calibration=measured))
    assert json.loads(path.read_text()) == json.loads(as_json(SPACE)) | {
        "pixels": {"mean": [1, 2]},
        "calibration": {"workers": 3, "cores": 2, "images_per_second": {"3": 7.5}},
    }


def test_a_space_says_no_more_than_it_is_told():
    assert set(json.loads(as_json(SPACE))) == {
        *("extractor", "version", "weights_hash", "precision", "dimension")
    }


def test_an_early_dataset_has_the_defaults(tmp_path):
    early = {"format_version": 1, "source": "/photos", "spaces": ["lite"]}
    (tmp_path / "dataset.json").write_text(json.dumps(early))
    assert read_info(tmp_path) == DatasetInfo(source="/photos", spaces=("lite",))


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        (lambda said: said["columns"]["demo"].update(kind="colour"), "columns"),
        (lambda said: said["columns"]["demo"].pop("title"), "columns"),
        (lambda said: said["analyses"]["demo"].update(figures={"sum": "many"}), "analyses"),
        (lambda said: said["analyses"].update(demo=[]), "analyses"),
    ],
)
def test_columns_that_say_what_makes_no_sense_are_named(tmp_path, change, wrong):
    space = dataset(tmp_path / "demo").space()
    table = pq.read_table(space.columns_path)
    said = json.loads(table.schema.metadata[b"explorer"])
    change(said)
    pq.write_table(
        table.replace_schema_metadata({b"explorer": json.dumps(said)}), space.columns_path
    )
    with pytest.raises(StoreError, match=rf"columns\.parquet cannot be read.*'{wrong}'"):
        _ = store.Dataset(tmp_path / "demo").space().column_names


def test_every_setting_figure_and_cluster_of_an_analysis_comes_back(tmp_path):
    space = dataset(tmp_path / "demo").space()
    before = store.read_columns(space.columns_path)
    groups = {"demo": (store.ClusterMeta(0, "fish", 3, None), store.ClusterMeta(1, "é", 4, 0.5))}
    made = store.AnalysisMeta("f", {"n": 3, "near": 0.5, "on": True}, {"sum": 2.0}, groups, 7)
    store.write_columns(space.columns_path, replace(before, analyses={"demo": made}))
    assert store.Dataset(tmp_path / "demo").space().made_by("demo") == made
