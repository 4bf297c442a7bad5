"""What stands in two splits."""

from pathlib import Path

import numpy as np
from support.planted_space import directions, planted_space

from explorer.insight.splits import leaking_pairs, split_codes
from explorer.store import Space


def pairs(space: Space, threshold: float) -> list[tuple[int, int]]:
    ids = space.image_ids
    return [(int(ids[pair.row]), int(ids[pair.other])) for pair in leaking_pairs(space, threshold)]


def test_a_pair_is_listed_once_with_the_smaller_split_first(tmp_path: Path) -> None:
    split = ["train", "val", "train", "val", "train", "train", None]
    space = planted_space(
        tmp_path / "set", directions([0, 1, 40, 44, 90, 91, 90]), images={"split": split}
    )
    assert split_codes(space)[0] == ["train", "val"]
    assert pairs(space, 0.999) == [(101, 100)]
    assert pairs(space, 0.99) == [(101, 100), (103, 102)]
    assert pairs(space, 1.0) == []


def test_one_split_alone_cannot_leak(tmp_path: Path) -> None:
    space = planted_space(tmp_path / "set", directions([0, 1]), images={"split": ["train"] * 2})
    assert pairs(space, 0.0) == []


def test_a_picture_may_stand_in_the_other_split_more_than_once(tmp_path: Path) -> None:
    split = ["train", "train", "train", "val"]
    space = planted_space(tmp_path / "set", directions([0, 2, 4, 2]), images={"split": split})
    found = leaking_pairs(space, 0.99)
    assert {pair.row for pair in found} == {3}
    assert sorted(pair.other for pair in found) == [0, 1, 2]
    assert np.isclose(found[0].similarity, 1)
