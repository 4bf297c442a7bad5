"""Choosing: far apart, representative, in even and fair shares; splits that keep groups whole."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.analysis import (
    Graph,
    choosing,
    coverage,
    even_shares,
    facility_location,
    fair_shares,
    k_centers,
    linked_groups,
    nearest_chosen,
    neighbor_graph,
    read_pictures,
    split_groups,
    take_shares,
    unit_rows,
)

seeds = st.integers(0, 2**32 - 1)


def points(seed, n, d=3):
    """Unit vectors, now and then with copies among them."""
    random = np.random.default_rng(seed)
    vectors = random.normal(size=(n, d))
    if n > 3 and seed % 2:
        vectors[1] = vectors[2] = vectors[0]
    return unit_rows(vectors)


def radius(unit, chosen):
    """The Euclidean distance of the worst served row to the nearest chosen one."""
    gaps = np.linalg.norm(unit[:, None].astype(float) - unit[None, list(chosen)], axis=-1)
    return gaps.min(axis=1).max()


@given(seeds, st.integers(2, 9), st.data())
def test_k_centres_is_never_above_twice_the_smallest_radius(seed, n, data):
    unit = points(seed, n)
    count = data.draw(st.integers(1, n))
    chosen = k_centers(unit, count, seed=seed)
    assert len({*chosen.tolist()}) == count
    best = min(radius(unit, some) for some in combinations(range(n), count))
    assert radius(unit, chosen) <= 2 * best + 2e-3  # similarities are rounded to six decimals


@given(seeds, st.integers(3, 40), st.data())
def test_each_next_centre_is_the_farthest_from_all_before(seed, n, data):
    unit = points(seed, n, 4)
    already = np.array(data.draw(st.lists(st.integers(0, n - 1), unique=True, max_size=n - 1)), int)
    count = data.draw(st.integers(1, n - len(already)))
    chosen = k_centers(unit, count, given=already, seed=seed).tolist()
    assert not {*chosen} & {*already.tolist()}
    before = already.tolist()
    for row in chosen:
        if before:
            nearest = (unit @ unit[before].T).max(axis=1)
            free = np.setdiff1d(np.arange(n), before)
            assert nearest[row] <= nearest[free].min() + 2e-6
        before.append(row)


def test_a_pool_changes_nothing(monkeypatch):
    unit = points(4, 3000, 16)
    whole = k_centers(unit, 200, seed=1)
    monkeypatch.setattr(choosing, "_POOL", 7)
    np.testing.assert_array_equal(k_centers(unit, 200, seed=1), whole)
    assert len({*whole.tolist()}) == 200


def test_a_start_depends_on_the_seed_alone():
    unit = points(2, 500, 8)
    assert k_centers(unit, 20, seed=3).tolist() == k_centers(unit, 20, seed=3).tolist()
    assert k_centers(unit, 20, seed=3).tolist() != k_centers(unit, 20, seed=4).tolist()


def served(graph, chosen):
    n = len(graph)
    likeness = np.zeros((n, n))
    rows = np.repeat(np.arange(n), graph.k)
    likeness[rows, graph.neighbors.reshape(-1)] = np.clip(graph.similarities.reshape(-1), 0, 1)
    likeness = np.maximum(likeness, likeness.T)
    np.fill_diagonal(likeness, 1)
    return likeness[:, list(chosen)].max(axis=1).sum()


def test_choosing_leaves_the_graph_as_it_is():
    """All read the same graph, also after neighbours that are unlike: those serve nobody."""
    graph = neighbor_graph(points(9, 9), k=3)
    assert (graph.similarities < 0).any()
    before = graph.neighbors.copy()
    facility_location(graph, 1)
    np.testing.assert_array_equal(graph.neighbors, before)


@settings(max_examples=50)
@given(seeds, st.integers(2, 9), st.data())
def test_facility_location_reaches_what_greedy_promises(seed, n, data):
    graph = neighbor_graph(points(seed, n), k=3)
    count = data.draw(st.integers(1, n))
    chosen = facility_location(graph, count)
    assert len({*chosen.tolist()}) == count
    best = max(served(graph, some) for some in combinations(range(n), count))
    assert served(graph, chosen) >= (1 - 1 / np.e) * best - 1e-3


def test_facility_location_is_greedy_also_when_lazy():
    graph = neighbor_graph(points(8, 60, 4), k=5)
    given_rows = np.array([3, 17])
    chosen = facility_location(graph, 12, given=given_rows).tolist()
    before = given_rows.tolist()
    for row in chosen:
        worth = {each: served(graph, [*before, each]) for each in range(60) if each not in before}
        assert worth[row] >= max(worth.values()) - 1e-3
        before.append(row)


sizes = st.lists(st.integers(0, 30), min_size=1, max_size=8).filter(any)


@given(sizes, st.data())
def test_even_shares_are_exact_and_as_even_as_can_be(counts, data):
    total = data.draw(st.integers(0, sum(counts)))
    has = data.draw(st.lists(st.integers(0, 9), min_size=len(counts), max_size=len(counts)))
    shares = even_shares(np.array(counts), total, has=np.array(has))
    assert shares.sum() == total
    assert (shares >= 0).all()
    assert (shares <= counts).all()
    level = shares + has
    for taken, poorer in zip(shares, level, strict=True):
        del taken
        # Nobody who could have more has less than another's last one.
        gave = (level > poorer + 1) & (shares > 0)
        could = (shares < counts) & (level == poorer)
        assert not (gave.any() and could.any())


@given(sizes, st.data())
def test_fair_shares_are_exact_and_within_one_of_the_proportion(counts, data):
    total = data.draw(st.integers(0, sum(counts)))
    shares = fair_shares(counts, total)
    assert shares.sum() == total
    assert (shares <= counts).all()
    assert (np.abs(shares - np.array(counts) * total / sum(counts)) < 1).all()


def test_shares_are_taken_from_the_front_of_an_order():
    groups = np.array([0, 1, 0, 1, 0, 2])
    taken = take_shares(groups, np.array([2, 1, 0]), np.array([5, 4, 3, 2, 1, 0]))
    assert taken.tolist() == [4, 3, 2]


@given(seeds, st.integers(1, 80), st.integers(1, 5), st.integers(2, 4))
def test_a_split_never_separates_a_group_and_is_repeatable(seed, n, labels, parts):
    random = np.random.default_rng(seed)
    groups = random.integers(0, max(n // 2, 1), n)
    label = random.integers(0, labels, n)
    fractions = random.integers(1, 10, parts)
    part = split_groups(groups, label, fractions=fractions, seed=seed)
    assert all(len({*part[groups == group].tolist()}) == 1 for group in groups.tolist())
    assert ((part >= 0) & (part < parts)).all()
    np.testing.assert_array_equal(part, split_groups(groups, label, fractions=fractions, seed=seed))


@given(seeds, st.integers(1, 120), st.integers(1, 40), st.integers(2, 4))
def test_a_split_keeps_every_label_in_training_and_its_sizes(seed, n, labels, parts):
    """With groups of any sizes and labels; only what training has to have may spoil its size."""
    random = np.random.default_rng(seed)
    groups = random.integers(0, random.integers(1, n + 1), n)
    label = random.integers(0, labels, n)
    fractions = random.integers(1, 10, parts)
    part = split_groups(groups, label, fractions=fractions, seed=seed)
    training = int(fractions.argmax())
    together = np.bincount(groups)
    needed = 0
    for each in {*label.tolist()}:
        of_label = {*groups[label == each].tolist()}
        if len(of_label) > 1:
            assert each in label[part == training]
            needed += min(together[group] for group in of_label)
    share = fair_shares(np.round(fractions / fractions.sum() * 1e9), n)
    too_many = np.bincount(part, minlength=parts) - share
    allowed = np.full(parts, max(together) - 1)
    allowed[training] = max(allowed[0], needed - share[training])
    assert (too_many <= allowed).all()


def test_what_cannot_be_divided_goes_round_over_the_labels():
    label = np.repeat(np.arange(16), [2] * 14 + [1] * 2)
    for seed in range(20):
        part = split_groups(np.arange(30), label, fractions=[0.8, 0.2], seed=seed)
        assert np.bincount(part).tolist() == [24, 6]
        assert np.bincount(label[part == 0], minlength=16).min() == 1
        assert np.bincount(label[part == 1]).max() == 1


@given(seeds, st.integers(1, 300), st.integers(1, 6))
def test_a_split_of_single_images_is_exact_in_all_and_fair_to_labels(seed, n, labels):
    random = np.random.default_rng(seed)
    label = random.integers(0, labels, n)
    part = split_groups(np.arange(n), label, fractions=[8, 1, 1], seed=seed)
    np.testing.assert_array_equal(np.bincount(part, minlength=3), fair_shares([8, 1, 1], n))
    for each in range(labels):
        wanted = (label == each).sum() * np.array([0.8, 0.1, 0.1])
        found = np.bincount(part[label == each], minlength=3)
        assert (np.abs(found - wanted) <= labels + 1).all()


def test_groups_do_not_spoil_the_sizes_while_single_images_can_make_up_for_them():
    groups = np.concatenate([np.repeat(np.arange(20), 5), np.arange(20, 920)])
    label = np.arange(len(groups)) % 10
    part = split_groups(groups, label, fractions=[0.8, 0.1, 0.1], seed=5)
    assert np.bincount(part).tolist() == [800, 100, 100]
    for each in range(10):
        assert np.abs(np.bincount(part[label == each]) - [80, 10, 10]).max() <= 2


def test_links_are_followed_from_one_to_the_next():
    neighbors = np.array([[1], [2], [1], [4], [3]])
    graph = Graph(neighbors, np.array([[0.95], [0.91], [0.91], [0.5], [0.5]], np.float32))
    unseen = read_pictures([None] * len(graph))
    assert len({*linked_groups(graph, 0.9, unseen)[:3].tolist()}) == 1
    assert len({*linked_groups(graph, 0.9, unseen).tolist()}) == 3
    assert len({*linked_groups(graph, 0.4, unseen).tolist()}) == 2


def test_coverage_tells_a_good_choice_from_chance():
    random = np.random.default_rng(0)
    centers = random.normal(size=(40, 16))
    unit = unit_rows(np.repeat(centers, 25, axis=0) + random.normal(size=(1000, 16)) * 0.1)
    good = coverage(1000, k_centers(unit, 40), lambda rows: unit[rows])
    assert good.mean > good.random_mean
    assert good.worst > good.random_worst
    np.testing.assert_allclose(good.worst, nearest_chosen(unit, k_centers(unit, 40)).min())
    bad = coverage(1000, np.arange(40), lambda rows: unit[rows])
    assert bad.mean < bad.random_mean


@pytest.mark.parametrize("count", [0, 1, 5])
def test_all_copies_are_still_different_rows(count):
    unit = np.tile(np.eye(4, dtype=np.float32)[:1], (5, 1))
    assert len({*k_centers(unit, count).tolist()}) == count
    assert len({*facility_location(neighbor_graph(unit), count).tolist()}) == count
