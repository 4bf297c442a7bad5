"""Labels: planted errors are found, and what cannot be judged is left alone."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.model_selection import cross_val_predict
from sklearn.neighbors import KNeighborsClassifier

from benchmarks.planted import Mixture, flipped, mixture
from explorer.analysis import (
    LabelAccuracy,
    held_out,
    knn_accuracy,
    label_accuracy,
    label_issues,
    label_margin,
    label_trouble,
    label_votes,
    neighbor_graph,
)


@pytest.fixture(scope="module")
def planted():
    vectors, truth = mixture(Mixture(2000, 64, groups=8, ratio=4, noise=0.03, spread=1.0))
    labels, wrong = flipped(np.where(truth < 0, 0, truth))
    return vectors, truth, labels, wrong


def test_flipped_labels_are_found_outliers_or_not(planted):
    vectors, truth, labels, wrong = planted
    found = held_out(vectors, labels)
    inside = truth >= 0
    for ranking in (label_trouble(found, labels), label_margin(found, labels)):
        assert average_precision_score(wrong[inside], ranking[inside]) >= 0.98
        assert average_precision_score(wrong & inside, ranking) >= 0.9
    assert (found.suggested[inside] == truth[inside]).mean() >= 0.99


def test_the_flag_names_them_without_a_threshold(planted):
    vectors, truth, labels, wrong = planted
    issues = label_issues(held_out(vectors, labels), labels)
    inside = truth >= 0
    assert issues[inside & wrong].mean() >= 0.95
    assert issues[inside & ~wrong].mean() <= 0.01


def test_probabilities_mean_what_they_say():
    random = np.random.default_rng(0)
    labels = random.integers(0, 3, 3000)
    vectors = np.eye(3)[labels] + random.normal(size=(3000, 3)) * 0.5
    vectors = np.hstack([vectors, np.full((3000, 1), 2)]).astype(np.float32)
    probabilities = held_out(vectors, labels).probabilities
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)
    right = (probabilities.argmax(axis=1) == labels).mean()
    assert probabilities.max(axis=1).mean() == pytest.approx(right, abs=0.03)


def test_a_label_is_judged_without_its_own_image():
    """Random labels cannot be learned, so nothing may seem to speak for them."""
    random = np.random.default_rng(0)
    vectors = random.normal(size=(300, 200)).astype(np.float32)
    labels = random.integers(0, 2, 300)
    assert (held_out(vectors, labels).suggested == labels).mean() < 0.6


def test_knn_accuracy_is_leave_one_out_accuracy():
    random = np.random.default_rng(0)
    vectors = random.normal(size=(200, 5)).astype(np.float32)
    labels = (vectors[:, 0] > 0).astype(np.int64)
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    hits = 0
    for row in range(200):
        rest = np.delete(np.arange(200), row)
        model = KNeighborsClassifier(1).fit(unit[rest], labels[rest])
        hits += model.predict(unit[[row]])[0] == labels[row]
    assert knn_accuracy(neighbor_graph(vectors), labels) == pytest.approx(hits / 200)


def test_images_without_a_label_neither_vote_nor_count():
    vectors = np.array([[1, 0], [1, 0.1], [1, 0.2], [0, 1], [0.1, 1]], dtype=np.float32)
    labels = np.array([0, -1, 0, 1, 1])
    graph = neighbor_graph(vectors)
    assert label_votes(graph, labels, nearest=1).argmax(axis=1).tolist() == [0, 0, 0, 1, 1]
    assert knn_accuracy(graph, labels) == 1
    trouble = label_trouble(held_out(vectors, labels), labels)
    assert np.isnan(trouble).tolist() == [False, True, False, False, False]
    assert np.isnan(knn_accuracy(graph, np.full(5, -1)))


def test_a_label_that_occurs_once_cannot_be_judged():
    vectors = np.random.default_rng(0).normal(size=(30, 4)).astype(np.float32)
    labels = np.array([2] + [0, 1] * 14 + [0])
    found = held_out(vectors, labels)
    trouble = label_trouble(found, labels)
    assert np.isnan(trouble[0])
    assert np.isnan(label_margin(found, labels)[0])
    assert not label_issues(found, labels)[0]
    assert np.isfinite(trouble[1:]).all()


def test_one_class_is_no_trouble():
    vectors = np.random.default_rng(0).normal(size=(20, 4)).astype(np.float32)
    labels = np.zeros(20, dtype=np.int64)
    found = held_out(vectors, labels)
    assert (found.suggested == 0).all()
    assert (label_trouble(found, labels) == 0).all()
    assert not label_issues(found, labels).any()
    assert label_accuracy(found, labels) is None


@pytest.mark.parametrize("sizes", [(3, 3), (114, 6)])
def test_few_labels_that_are_all_right_are_too_few_and_not_said_to_be_untellable(sizes) -> None:
    labels = np.repeat([0, 1], sizes)
    vectors = np.eye(2)[labels] + np.random.default_rng(0).normal(size=(len(labels), 2)) * 0.01
    accuracy = label_accuracy(held_out(vectors.astype(np.float32), labels), labels)
    assert accuracy.value == 1
    assert not accuracy.told
    assert accuracy.says.startswith(f"these {len(labels)} labels are too few to say whether they")
    guessed = LabelAccuracy(0.51, 0.48, 0.54, 0.5, 1000)
    assert guessed.says.startswith("the labels cannot be told from the images: 51% right")


def test_where_no_label_can_be_judged_none_is_suggested() -> None:
    """Each picture has a label of its own."""
    labels = np.repeat([0, 1, 2], 2)
    vectors = np.random.default_rng(0).normal(size=(6, 4)).astype(np.float32)
    found = held_out(vectors, labels, groups=labels)
    assert (found.suggested == -1).all()
    assert not found.right.any()
    assert not label_issues(found, labels).any()
    assert np.isnan(label_margin(found, labels)).all()


def around_centers(
    *, classes: int, images: int, apart: float, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Overlapping classes (n, 256), each with a like one beside it; the labels shuffled."""
    random = np.random.default_rng(seed)
    pairs = np.repeat(random.normal(size=(classes // 2, 256)), 2, axis=0)
    centers = pairs + 0.8 * random.normal(size=(classes, 256))
    labels = random.permutation(np.repeat(np.arange(classes), images))
    spread = np.geomspace(4, 0.3, 256)
    vectors = (apart * centers[labels] + random.normal(size=(len(labels), 256))) * spread
    return vectors.astype(np.float32), labels


@pytest.mark.parametrize(("images", "apart"), [(10, 0.35), (30, 0.25)])
def test_accuracy_is_that_on_images_never_seen(images: int, apart: float) -> None:
    differences = []
    for seed in range(5):
        vectors, labels = around_centers(classes=10, images=images + 50, apart=apart, seed=seed)
        seen = np.concatenate([np.flatnonzero(labels == code)[:images] for code in range(10)])
        unseen = np.setdiff1d(np.arange(len(labels)), seen)
        given = np.full(len(labels), -1)
        given[seen] = labels[seen]
        truth = (held_out(vectors, given).suggested[unseen] == labels[unseen]).mean()
        accuracy = label_accuracy(held_out(vectors[seen], labels[seen], repeats=3), labels[seen])
        assert accuracy.told
        differences.append(accuracy.value - truth)
    assert abs(np.mean(differences)) <= 0.02


@pytest.mark.parametrize(("images", "recall"), [(5, 0.85), (10, 0.70)])
def test_flips_are_flagged_where_classes_are_small_and_well_apart(images, recall) -> None:
    vectors, truth = around_centers(classes=76, images=images, apart=1.0)
    labels, wrong = flipped(truth)
    issues = label_issues(held_out(vectors, labels, repeats=3), labels)
    assert issues[wrong].mean() >= recall
    assert wrong[issues].mean() >= 0.8


def test_each_ranking_is_better_at_its_kind_of_mistake_and_than_logistic_regression() -> None:
    """The rival is cleanlab's normalized margin of cross-validated probabilities."""
    vectors, truth = around_centers(classes=10, images=60, apart=0.2)
    random = np.random.default_rng(1)
    wrong = random.random(len(truth)) < 0.05
    labels = np.where(wrong, truth ^ 1, truth)  # the like label beside it
    found = held_out(vectors, labels, repeats=3)
    guess = cross_val_predict(LogisticRegression(), vectors, labels, method="predict_proba")
    own = guess[np.arange(len(labels)), labels]
    guess[np.arange(len(labels)), labels] = -1
    by_margin = average_precision_score(wrong, label_margin(found, labels))
    assert by_margin >= average_precision_score(wrong, guess.max(axis=1) - own)
    assert by_margin > average_precision_score(wrong, label_trouble(found, labels))
    labels, wrong = flipped(truth)
    found = held_out(vectors, labels, repeats=3)
    by_trouble = average_precision_score(wrong, label_trouble(found, labels))
    assert by_trouble > average_precision_score(wrong, label_margin(found, labels))


def test_a_commoner_label_alone_accuses_none() -> None:
    """Where features say nothing, the commonest label is likeliest for all, and no reason."""
    labels = np.array([0] * 300 + [1] * 5)
    vectors = np.random.default_rng(0).normal(size=(305, 16)).astype(np.float32)
    assert not label_issues(held_out(vectors, labels), labels).any()
