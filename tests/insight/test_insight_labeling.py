"""Why a label is in doubt, and what is taken for what."""

from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest
from support.planted_space import directions, planted_space

from explorer.insight.labeling import class_table, confusion, doubts, label_codes, most_confused
from explorer.serving.windows import WINDOW, open_window
from explorer.store import Space
from explorer.ui.state import ViewState

PAGES = Path(__file__).parents[2] / "pages"


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


# --- the page


def opened(
    space: Space, monkeypatch: pytest.MonkeyPatch, chosen: tuple[str, str] = ("", "")
) -> AppTest:
    """The page Labels, when these two labels have been chosen of its table."""
    monkeypatch.setenv("EXPLORER_CACHE", str(space.root.parents[2]))
    tested = AppTest.from_file(PAGES / "labels.py", default_timeout=60)
    window = tested.session_state[WINDOW] = open_window("a" * 22)
    window.keep(ViewState).confused = ('["confusion_set_fake"]', chosen)
    tested.run()
    assert not tested.exception
    return tested


def said(tested: AppTest) -> str:
    return " ".join(each.proto.body for each in tested.get("html"))


def test_a_cell_stays_chosen_by_its_labels(space: Space, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Labelled cat, rather dog" in said(opened(space, monkeypatch, ("cat", "dog")))
    for gone in (("cat", "owl"), ("dog", "cat")):
        assert "The most doubtful first" in said(opened(space, monkeypatch, gone))


def test_where_no_label_can_be_judged_the_page_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    columns = {
        "label_suggested": np.array([None] * 3, object),
        "label_trouble": np.full(3, np.nan, np.float32),
        "label_issue": np.zeros(3, np.int32),
    }
    images = {"label": ["cat", "dog", "owl"]}
    alone = planted_space(tmp_path / "set", directions([0, 5, 90]), images=images, columns=columns)
    assert confusion(alone).sum() == 0
    assert np.isnan(class_table(alone)["told_right"]).all()
    assert "No label can be judged" in said(opened(alone, monkeypatch))
