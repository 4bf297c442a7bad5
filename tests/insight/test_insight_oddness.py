"""Why an image is among the outliers, in words."""

from pathlib import Path

import numpy as np
import pytest
from support.planted_space import directions, planted_space

from explorer.insight.oddness import FAMILIES, SAYINGS, families, faulty_rows, reason, titled
from explorer.store import Space


@pytest.fixture
def space(tmp_path: Path) -> Space:
    floats = {
        "outlier_score": [0, 1, 3, 2],
        "isolation": [0.1, 0.2, 0.9, 0.3],
        "local_sparsity": [1.0, 1.1, 1.2, 4.0],
        "odd_for_label": [0.1, 0.2, 0.3, 0.75],
        "highlights": [0.9, 0.2, 0.1, 0.9],
        "sharpness": [0.2, 0.9, 0.9, 0.9],
    }
    columns = {name: np.array(values, np.float32) for name, values in floats.items()}
    columns["picture_fault"] = np.array(["blurred", "dark", "dark", "odd size"], object)
    return planted_space(
        tmp_path / "set",
        directions([0, 10, 20, 30]),
        images={"label": ["cat"] * 4, "width": [64, 64, 64, 9000]},
        columns=columns,
    )


def test_only_measures_that_were_computed_are_offered(space: Space) -> None:
    found = families(space)
    assert list(found) == ["Company", "Its label", "The picture"]
    titles = [titled(space, each)[0] for each in found["The picture"]]
    assert titles == ["Faults", "Most blurred"]


def test_the_score_says_what_its_worse_half_says(space: Space) -> None:
    assert reason(space, "outlier_score", 2) == "its neighbours are only 0.10 alike"
    assert reason(space, "outlier_score", 3) == "4.0 times emptier than around its neighbours"


def test_a_label_is_named(space: Space) -> None:
    assert reason(space, "odd_for_label", 3) == "0.25 alike to other “cat”"


def test_what_all_images_have_is_told_beside_it(tmp_path: Path) -> None:
    """In fifty directions every image is some seven standard deviations from the average."""
    columns = {"mahalanobis": np.array([6.5, 7.0, 7.5, 12.0], np.float32)}
    space = planted_space(tmp_path / "set", directions([0, 10, 20, 30]), columns=columns)
    says = "12.0 standard deviations from the average, where 7.2 are usual"
    assert reason(space, "mahalanobis", 3) == says


def test_faults_come_by_gravity_and_the_worst_of_each_first(space: Space) -> None:
    every = ["dark", "blurred", "odd size"]
    assert faulty_rows(space, every).tolist() == [2, 1, 0, 3]
    assert faulty_rows(space, ["odd size"]).tolist() == [3]
    assert reason(space, "picture_fault", 2) == "dark: highlights 0.1"
    assert reason(space, "picture_fault", 3) == "odd size: 9000 × 48"


def test_every_measure_has_a_reason() -> None:
    special = {"outlier_score", "odd_for_label", "picture_fault"}
    measures = {each.column for family in FAMILIES.values() for each in family.measures}
    assert measures - special == SAYINGS.keys()
