"""Intervals: known values, invariants, and that they hold the truth as often as they say."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from explorer.analysis import holm, mean_of_splits, paired_shares, paired_splits, wilson

cases = st.integers(1, 200).flatmap(lambda n: st.tuples(arrays(np.bool_, n), arrays(np.bool_, n)))
probabilities = st.lists(st.floats(0, 1), min_size=1, max_size=12)


def test_wilson_is_the_textbook_s():
    # Newcombe 1998, table I: 81 of 263, and 0 of 20.
    assert wilson(81, 263).low == pytest.approx(0.2553, abs=1e-4)
    assert wilson(81, 263).high == pytest.approx(0.3662, abs=1e-4)
    assert wilson(0, 20).high == pytest.approx(0.1611, abs=1e-4)


@given(st.integers(1, 10_000), st.data())
def test_a_share_is_within_its_interval_and_more_cases_narrow_it(of, data):
    right = data.draw(st.integers(0, of))
    few, many = wilson(right, of), wilson(4 * right, 4 * of)
    assert 0 <= few.low <= few.value <= few.high <= 1
    assert many.high - many.low < few.high - few.low
    mirrored = wilson(of - right, of)
    assert mirrored.low == pytest.approx(1 - few.high)


def test_wilson_holds_the_truth_19_times_in_20():
    right = np.random.default_rng(0).binomial(60, 0.85, 2000)
    held = [wilson(int(each), 60).low <= 0.85 <= wilson(int(each), 60).high for each in right]
    assert 0.93 < np.mean(held) < 0.975


@given(cases)
def test_exchanging_two_answers_turns_the_difference_around(both):
    first, second = both
    there, back = paired_shares(first, second), paired_shares(second, first)
    assert there.p == pytest.approx(back.p)
    assert 0 <= there.p <= 1
    assert there.by.value == pytest.approx(first.mean() - second.mean())
    assert there.by.low == pytest.approx(-back.by.high)
    assert there.by.low <= there.by.value <= there.by.high


def test_mid_p_is_the_textbook_s():
    # Fagerland, Lydersen, Laake 2013, table 1: 1 against 7 discordant pairs of 21.
    first, second = np.zeros(21, bool), np.zeros(21, bool)
    first[:1], second[1:8] = True, True
    assert paired_shares(first, second).p == pytest.approx(0.0391, abs=1e-4)


@given(arrays(np.bool_, st.integers(1, 50)))
def test_the_same_answers_are_no_difference(answers):
    compared = paired_shares(answers, answers)
    assert compared.p == 1
    assert compared.by.low < 0 < compared.by.high


def test_the_paired_test_is_wrong_once_in_twenty_times():
    random = np.random.default_rng(0)
    p_values = []
    for _ in range(1500):
        shared = random.random(150)
        answers = [shared + random.normal(0, 0.3, 150) < 0.6 for _ in range(2)]
        p_values.append(paired_shares(*answers).p)
    assert 0.03 < np.mean(np.array(p_values) < 0.05) < 0.07


@given(probabilities)
def test_holm_never_lowers_keeps_the_order_and_stays_below_bonferroni(p_values):
    adjusted = holm(p_values)
    for before, after in zip(p_values, adjusted, strict=True):
        assert before <= after <= min(1, before * len(p_values)) + 1e-12
    order = np.argsort(p_values, kind="stable")
    assert (np.diff(np.array(adjusted)[order]) >= 0).all()


def test_holm_is_the_textbook_s():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


@given(arrays(np.float64, st.integers(2, 30), elements=st.floats(0, 1)), st.integers(1, 5000))
def test_the_mean_of_splits_is_within_its_interval_which_no_agreement_closes(scores, images):
    found = mean_of_splits(scores, test_share=0.25, images=images)
    assert 0 <= found.low <= found.value + 1e-12
    assert found.value - 1e-12 <= found.high <= 1
    assert found.high - found.low > 0.9 / (images + 4)


def test_overlapping_splits_count_for_less_than_independent_ones():
    random = np.random.default_rng(0)
    first, second = random.normal(0.8, 0.02, (2, 20))
    independent = paired_splits(first, second, test_share=0)
    overlapping = paired_splits(first, second, test_share=0.25)
    assert overlapping.p > independent.p
    assert overlapping.by.high - overlapping.by.low > independent.by.high - independent.by.low
    there, back = paired_splits(first, second, test_share=0.25), overlapping
    assert there.by.value == pytest.approx(back.by.value)


def test_the_same_splits_are_no_difference():
    scores = np.array([0.7, 0.8, 0.9])
    assert paired_splits(scores, scores, test_share=0.5).p == 1
    assert paired_splits(scores + 0.1, scores, test_share=0.5).p < 0.001
