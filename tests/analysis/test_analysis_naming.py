"""Cluster names: from labels or classes, no two the same; numbers that stay; what sets apart."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from explorer.analysis import (
    Classes,
    Difference,
    Inputs,
    distinct_names,
    find_analysis,
    keep_numbers,
    neighbor_graph,
    sets_apart,
)
from explorer.analysis.clusters import LEVELS

names = st.sampled_from(["cat", "dog", "cat, dog", "cat 2", "Cluster 1"])
shares = st.floats(0, 1)


@given(st.dictionaries(st.integers(0, 9), st.lists(st.tuples(names, shares), max_size=2)))
def test_no_two_clusters_are_called_the_same(said):
    found = distinct_names(said)
    assert found.keys() == said.keys()
    assert len(set(found.values())) == len(said)
    assert all(found.values())


def named(labels=None, classes=None, codes=(0, 0, 0, 0, 4, 4, 4, -1)):
    """The names of clusters 0 and 4 of eight images, and their purities and medoids."""
    vectors = np.eye(8, dtype=np.float32)
    vectors[:4, 0] = 1
    vectors[4:7, 4] = 1
    inputs = Inputs(
        neighbor_graph(vectors),
        lambda: vectors,
        labels=None if labels is None else np.array(labels),
        names={"labels": ["boat", "cat", "dog"]},
        classes=classes,
        columns=dict.fromkeys(LEVELS, np.array(codes, dtype=np.int32)),
    )
    analysis = find_analysis("cluster_names")
    groups = analysis.run(inputs, analysis.settings).groups
    assert tuple(groups) == LEVELS
    return groups["cluster"]


def test_a_cluster_is_called_by_its_most_frequent_label():
    first, second = named([1, 1, 1, 2, 2, 2, 2, 0])
    assert (first.code, first.name, first.purity, first.medoid) == (0, "cat", 0.75, 0)
    assert (second.code, second.name, second.purity, second.medoid) == (4, "dog", 1, 4)


def test_what_stands_for_a_cluster_bears_its_label():
    assert [each.medoid for each in named([2, 1, 1, 1, 2, 2, 2, 0])] == [1, 4]


def test_without_a_majority_it_is_called_by_two_labels():
    assert [each.name for each in named([1, 2, 0, *[-1] * 5])] == ["boat, cat", "Cluster 4"]


def test_clusters_of_one_label_are_told_apart():
    assert [each.name for each in named([1, 1, 1, 2, 1, 1, 1, 1])] == ["cat, dog", "cat"]
    assert [each.name for each in named([1] * 8)] == ["cat", "cat 2"]


def test_without_labels_the_classes_of_the_extractor_name_it():
    def probabilities(vectors):
        return np.stack([vectors[:, 4], vectors[:, 0], vectors[:, 7]], axis=1)

    first, second = named(classes=Classes(["tench", "shark", "hen"], probabilities))
    assert (first.name, second.name) == ("shark", "tench")
    assert np.isnan(first.purity)


def test_with_neither_it_is_called_by_its_number():
    assert [each.name for each in named()] == ["Cluster 0", "Cluster 4"]
    assert named(codes=[-1] * 8) == []


codes = arrays(np.int32, 40, elements=st.integers(-1, 5))


@given(codes, codes)
def test_numbers_stay_with_clusters_that_stay_mostly_the_same(found, before):
    kept = keep_numbers(found, before.astype(np.int64))
    assert ((kept < 0) == (found < 0)).all()
    pairs = set(zip(found[found >= 0].tolist(), kept[found >= 0].tolist(), strict=True))
    assert len(pairs) == len({code for code, _ in pairs}) == len({number for _, number in pairs})
    both = (found >= 0) & (before >= 0)
    for code, number in pairs:
        common = (both & (found == code) & (before == number)).sum()
        either = (both & ((found == code) | (before == number))).sum()
        assert 2 * common > either or number not in before
    for old in set(before[before >= 0].tolist()):
        for code in {code for code, _ in pairs}:
            common = (both & (found == code) & (before == old)).sum()
            if 2 * common > (both & ((found == code) | (before == old))).sum():
                assert (code, old) in pairs


def test_a_cluster_that_split_keeps_its_number_for_the_larger_part():
    before = np.array([3] * 10 + [0] * 5 + [-1] * 5)
    found = np.array([0] * 6 + [1] * 4 + [2] * 5 + [3] * 5, dtype=np.int32)
    assert keep_numbers(found, before).tolist() == [3] * 6 + [1] * 4 + [0] * 5 + [2] * 5
    assert keep_numbers(found, None).tolist() == found.tolist()


def test_what_sets_a_group_apart_is_found_in_numbers_and_in_names():
    random = np.random.default_rng(0)
    inside = np.arange(400) < 50
    columns = {
        "brightness": np.where(inside, 0.2, 0.6) + random.normal(size=400) * 0.05,
        "width": random.integers(100, 2000, 400),
        "label": np.where(inside & (np.arange(400) % 4 > 0), "fish", "boat").astype(object),
        "split": random.choice(["train", "val", None], 400),
        "same": np.ones(400),
        "unknown": np.full(400, np.nan),
        "nothing": np.full(400, None, object),
    }
    first, second = sets_apart(columns, inside)
    assert (first.column, first.value) == ("brightness", None)
    assert first.here == pytest.approx(0.2, abs=0.02)
    assert first.elsewhere == pytest.approx(0.6, abs=0.02)
    assert first.effect < -0.95
    assert second.column == "label"
    assert abs(second.effect) == pytest.approx(37 / 50)
    assert sets_apart(columns, inside, most=1) == [first]


def test_a_share_is_told_with_its_value():
    label = np.array(["fish"] * 20 + ["boat", None] * 40, dtype=object)
    inside = np.arange(100) < 20
    assert sets_apart({"label": label}, inside)[0] == Difference("label", "fish", 1.0, 0.0, 1.0)


@pytest.mark.parametrize("inside", [np.zeros(30, bool), np.ones(30, bool), np.arange(30) < 1])
def test_nothing_sets_apart_what_has_no_counterpart_or_may_be_chance(inside):
    columns = {"number": np.arange(30.0), "name": np.array(["a", "b"] * 15, dtype=object)}
    assert sets_apart(columns, inside) == []
