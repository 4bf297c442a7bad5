"""Choosing the number of decode threads."""

import importlib
import json
from dataclasses import replace

import pytest
from jobs import part_bytes
from support.fakes import embed, fill

from explorer.batch import calibrate as calibration
from explorer.store import Calibration, SpaceInfo


@pytest.fixture
def source(tmp_path):
    return fill(tmp_path / "source", {f"{number:03d}.jpg": number for number in range(60)})


@pytest.fixture
def large_from_40(monkeypatch):
    monkeypatch.setattr(calibration, "FEWEST", 40)
    monkeypatch.setattr(calibration, "_SECONDS", 0.02)


def space_json(cache):
    return json.loads((cache / "source" / "spaces" / "fake" / "space.json").read_text())


def test_a_small_folder_gets_a_thread_per_core_and_no_measurement(source, tmp_path):
    embed(source, tmp_path / "cache")
    assert "calibration" not in space_json(tmp_path / "cache")


def test_what_was_measured_is_kept(source, tmp_path, large_from_40):
    report = embed(source, tmp_path / "cache")
    assert report.embedded == 60
    kept = space_json(tmp_path / "cache")["calibration"]
    assert kept["cores"] == calibration.cores()
    assert str(kept["workers"]) in kept["images_per_second"]


def test_it_is_measured_once(source, tmp_path, large_from_40, monkeypatch):
    embed(source, tmp_path / "cache")
    kept = space_json(tmp_path / "cache")["calibration"]
    monkeypatch.setattr(importlib.import_module("explorer.batch.embed"), "calibrate", None)
    fill(source, {f"more-{number}.jpg": 100 + number for number in range(50)})
    assert embed(source, tmp_path / "cache").embedded == 50
    assert space_json(tmp_path / "cache")["calibration"] == kept


def test_another_machine_measures_again():
    kept = Calibration(workers=3, cores=calibration.cores(), images_per_second={"3": 1.0})
    info = SpaceInfo(extractor="fake", version="1", precision="fp32", dimension=4)
    assert calibration.remembered(replace(info, calibration=kept)).workers == 3
    elsewhere = replace(kept, cores=1000)
    assert calibration.remembered(replace(info, calibration=elsewhere)) is None
    assert calibration.remembered(info) is calibration.remembered(None) is None


@pytest.mark.parametrize(
    ("rates", "expected"),
    [({1: 50, 2: 100, 4: 101, 8: 104}, 2), ({1: 50, 2: 100, 4: 190, 8: 300}, 8), ({2: 7}, 2)],
)
def test_the_fewest_threads_that_are_nearly_the_best(rates, expected):
    assert calibration.fewest(rates) == expected


def test_measuring_changes_no_vector(source, tmp_path, monkeypatch):
    embed(source, tmp_path / "plain")
    monkeypatch.setattr(calibration, "FEWEST", 40)
    monkeypatch.setattr(calibration, "_SECONDS", 0.02)
    embed(source, tmp_path / "measured")
    assert part_bytes(tmp_path / "plain" / "source") == part_bytes(tmp_path / "measured" / "source")
