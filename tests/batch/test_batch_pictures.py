"""What the analysis run brings from the thumbnails, the labels, the extractor and the last run."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from jobs import paths
from PIL import Image
from support.fakes import embed, fill

from explorer import batch
from explorer.batch import inputs
from explorer.store import open_dataset
from explorer.store.thumbnails import Thumbnails

SAMPLES = Path(__file__).parents[2] / "sample_data"


def photos(source: Path, *labels: str) -> Path:
    """A folder with all sample photos of some labels, without the labels."""
    source.mkdir()
    for label in labels:
        for path in sorted((SAMPLES / label).glob("*.jpg")):
            shutil.copy(path, source / path.name)
    return source


def analyze(cache, *changes, **more) -> batch.AnalysisReport:
    return batch.analyze(open_dataset(cache=cache), changes=changes, **more)


def space(cache):
    return open_dataset(cache=cache).space()


@pytest.fixture
def measured(monkeypatch):
    """How many thumbnails have been measured."""
    calls = []
    monkeypatch.setattr(
        inputs, "measure_jpeg", lambda jpeg, run=inputs.measure_jpeg: calls.append(1) or run(jpeg)
    )
    return calls


def test_thumbnails_are_measured_once_and_only_when_they_have_changed(tmp_path, measured):
    source = fill(tmp_path / "photos", {f"{i}.jpg": i for i in range(7)})
    embed(source, tmp_path / "cache")
    reports = []
    analyze(tmp_path / "cache", on_progress=reports.append)
    assert len(measured) == 7
    assert ("Measuring pictures", 7, 7) in [(each.stage, each.done, each.total) for each in reports]
    report = analyze(tmp_path / "cache", "picture_faults.dark=0.9", "duplicates.bits=3")
    assert report.computed == ["picture_faults", "duplicates"]
    assert len(measured) == 7
    fill(source, {"3.jpg": 99})
    embed(source, tmp_path / "cache")
    assert "measures" in analyze(tmp_path / "cache").computed
    assert len(measured) == 14


def test_a_fault_is_stored_by_its_name(tmp_path):
    source = photos(tmp_path / "photos", "fish")
    fill(source, {"tiny.jpg": 3})
    embed(source, tmp_path / "cache")
    analyze(tmp_path / "cache")
    found = space(tmp_path / "cache")
    row = found.row(paths(found.dataset)["tiny.jpg"])
    assert found.column("picture_fault")[row] in ("blurred", "odd size")
    assert found.column_meta("picture_fault").kind == "category"
    assert found.column("aspect_ratio")[row] == pytest.approx(24 / 20)
    assert len(found.column("picture_hash")[row]) == 16


def test_a_thumbnail_that_is_missing_leaves_its_image_unmeasured(tmp_path, monkeypatch):
    embed(fill(tmp_path / "photos", {f"{i}.jpg": i for i in range(5)}), tmp_path / "cache")
    there = Thumbnails.__getitem__

    def all_but_one(self, image_id):
        if image_id == 2:
            raise KeyError(image_id)
        return there(self, image_id)

    monkeypatch.setattr(Thumbnails, "__getitem__", all_but_one)
    analyze(tmp_path / "cache")
    found = space(tmp_path / "cache")
    assert np.isnan(found.column("sharpness")).tolist() == [False, False, True, False, False]
    assert found.column("picture_hash")[2] is None
    assert found.column("picture_fault")[2] is None


def grouped(folder: Path, groups: int, size: int = 14) -> Path:
    """Pictures in groups: the pictures of a group differ by a few grey levels."""
    for group in range(groups):
        base = np.random.default_rng(group).integers(20, 230, (4, 4, 3))
        for number in range(size):
            noise = np.random.default_rng((group, number)).integers(-12, 13, (4, 4, 3))
            image = Image.fromarray((base + noise).astype(np.uint8)).resize((32, 32), 0)
            path = folder / f"group-{group}" / f"{number:02d}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            image.save(path)
    return folder


def embedded(source: Path, cache: Path, labels: str) -> batch.EmbedReport:
    settings = batch.EmbedSettings(extractors=("fake",), labels=labels, analyze=False)
    return batch.embed(source, cache=cache, settings=settings)


def members(found, column="cluster") -> dict[int, set[int]]:
    """The images of each cluster."""
    codes = found.column(column)
    return {int(c): set(found.image_ids[codes == c].tolist()) for c in set(codes) if c >= 0}


def test_clusters_are_named_by_labels_and_named_anew_when_labels_change(tmp_path):
    source, cache = grouped(tmp_path / "photos", 3), tmp_path / "cache"
    embedded(source, cache, "folder")
    analyze(cache)
    assert sorted(space(cache).cluster_names()) == ["group-0", "group-1", "group-2"]
    assert {cluster.purity for cluster in space(cache).clusters()} == {1.0}
    for cluster in space(cache).clusters():
        assert cluster.image_id in members(space(cache))[cluster.number]
    space(cache).rename_cluster("cluster", 0, "mine")
    (source / "group-1").rename(source / "other")
    embedded(source, cache, "folder")
    report = analyze(cache)
    assert "cluster_names" in report.computed
    assert "clusters" not in report.computed
    names = space(cache).cluster_names()
    assert names[0] == "mine"
    assert set(names[1:]) <= {"group-0", "other", "group-2"}


def test_numbers_and_given_names_stay_when_the_dataset_grows(tmp_path):
    source, cache = grouped(tmp_path / "photos", 3), tmp_path / "cache"
    embedded(source, cache, "folder")
    analyze(cache)
    before = members(space(cache))
    space(cache).rename_cluster("cluster", 2, "mine")
    grouped(source, 5, size=20)
    embedded(source, cache, "folder")
    assert "clusters" in analyze(cache).computed
    after = members(space(cache))
    assert len(after) == 5
    for number, images in before.items():
        assert images <= after[number]
    assert space(cache).cluster_names()[2] == "mine"


def test_without_labels_clusters_are_named_by_what_the_extractor_was_trained_on(tmp_path, models):
    source = photos(tmp_path / "photos", "fish", "palace_castle")
    settings = batch.EmbedSettings(labels="none")
    batch.embed(source, cache=tmp_path / "cache", settings=settings)
    names = " ".join(space(tmp_path / "cache").cluster_names("cluster_few"))
    assert "fish" in names
    assert "palace" in names or "castle" in names or "monastery" in names
    assert space(tmp_path / "cache").clusters()[0].purity is None


def test_without_labels_and_classes_clusters_are_named_by_number(tmp_path):
    embedded(grouped(tmp_path / "photos", 3), tmp_path / "cache", "none")
    analyze(tmp_path / "cache")
    assert space(tmp_path / "cache").cluster_names() == ["Cluster 0", "Cluster 1", "Cluster 2"]
