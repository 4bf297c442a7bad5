"""Why a label is in doubt, and what is taken for what."""

from pathlib import Path

import numpy as np
import pytest
from planted_space import directions, planted_space

from explorer.store import Space
from explorer.ui.labelling import class_table, confusion, doubts, label_codes, most_confused


@pytest.fixture
def space(tmp_path: Path) -> Space:
    """Six cats on the left and six dogs on the right; the last of the dogs is labelled cat."""
    given = [*["cat"] * 6, *["dog"] * 5, "cat"]
    suggested = np.array([*["cat"] * 6, *["dog"] * 6], object)
    return planted_space(
        tmp_path / "set",
        directions([*range(6), *range(90, 96)]),
        images={"label": given},
        columns={
            "label_suggested": suggested,
            "label_trouble": np.array([0.1] * 11 + [0.9], np.float32),
            "label_issue": np.array([0] * 11 + [1], np.int32),
        },
    )


def test_the_reason_is_what_the_neighbours_say(space: Space) -> None:
    [why, agreed] = doubts(space, [11, 0])
    # All eleven others have a label: five say dog, and they are the nearest.
    assert why == "6 of 11 neighbours say cat, but its features dog"
    assert agreed == "6 of 11 neighbours say cat"
    assert doubts(space, []) == []


def test_confusion_counts_given_against_suggested(space: Space) -> None:
    names = label_codes(space).names
    counts = confusion(space)
    cat, dog = names.index("cat"), names.index("dog")
    assert counts[cat, cat] == 6
    assert counts[cat, dog] == 1
    assert counts[dog, cat] == 0


def test_the_table_begins_with_the_most_doubtful_label(space: Space) -> None:
    lines = class_table(space).to_dict("records")
    assert lines[0]["label"] == "cat"
    assert lines[0]["images"] == 7
    assert lines[0]["issues"] == 1
    assert lines[0]["taken_for"] == "dog (1)"
    assert lines[0]["told_right"] == pytest.approx(6 / 7)
    assert lines[1]["label"] == "dog"
    assert lines[1]["taken_for"] == ""


def test_the_most_confused_labels_are_chosen_for_the_chart() -> None:
    counts = np.diag([9, 9, 9, 9])
    counts[3, 1] = 4
    assert most_confused(counts, 2).tolist() == [1, 3]
