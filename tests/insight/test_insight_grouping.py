"""Groups of duplicates at any threshold, and what is settled."""

from pathlib import Path

import numpy as np
import pytest
from support.planted_space import directions, planted_space

from explorer.analysis import KINDS, VERSIONS_FROM, near_duplicates, neighbor_graph, read_pictures
from explorer.curate import duplicate_threshold
from explorer.filters import Sql
from explorer.insight.grouping import (
    SURPLUS,
    duplicate_groups,
    forget_surplus,
    set_aside,
    settled_ids,
    surplus_rows,
    take_back,
)
from explorer.store import Space

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
        neighbor_graph(vectors),
        vectors,
        threshold=threshold,
        quality=widths * 48,
        pictures=read_pictures([None] * 60),
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
        columns={"picture_hash": hashes, "brightness": np.ones(4, np.float32)},
    )
    [group] = duplicate_groups(space, 0.99)
    kinds = dict(zip(space.image_ids[group.rows].tolist(), group.kinds, strict=True))
    exact, same, _, alike = KINDS
    assert kinds == {100: "", 101: exact, 102: same, 103: alike}
    assert space.image_ids[group.only([same, alike]).rows].tolist() == [100, 102, 103]
    assert space.image_ids[group.surplus].tolist() == [101, 102]  # what only looks alike stays
    assert space.image_ids[group.only([same, alike]).surplus].tolist() == [102]
    assert space.image_ids[surplus_rows(space)].tolist() == [101, 102]


def test_nobody_is_like_anybody(tmp_path: Path) -> None:
    assert ids(space_of(tmp_path / "one", [0]), 0.9) == []
    assert ids(space_of(tmp_path / "two", [0, 90]), 0.9) == []


def test_keeping_the_best_sets_the_rest_aside_and_is_undone(tmp_path: Path) -> None:
    space = space_of(tmp_path / "set", [0, 1, 2, 90, 91])
    one, other = sorted(duplicate_groups(space, 0.99), key=lambda group: group.keeper)
    tags = space.dataset.tags
    assert settled_ids(space.dataset) == set()
    set_aside(tags, space, np.concatenate([one.surplus, other.surplus]))
    assert settled_ids(space.dataset) == {101, 102, 104}
    take_back(tags, space, one.others)
    assert tags.ids(SURPLUS).tolist() == [104]
    set_aside(tags, space, one.others)
    forget_surplus(tags)
    assert settled_ids(space.dataset) == set()
    take_back(tags, space, one.others)  # in another tab it was undone already
    forget_surplus(tags)


def test_under_a_filter_the_best_of_what_is_left_stays(tmp_path: Path) -> None:
    columns = {"duplicate_surplus": np.array([0, 1, 1, 0], np.int32)}
    space = space_of(tmp_path / "set", [0, 1, 2, 90], columns=columns)
    assert space.image_ids[surplus_rows(space)].tolist() == [101, 102]
    assert space.image_ids[surplus_rows(space, (Sql("image_id > 100"),))].tolist() == [102]
