"""The learning curve, on planted labels."""

import numpy as np
import pytest

from explorer.analysis import CurveSettings, held_out, learning_curve

QUICK = CurveSettings(draws=6)


def planted(apart: float, *, n: int = 240, d: int = 12, seed: int = 0):
    random = np.random.default_rng(seed)
    labels = np.arange(n) % 3
    vectors = random.normal(size=(n, d)) + apart * np.eye(3, d)[labels]
    return vectors.astype(np.float32), labels


def test_rows_in_which_all_is_the_same_are_no_obstacle():
    vectors, labels = np.ones((40, 5), np.float32), np.arange(40) % 2
    assert all(point.mean == pytest.approx(0.5) for point in learning_curve(vectors, labels, QUICK))


def test_its_end_meets_what_is_said_of_all_labels():
    vectors, labels = planted(3, n=600, d=40)
    last = learning_curve(vectors, labels, QUICK)[-1]
    assert last.per_label == 100
    assert last.mean == pytest.approx(held_out(vectors, labels).right.mean(), abs=0.03)


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
    learning_curve(*planted(2), QUICK, on_step=lambda *step: told.append(step))
    assert told[0] == (0, 6)
    assert told[-1] == (6, 6)
