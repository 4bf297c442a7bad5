"""The registry: every analysis runs on what it says it needs, and on next to nothing."""

import dataclasses
import re
import subprocess
import sys
from dataclasses import dataclass

import numpy as np
import pytest

from explorer.analysis import ANALYSES, Inputs, find_analysis, neighbor_graph
from explorer.errors import UsageError


def inputs_for(vectors: np.ndarray, columns=None) -> Inputs:
    n = len(vectors)
    return Inputs(
        graph=neighbor_graph(vectors),
        vectors=lambda: vectors,
        labels=np.arange(n) % 3 - (np.arange(n) % 7 == 0),
        splits=np.arange(n) % 2,
        content=np.arange(n),
        sizes=np.full((n, 2), 100),
        pictures=lambda: pictures(n),
        names={"labels": ["cat", "dog", "hen"], "splits": ["train", "val"]},
        columns=columns or {},
    )


def pictures(n: int) -> dict[str, np.ndarray]:
    """Measured pictures, the first of which is damaged."""
    names = ("brightness", "shadows", "highlights", "contrast", "sharpness", "information")
    numbers = np.where(np.arange(n) == 0, np.nan, 0.5).astype(np.float32)
    hashes = np.array([None if row == 0 else f"{row:016x}" for row in range(n)], object)
    return {**dict.fromkeys(names, numbers), "hash": hashes}


def some_vectors(kind: str) -> np.ndarray:
    random = np.random.default_rng(1).normal(size=(60, 12)).astype(np.float32)
    islands = random * 0.05 + np.repeat([[5.0], [-5.0]], 30, axis=0)
    return {
        "none": random[:0],
        "one": random[:1],
        "two": random[:2],
        "five": random[:5],
        "twelve": random[:12],
        "usual": random,
        "all identical": np.ones((60, 12)),
        "two far islands": islands,
        "zeros": np.zeros((30, 12)),
        "one column": random[:, :1],
    }[kind].astype(np.float32)


@pytest.mark.parametrize(
    "kind",
    [
        "none",
        "one",
        "two",
        "five",
        "twelve",
        "usual",
        "all identical",
        "two far islands",
        "zeros",
        "one column",
    ],
)
def test_every_analysis_yields_its_declared_columns_whatever_comes(kind):
    vectors = some_vectors(kind)
    inputs = inputs_for(vectors)
    columns: dict[str, np.ndarray] = {}
    for analysis in ANALYSES:
        result = analysis.run(inputs_for(vectors, columns), analysis.settings)
        declared = {column.name: column for column in analysis.columns}
        assert set(result.columns) <= set(declared)
        for name, values in result.columns.items():
            assert values.shape == (len(inputs.graph),)
            kinds = {"number": np.float32, "category": np.int32, "text": object}
            assert values.dtype == kinds[declared[name].kind]
            assert declared[name].kind == "text" or not np.isinf(values).any()
        assert all(isinstance(figure, float) for figure in result.figures.values())
        columns |= result.columns
    assert {"map_x", "map_y", "cluster", "outlier_score", "duplicate_group"} <= set(columns)
    assert np.isfinite(columns["map_x"]).all()


def test_names_are_unique_and_needs_come_first():
    known = {"graph", "vectors", "labels", "splits", "content", "sizes", "pictures"}
    columns = [column.name for analysis in ANALYSES for column in analysis.columns]
    assert len(columns) == len(set(columns))
    for analysis in ANALYSES:
        assert set(analysis.needs) <= known
        assert analysis.name not in known
        known.add(analysis.name)


@dataclass(frozen=True)
class Switch:
    on: bool = True


def with_a_switch():
    return dataclasses.replace(find_analysis("map"), settings=Switch())


def test_settings_are_parsed_by_their_type():
    changed = find_analysis("map").with_settings({"n_neighbors": "30"})
    assert changed.n_neighbors == 30
    assert changed.min_dist == 0.1
    assert with_a_switch().with_settings({"on": "false"}).on is False


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"neighbours": "3"}, r"map\.neighbours.*map\.n_neighbors"),
        ({"n_neighbors": "many"}, "whole number"),
        ({"min_dist": "near"}, "a number"),
    ],
)
def test_settings_that_make_no_sense_are_named(changes, message):
    with pytest.raises(UsageError, match=message):
        find_analysis("map").with_settings(changes)
    with pytest.raises(UsageError, match="true or false"):
        with_a_switch().with_settings({"on": "maybe"})


@pytest.mark.parametrize(
    "change",
    [
        "clusters.resolution=0",
        "clusters.resolution=inf",
        "clusters.smallest=0",
        "clusters.fence=-1",
        "clusters.seed=-3",
        "duplicates.threshold=1.5",
        "duplicates.threshold=nan",
        "global_views.components=0",
        "label_trouble.voters=31",
        "map_quality.nearest=0",
        "map_quality.sample=0",
        "map_quality.seed=4294967296",
        "outliers.nearest=0",
        "outliers.outlier=nan",
        "split_check.rare=2",
        "split_check.threshold=-0.1",
    ],
)
def test_a_value_out_of_range_is_refused_with_setting_range_and_value(change):
    target, value = change.split("=")
    analysis, setting = target.split(".")
    parsed = type(getattr(find_analysis(analysis).settings, setting))(value)
    with pytest.raises(UsageError) as refused:
        find_analysis(analysis).with_settings({setting: value})
    assert str(refused.value).startswith(f"{target} is ")
    assert str(refused.value).endswith(f", not {parsed}.")
    assert re.search(r"(between|above) .+ and ", str(refused.value))


@pytest.mark.parametrize("analysis", ANALYSES, ids=lambda analysis: analysis.name)
def test_no_number_is_without_a_range(analysis):
    for field in dataclasses.fields(analysis.settings):
        if field.type in ("int", "float"):
            with pytest.raises(UsageError, match=rf"{analysis.name}\.{field.name}"):
                analysis.with_settings({field.name: "-7"})


def test_an_unknown_analysis_is_named_with_those_there_are():
    with pytest.raises(UsageError, match=r"'maps'.*map, "):
        find_analysis("maps")


def test_a_fingerprint_changes_with_settings_and_with_what_it_is_built_on():
    analysis = find_analysis("map")
    needed = {"graph": "a", "vectors": "b"}
    same = analysis.fingerprint(analysis.settings, needed)
    assert same == analysis.fingerprint(analysis.with_settings({}), dict(needed, labels="z"))
    others = {
        analysis.fingerprint(analysis.with_settings({"seed": "1"}), needed),
        analysis.fingerprint(analysis.settings, dict(needed, graph="c")),
    }
    assert same not in others
    assert len(others) == 2


def test_importing_the_room_imports_nothing_heavy():
    heavy = "{'umap', 'numba', 'sklearn', 'faiss', 'scipy', 'torch'}"
    code = f"import sys, explorer.analysis; print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
