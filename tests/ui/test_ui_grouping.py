"""Groups of duplicates at any threshold, and what is settled."""

from pathlib import Path

import numpy as np
import pytest
from planted_space import directions, planted_space

from explorer.analysis import KINDS, VERSIONS_FROM, near_duplicates, neighbour_graph
from explorer.curate import duplicate_threshold
from explorer.store import Space
from explorer.ui.grouping import (
    SURPLUS,
    duplicate_groups,
    forget_surplus,
    keep_all,
    keep_best,
    settled_ids,
)

STORED = {"threshold": 0.99, "bits": 4}


def space_of(root: Path, degrees: list[float], **more: object) -> Space:
    codes = np.full(len(degrees), -1, np.int32)
    columns = {"duplicate_group": codes} | more.pop("columns", {})
    return planted_space(root, directions(degrees), columns=columns, parameters=STORED, **more)


def test_a_dataset_analysed_before_thresholds_were_told_keeps_its_own(tmp_path: Path) -> None:
    assert duplicate_threshold(space_of(tmp_path / "set", [0.0, 1.0])) == STORED["threshold"]
    unknown = planted_space(tmp_path / "bare", directions([0.0, 1.0]))
    assert duplicate_threshold(unknown) == VERSIONS_FROM


def ids(space: Space, threshold: float) -> list[list[int]]:
    groups = duplicate_groups(space, threshold)
    return [space.image_ids[group.rows].tolist() for group in groups]


@pytest.mark.parametrize("threshold", [0.5, 0.8, 0.95])
def test_they_are_what_the_analysis_would_find(tmp_path: Path, threshold: float) -> None:
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(60, 6)).astype(np.float32)
    vectors[40:] = vectors[:20] + rng.normal(size=(20, 6)) * 0.2
    widths = rng.integers(1, 5, 60)
    space = planted_space(
        tmp_path / "set",
        vectors,
        images={"width": widths.tolist()},
        columns={"duplicate_group": np.full(60, -1, np.int32)},
        parameters=STORED,
    )
    truth = near_duplicates(
        neighbour_graph(vectors), vectors, threshold=threshold, quality=widths * 48
    )
    wanted = {
        frozenset(np.flatnonzero(truth.group == code)) for code in range(truth.group.max() + 1)
    }
    found = duplicate_groups(space, threshold)
    assert {frozenset(group.rows.tolist()) for group in found} == wanted
    assert {group.keeper for group in found} == set(np.flatnonzero(truth.keeper).tolist())
    lowest = [group.lowest for group in found]
    assert lowest == sorted(lowest, reverse=True)


def test_a_lower_threshold_than_the_stored_one_finds_more(tmp_path: Path) -> None:
    space = space_of(tmp_path / "set", [0, 3, 15, 120, 160])
    assert ids(space, 0.99) == [[100, 101]]
    assert ids(space, 0.9) == [[100, 101, 102]]
    assert ids(space, 0.9999) == []


def test_the_largest_is_kept_and_the_others_follow_by_likeness(tmp_path: Path) -> None:
    space = space_of(tmp_path / "set", [0, 8, 3], images={"width": [640, 64, 64]})
    assert ids(space, 0.98) == [[100, 102, 101]]


def test_kinds_are_told_from_content_and_picture(tmp_path: Path) -> None:
    hashes = np.array(["00ff", "00ff", "00fe", "ff00"], object)
    space = space_of(
        tmp_path / "set",
        [0, 1, 2, 3],
        images={"content_hash": ["hash100", "hash100", "hash102", "hash103"]},
        columns={"picture_hash": hashes},
    )
    [group] = duplicate_groups(space, 0.99)
    kinds = dict(zip(space.image_ids[group.rows].tolist(), group.kinds, strict=True))
    exact, same, alike = KINDS
    assert kinds == {100: "", 101: exact, 102: same, 103: alike}
    assert space.image_ids[group.only([same, alike]).rows].tolist() == [100, 102, 103]


def test_nobody_is_like_anybody(tmp_path: Path) -> None:
    assert ids(space_of(tmp_path / "one", [0]), 0.9) == []
    assert ids(space_of(tmp_path / "two", [0, 90]), 0.9) == []


def test_keeping_the_best_sets_the_rest_aside_and_is_undone(tmp_path: Path) -> None:
    space = space_of(tmp_path / "set", [0, 1, 2, 90, 91])
    one, other = sorted(duplicate_groups(space, 0.99), key=lambda group: group.keeper)
    assert settled_ids(space.dataset) == set()
    keep_best(space.dataset.tags, space, [one, other])
    assert settled_ids(space.dataset) == {101, 102, 104}
    keep_all(space.dataset.tags, space, [one])
    assert space.dataset.tags.ids(SURPLUS).tolist() == [104]
    keep_best(space.dataset.tags, space, [one])
    forget_surplus(space.dataset.tags)
    assert settled_ids(space.dataset) == set()
    keep_all(space.dataset.tags, space, [one])  # in another tab it was undone already
    forget_surplus(space.dataset.tags)
