"""Labels that mean nothing cannot be told, are not doubted, and the house says so in words."""

import csv
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from nothing import SHAPES, Floats, Ints, Shape, gaussian, most_by_chance
from streamlit.testing.v1 import AppTest
from typer.testing import CliRunner

from explorer import Dataset, batch, open_dataset
from explorer.analysis import held_out, label_accuracy, label_issues, label_margin, label_trouble
from explorer.cli.app import app
from explorer.insight.findings import findings


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_labels_at_random_are_told_as_often_as_by_guessing(shape: Shape) -> None:
    labels = shape.labels()
    found = held_out(gaussian(len(labels), shape.dimensions), labels)
    accuracy = label_accuracy(found, labels)
    assert accuracy.value <= most_by_chance(labels)
    assert not accuracy.told
    assert label_issues(found, labels).mean() <= 0.01


@pytest.mark.parametrize("images", [5, 10, 20])
def test_many_labels_at_random_stay_within_two_standard_errors(images: int) -> None:
    shape = Shape(75, images, 256)
    right = [
        held_out(gaussian(75 * images, 256, seed), shape.labels(seed)).right.mean()
        for seed in range(2)
    ]
    chance = 1 / 75
    error = np.sqrt(chance * (1 - chance) / (75 * images * len(right)))
    assert np.mean(right) <= chance + 0.02 + 2 * error


def shuffles(vectors: Floats, labels: Ints, count: int) -> Iterator[tuple[Floats, Ints]]:
    for seed in range(count):
        yield vectors, np.random.default_rng(seed).permutation(labels)


@pytest.mark.parametrize(
    ("classes", "images", "dimensions"), [(2, 10, 8), (2, 50, 20), (16, 3, 64)]
)
def test_the_verdict_keeps_its_level_and_is_right_on_average(
    classes: int, images: int, dimensions: int
) -> None:
    """At most one in twenty is said to be told, and none of them less often than by guessing."""
    labels = np.repeat(np.arange(classes), images)
    vectors = gaussian(len(labels), dimensions)
    found = [
        label_accuracy(held_out(given, shuffled), shuffled)
        for given, shuffled in shuffles(vectors, labels, 50)
    ]
    values = np.array([each.value for each in found])
    assert np.mean([each.told for each in found]) <= 0.05
    assert abs(values.mean() - 1 / classes) <= 3 * values.std() / np.sqrt(len(values)) + 0.01


def test_sixty_of_three_classes_are_enough_to_say_that_they_cannot_be_told() -> None:
    labels = np.repeat([0, 1, 2], 20)
    for seed in range(4):
        found = held_out(gaussian(60, 16, seed), labels, repeats=3)
        said = label_accuracy(found, labels).says
        assert said.startswith("the labels cannot be told from the images: ")


def test_labels_of_two_images_are_not_told_by_the_one_that_is_always_the_same() -> None:
    """Whoever is judged is judged by its only other; the average over repeats must not show it."""
    labels = np.repeat(np.arange(64), 2)
    vectors = gaussian(128, 64)
    right = [
        label_accuracy(held_out(given, shuffled, repeats=3), shuffled).value
        for given, shuffled in shuffles(vectors, labels, 16)
    ]
    chance = 1 / 64
    assert np.mean(right) <= chance + 3 * np.sqrt(chance * (1 - chance) / (128 * len(right)))


def test_copies_of_a_picture_tell_nothing_of_its_label() -> None:
    vectors = np.repeat(gaussian(100, 64), 3, axis=0)
    labels = np.repeat(np.random.default_rng(0).integers(0, 5, 100), 3)
    copies = np.repeat(np.arange(100), 3)
    together = label_accuracy(held_out(vectors, labels, groups=copies), labels)
    assert together.value <= most_by_chance(labels[::3])
    assert label_accuracy(held_out(vectors, labels), labels).value > 0.5  # taken apart, they do


def test_a_label_that_only_copies_share_cannot_be_judged() -> None:
    labels = np.array([0, 0, 1, 1, 1, 2, 2, 2])
    found = held_out(gaussian(8, 4), labels, groups=np.array([0, 0, 1, 2, 3, 4, 4, 5]))
    assert found.judged.tolist() == [False] * 2 + [True] * 6
    assert np.isnan(label_trouble(found, labels)[:2]).all()
    assert np.isnan(label_margin(found, labels)[:2]).all()
    assert label_accuracy(found, labels).images == 6


# --- where people meet it: the sample photos, their labels shuffled


@pytest.fixture(scope="module")
def shuffled(sample_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    folder = tmp_path_factory.mktemp("shuffled")
    dataset = open_dataset("sample_data", cache=shutil.copytree(sample_cache, folder / "cache"))
    table = dataset.table(["path", "label"])
    labels = np.random.default_rng(0).permutation(table["label"].to_pylist())
    with (folder / "labels.csv").open("w", newline="") as file:
        rows = zip(table["path"].to_pylist(), labels, strict=True)
        csv.writer(file).writerows([("path", "label"), *rows])
    batch.annotate(dataset, folder / "labels.csv")
    return open_dataset("sample_data", cache=folder / "cache")


def test_info_says_that_the_labels_cannot_be_told(shuffled: Dataset) -> None:
    arguments = ["info", "sample_data", "--cache", str(shuffled.root.parent)]
    said = " ".join(CliRunner().invoke(app, arguments).stdout.split())
    assert "the labels cannot be told from the images: " in said
    told = json.loads(CliRunner().invoke(app, [*arguments, "--json"]).stdout)
    accuracy = told["spaces"]["efficientnet-lite0"]["label_accuracy"]
    assert list(accuracy) == ["value", "low", "high", "majority", "images"]
    labels = np.unique(shuffled.table(["label"])["label"].to_pylist(), return_inverse=True)[1]
    assert accuracy["value"] <= most_by_chance(labels)
    assert accuracy["low"] <= accuracy["majority"] == pytest.approx(28 / 128)
    assert accuracy["images"] == 128


def test_no_finding_doubts_them_and_no_label_is_called_confused(shuffled: Dataset) -> None:
    assert not {"mislabelled", "confused"} & {each.kind for each in findings(shuffled.space())}
    assert shuffled.space().figures.of("label_issues") <= 0.01 * 128


def shown(name: str) -> str:
    pages = Path(__file__).parents[2] / "pages"
    tested = AppTest.from_file(pages / f"{name}.py", default_timeout=60).run()
    assert not tested.exception
    return " ".join(each.proto.body for each in tested.get("html"))


def test_the_overview_says_so_in_words(shuffled: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXPLORER_CACHE", str(shuffled.root.parent))
    said = shown("overview")
    assert "the labels cannot be told from the images: " in said  # the heading
    assert "The labels cannot be told from the images" in said  # how well this space sees
    for word in ("separable", "Hardest", "most confused", "may be wrong"):
        assert word not in said


def test_the_page_labels_lists_none(shuffled: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXPLORER_CACHE", str(shuffled.root.parent))
    said = shown("labels")
    assert "nothing in it speaks for or against a label" in said
    assert "in doubt" not in said
