"""Comparing spaces: planted truth, what is said without labels, and that learning is kept."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from support.planted_spaces import planted_spaces

from explorer.analysis import CurveSettings, Estimate
from explorer.errors import UsageError
from explorer.probe import compare, ranked, verdict
from explorer.store import Dataset

QUICK = CurveSettings(draws=4)
N = 120
NAMES = [f"class {number % 3}" for number in range(N)]


def vectors(apart: float, *, seed: int, d: int = 10) -> np.ndarray:
    random = np.random.default_rng(seed)
    return random.normal(size=(N, d)) + apart * np.eye(3, d)[np.arange(N) % 3]


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """Two spaces that separate the labels equally well, and one that does not."""
    good = vectors(4, seed=0)
    turn, _ = np.linalg.qr(np.random.default_rng(5).normal(size=(10, 10)))
    spaces = {"good": good, "turned": good @ turn, "noise": vectors(0, seed=1)}
    return planted_spaces(tmp_path_factory.mktemp("planted") / "photos", spaces, NAMES)


def test_the_better_space_is_called_better_and_equal_ones_are_not(planted: Dataset) -> None:
    found = compare(planted, settings=QUICK)
    assert found.learned
    assert (found.images, found.judged, found.labels) == (N, N, 3)
    for measure in ("label_accuracy", "nearest"):
        assert ranked(found, measure)[-1][0].id == "noise"
        said = verdict(found, measure)
        assert said.count("these 120 labels can't tell") == 1
        assert "is better than noise (" in said
        assert {"good", "turned"} == {space.id for space, _ in ranked(found, measure)[:2]}


def test_two_that_differ_are_told_apart_in_one_sentence(planted: Dataset) -> None:
    found = compare(planted, spaces=["noise", "good"], settings=QUICK)
    assert verdict(found, "label_accuracy").startswith("By label accuracy, good (")
    assert "can't tell" not in verdict(found, "label_accuracy")
    (pair,) = found.pairs
    assert pair.label_accuracy is not None
    assert pair.label_accuracy.by.high < 0, "noise minus good is negative for sure"


def test_a_space_turned_as_a_whole_is_the_same_space(planted: Dataset) -> None:
    found = compare(planted, learning=False)
    by_names = {(pair.first, pair.second): pair for pair in found.pairs}
    same, other = by_names["good", "turned"], by_names["good", "noise"]
    assert same.cka == pytest.approx(1, abs=1e-4)
    assert same.overlap > 0.99
    assert other.cka < 0.3
    assert other.overlap < 0.5
    assert same.nearest is not None
    assert same.nearest.p == 1


def test_several_comparisons_are_corrected(planted: Dataset) -> None:
    alone = compare(planted, spaces=["good", "noise"], learning=False).pairs[0]
    among = compare(planted, learning=False).pairs[1]
    assert (among.first, among.second) == ("good", "noise")
    assert alone.nearest is not None
    assert among.nearest is not None
    assert among.nearest.p > alone.nearest.p


def test_what_was_learned_is_there_at_once_until_labels_change(tmp_path: Path) -> None:
    spaces = {"one": vectors(3, seed=0), "two": vectors(2, seed=1)}
    dataset = planted_spaces(tmp_path / "photos", spaces, NAMES)
    assert not compare(dataset, learning=False, settings=QUICK).learned
    first = compare(dataset, settings=QUICK)
    steps: list[str] = []
    again = compare(
        dataset,
        learning=False,
        settings=QUICK,
        on_step=lambda stage, done, total: steps.append(stage),
    )
    assert again == first
    assert not [stage for stage in steps if "Label accuracy" in stage]
    exchanged = [NAMES[1], NAMES[0], *NAMES[2:]]
    other = planted_spaces(tmp_path / "other", spaces, exchanged)
    for name in spaces:
        kept = (dataset.space(name).root / "probe.json").read_bytes()
        (other.space(name).root / "probe.json").write_bytes(kept)
    assert not compare(other, learning=False, settings=QUICK).learned


def test_a_damaged_cache_is_learned_again(tmp_path: Path) -> None:
    spaces = {"one": vectors(3, seed=0), "two": vectors(2, seed=1)}
    dataset = planted_spaces(tmp_path / "photos", spaces, NAMES)
    first = compare(dataset, settings=QUICK)
    (dataset.space("one").root / "probe.json").write_text("{")
    assert not compare(dataset, learning=False, settings=QUICK).learned
    again = compare(dataset, settings=QUICK)
    assert [each.label_accuracy for each in again.spaces] == [
        each.label_accuracy for each in first.spaces
    ]


def test_without_a_test_of_the_difference_nothing_is_said(planted: Dataset) -> None:
    found = compare(planted, settings=QUICK)
    pairs = [replace(pair, label_accuracy=None) for pair in found.pairs]
    assert verdict(replace(found, pairs=pairs), "label_accuracy") == ""


def test_none_is_called_better_where_the_test_says_the_opposite(planted: Dataset) -> None:
    found = compare(planted, spaces=["good", "noise"], settings=QUICK)
    (pair,) = found.pairs
    assert pair.nearest is not None
    opposite = replace(pair, nearest=replace(pair.nearest, by=Estimate(-0.1, -0.2, -0.05)))
    assert "can't tell good (" in verdict(replace(found, pairs=[opposite]), "nearest")


def test_few_labels_are_too_few_to_say(tmp_path: Path) -> None:
    spaces = {"one": vectors(30, seed=0)[:6], "two": vectors(30, seed=1)[:6]}
    found = compare(planted_spaces(tmp_path / "photos", spaces, [*"abcabc"]), settings=QUICK)
    found = replace(found, commonest=0.8)  # which six right ones do not exceed for sure
    said = verdict(found, "nearest")
    assert "these 6 labels are too few to say whether any space is better than guessing" in said


def test_one_label_that_is_left_without_copies_is_not_learned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every picture is there twice, once with each label."""
    monkeypatch.setattr("explorer.probe.probes.copies_in", lambda space, ids: np.arange(N) // 2)
    labels = named("ab")
    dataset = planted_spaces(tmp_path / "photos", {"one": vectors(3, seed=0)}, labels)
    assert compare(dataset, settings=QUICK).spaces[0].curve == []


def named(pattern: str) -> list[str | None]:
    return [None if each == "-" else each for each in (pattern * N)[:N]]


@pytest.mark.parametrize(
    ("labels", "says"),
    [
        (named("-"), "No image has a label"),
        (named("a"), "Every label is “a”"),
        ([*"abcd", *named("-")[4:]], "Fewer than two labels have 2 images"),
    ],
)
def test_where_labels_cannot_judge_it_says_why(
    tmp_path: Path, labels: list[str | None], says: str
) -> None:
    spaces = {"one": vectors(3, seed=0), "two": vectors(2, seed=1)}
    found = compare(planted_spaces(tmp_path / "photos", spaces, labels), settings=QUICK)
    assert found.why_not.startswith(says)
    assert found.judged == 0
    assert verdict(found, "label_accuracy") == verdict(found, "nearest") == ""
    assert 0 < found.pairs[0].overlap < 1, "what needs no labels is there"


def test_few_and_small_labels_are_named(tmp_path: Path) -> None:
    spaces = {"one": vectors(9, seed=0), "two": vectors(9, seed=1)}
    # 33 labelled images, far apart in the list of neighbours of most others.
    labels = [name if number < 33 else None for number, name in enumerate(NAMES)]
    labels[-1] = "rare"
    found = compare(planted_spaces(tmp_path / "photos", spaces, labels), settings=QUICK)
    assert found.judged == 33
    assert any("34 of 120 images have a label" in note for note in found.notes)
    assert any("1 label has one image only" in note for note in found.notes)
    assert found.spaces[0].nearest is not None
    assert found.spaces[0].nearest.value == 1
    assert found.spaces[0].nearest.low < 0.95, "33 images are no proof of perfection"


def test_spaces_of_different_images_are_compared_on_what_they_share(tmp_path: Path) -> None:
    spaces = {"all": vectors(3, seed=0), "some": vectors(3, seed=1)[:90]}
    found = compare(planted_spaces(tmp_path / "photos", spaces, NAMES), learning=False)
    assert found.images == found.judged == 90
    assert "the 90 that are in all" in found.notes[0]


@pytest.mark.usefixtures("models")
def test_a_speed_that_was_not_measured_is_that_of_embedding(tmp_path: Path) -> None:
    calibration = {"workers": 4, "cores": 2, "images_per_second": {"2": 90.0, "4": 120.5}}
    spaces = {"one": vectors(3, seed=0), "two": vectors(2, seed=1)}
    timed = planted_spaces(tmp_path / "timed", spaces, NAMES, calibration=calibration)
    untimed = planted_spaces(tmp_path / "untimed", spaces, NAMES)
    assert compare(timed, learning=False).spaces[0].images_per_second == 120.5
    assert compare(untimed, learning=False).spaces[0].images_per_second is None


def test_very_many_images_are_sampled_label_by_label(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("explorer.probe.comparison._MOST_LEARNED", 60)
    spaces = {"one": vectors(9, seed=0), "two": vectors(9, seed=1)}
    labels: list[str | None] = ["rare" if number < 6 else NAMES[number] for number in range(N)]
    found = compare(planted_spaces(tmp_path / "photos", spaces, labels), settings=QUICK)
    assert found.judged == N
    assert any("those of 60 of the 120 labelled images" in note for note in found.notes)


def test_one_space_alone_is_measured_against_guessing(tmp_path: Path) -> None:
    dataset = planted_spaces(tmp_path / "photos", {"one": vectors(3, seed=0)}, NAMES)
    found = compare(dataset, settings=QUICK)
    assert found.pairs == []
    assert found.commonest == max(NAMES.count(name) for name in NAMES) / len(NAMES)
    assert found.spaces[0].label_accuracy is not None
    right = f"{found.spaces[0].label_accuracy.value:.1%}"
    said = verdict(found, "label_accuracy")
    assert f"one tells {right} of the labels right" in said
    assert f"the commonest label is {found.commonest:.1%}" in said
    with pytest.raises(UsageError, match="no space 'nowhere'"):
        compare(dataset, spaces=["one", "nowhere"])
