"""The map as images come and go: it stays, the new ones find their place, a third dimension."""

import numpy as np
import pytest
from support.fakes import embed, fill

from explorer import batch
from explorer.store import open_dataset

N = 40


@pytest.fixture
def source(tmp_path):
    return fill(tmp_path / "photos", {f"{i:03d}.jpg": i for i in range(N)})


@pytest.fixture
def analyze(source, tmp_path):
    """Embed what is new and analyse; returns each file's place on the map and the figures."""

    def go(*changes: str):
        embed(source, tmp_path / "cache")
        dataset = open_dataset(cache=tmp_path / "cache")
        report = batch.analyze(dataset, changes=changes)
        space = open_dataset(cache=tmp_path / "cache").space()
        places = np.stack([space.column("map_x"), space.column("map_y")], axis=1)
        paths = space.column("path").tolist()
        return dict(zip(paths, places, strict=True)), report

    return go


def moved(before, after) -> set[str]:
    return {path for path in before.keys() & after.keys() if (before[path] != after[path]).any()}


def test_new_images_are_placed_and_nobody_moves(source, analyze):
    before, _ = analyze()
    fill(source, {"new.jpg": (source / "007.jpg").read_bytes()})
    after, report = analyze()
    assert moved(before, after) == set()
    assert np.isfinite(after["new.jpg"]).all()
    gaps = {path: np.linalg.norm(place - after["new.jpg"]) for path, place in before.items()}
    assert min(gaps, key=gaps.get) == "007.jpg"
    assert report.figures["map"]["map_placed"] == 1


def test_a_changed_image_moves_and_nobody_else(source, analyze):
    before, _ = analyze()
    fill(source, {"003.jpg": 900})
    after, _ = analyze()
    assert moved(before, after) == {"003.jpg"}


def test_images_that_leave_move_nobody(source, analyze):
    before, _ = analyze()
    (source / "003.jpg").unlink()
    fewer, _ = analyze()
    fill(source, {"new.jpg": 901})
    more, _ = analyze()
    assert moved(before, fewer) == moved(fewer, more) == set()


def test_many_new_images_and_other_settings_lay_all_out_again(source, analyze):
    before, _ = analyze()
    fill(source, {f"new{i}.jpg": 100 + i for i in range(N // 5 + 1)})
    after, report = analyze()
    assert len(moved(before, after)) == N
    assert report.figures["map"]["map_placed"] == 0
    fill(source, {"one.jpg": 950})
    other, _ = analyze("map.min_dist=0.5")
    assert len(moved(after, other)) > N


def test_few_by_few_adds_up(source, analyze):
    before, _ = analyze()
    for step in range(3):
        fill(source, {f"new{step}{i}.jpg": 100 + 10 * step + i for i in range(4)})
        after, report = analyze()
        assert report.figures["map"]["map_placed"] == (4, 8, 0)[step]
        assert len(moved(before, after)) == (0, 0, N)[step]


def test_a_layout_in_space_leaves_the_flat_one_as_it_was(analyze, tmp_path):
    before, _ = analyze()
    after, _ = analyze("map.dimensions=3")
    space = open_dataset(cache=tmp_path / "cache").space()
    assert moved(before, after) == set()
    for axis in "xyz":
        assert np.ptp(space.column(f"map_3d_{axis}")) > 0
