"""The linear probe and its learning curve, on planted labels."""

import numpy as np
import pytest

from explorer.analysis import ProbeSettings, learning_curve, mean_of_splits, probe_scores

QUICK = ProbeSettings(folds=4, repeats=2, draws=6)


def planted(apart: float, *, n: int = 240, d: int = 12, seed: int = 0):
    random = np.random.default_rng(seed)
    labels = np.arange(n) % 3
    vectors = random.normal(size=(n, d)) + apart * np.eye(3, d)[labels]
    return vectors.astype(np.float32), labels


def test_what_a_line_separates_is_found_and_noise_is_chance():
    separate = probe_scores(*planted(9), QUICK)
    noise = probe_scores(*planted(0), QUICK)
    assert separate.shape == noise.shape == (8,)
    assert separate.mean() > 0.99
    chance = mean_of_splits(noise, test_share=QUICK.test_share, images=240)
    assert chance.low < 1 / 3 < chance.high


def test_the_scores_of_two_spaces_are_paired_and_repeatable():
    vectors, labels = planted(2)
    once, again = probe_scores(vectors, labels, QUICK), probe_scores(vectors, labels, QUICK)
    np.testing.assert_array_equal(once, again)
    # Turned as a whole, it is the same space: the same splits must give the same answers.
    turn, _ = np.linalg.qr(np.random.default_rng(1).normal(size=(12, 12)))
    turned = probe_scores((vectors @ turn).astype(np.float32), labels, QUICK)
    np.testing.assert_allclose(once, turned, atol=0.035)


def test_rows_in_which_all_is_the_same_are_no_obstacle():
    vectors, labels = np.ones((40, 5), np.float32), np.arange(40) % 2
    assert probe_scores(vectors, labels, QUICK).mean() == pytest.approx(0.5)


def test_more_labels_help_where_there_is_something_to_learn():
    points = learning_curve(*planted(3, n=300), QUICK)
    assert [point.per_label for point in points] == [1, 2, 5, 10, 20, 50]
    assert points[-1].mean > points[0].mean + 0.1
    assert all(point.low <= point.mean <= point.high for point in points)
    assert points[0].high - points[0].low > points[-1].high - points[-1].low


def test_a_small_label_gives_all_but_one_image():
    vectors, labels = planted(5, n=120)
    keep = (labels != 2) | (np.arange(120) < 9)
    points = learning_curve(vectors[keep], labels[keep], QUICK)
    assert points[-1].per_label == 20


def test_progress_is_told_to_the_end():
    told = []
    probe_scores(*planted(2), QUICK, on_step=lambda *step: told.append(step))
    assert told[0] == (0, 8)
    assert told[-1] == (8, 8)
