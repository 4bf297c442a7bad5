import csv
import json
import os
import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.fakes import analyzed, embed, fill, image_bytes, original

from explorer.curate import ExportOptions, export, guarded, repeat
from explorer.curate.exports.names import safe_name
from explorer.errors import ExportError, OutdatedError, UsageError
from explorer.store import Dataset, Part, open_dataset, write_dataset

FILES = {
    "cats/a.jpg": 1,
    "cats/b.jpg": 2,
    "cats/deep/a.jpg": 3,
    "dogs/a.jpg": 4,
    "dogs/A.JPG": 5,
    "top.jpg": 6,
}


@pytest.fixture
def dataset(tmp_path) -> Dataset:
    return analyzed(fill(tmp_path / "photos", FILES), tmp_path / "cache")


@pytest.fixture
def space(dataset):
    return dataset.space()


@pytest.fixture
def to(tmp_path) -> Path:
    return tmp_path / "out" / "export"


def everything(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def left_behind(to: Path) -> list[str]:
    return [path.name for path in to.parent.iterdir()] if to.parent.exists() else []


def test_csv_has_a_row_per_image_and_every_column(space, to):
    done = export(space, space.image_ids, format="csv", to=to)
    assert (done.images, done.format, done.to) == (6, "csv", str(to))
    assert sorted(everything(to)) == ["images.csv", "recipe.json"]
    table = pd.read_csv(to / "images.csv")
    assert table.columns.tolist() == space.column_names
    assert table["path"].tolist() == space.table()["path"].to_pylist()
    np.testing.assert_allclose(table["map_x"], space.column("map_x"), rtol=1e-6)


def test_names_that_people_gave_to_clusters_go_along_and_come_back(tmp_path, to):
    files = {f"{'ab'[i % 2]}/{i:02}.jpg": i // 10 * 100 + i for i in range(30)}
    dataset = analyzed(fill(tmp_path / "photos", files), tmp_path / "cache")
    space = dataset.space()
    number = int(space.column("cluster").max())
    space.rename_cluster("cluster", number, "=my kind")
    wanted = ["=my kind" if code == number else None for code in space.column("cluster").tolist()]
    assert set(wanted) == {"=my kind", None} or number == 0
    done = export(space, space.image_ids, format="parquet", to=to)
    table = pq.read_table(to / "images.parquet")
    assert table["cluster_name"].to_pylist() == wanted
    names = table.column_names
    assert names.index("cluster_name") == names.index("cluster") + 1
    assert [name for name in names if name not in space.column_names] == ["cluster_name"]
    repeat(to / "recipe.json", dataset, to=tmp_path / "again")
    assert everything(tmp_path / "again") == everything(Path(done.to))
    export(space, space.image_ids, format="folder", to=tmp_path / "folder")
    with (tmp_path / "folder" / "images.csv").open(newline="") as file:
        listed = {row["path"]: row["cluster_name"] for row in csv.DictReader(file)}
    paths = [dataset.relative_path(each) for each in space.image_ids.tolist()]
    assert [listed[path] for path in paths] == ["'" + each if each else "" for each in wanted]
    copies = analyzed(tmp_path / "folder", tmp_path / "cache")
    assert sorted(map(str, copies.space().column("cluster_name"))) == sorted(map(str, wanted))
    copies.space().rename_cluster("cluster", 0, "anew")
    export(copies.space(), copies.image_ids, format="parquet", to=tmp_path / "once more")
    table = pq.read_table(tmp_path / "once more" / "images.parquet")
    assert {"cluster_name", "given_cluster_name"} <= {*table.column_names}
    assert "anew" in table["given_cluster_name"].to_pylist()


def test_parquet_keeps_types_and_the_order_that_was_asked_for(space, to):
    export(space, [4, 0, 2], format="parquet", to=to)
    table = pd.read_parquet(to / "images.parquet")
    assert table["image_id"].tolist() == [4, 0, 2]
    assert table["outlier_score"].dtype == np.float32
    assert len(table.columns) == len(space.column_names)


def test_a_folder_has_copies_by_label_and_a_table_that_says_which(dataset, space, to):
    export(space, space.image_ids, format="folder", to=to)
    files = everything(to)
    copies = [name for name in files if name.endswith((".jpg", ".JPG", ".png"))]
    assert len(copies) == 6
    assert len({name.casefold() for name in copies}) == 6
    assert {name.split("/")[0] for name in copies} == {"cats", "dogs", "unlabelled"}
    with (to / "images.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            assert files[row["file"]] == original(dataset, int(row["image_id"])).read_bytes()
            assert row["file"].split("/")[0] == (row["label"] or "unlabelled")


def test_the_recipe_says_what_it_is(dataset, space, to):
    export(space, [2, 1], format="folder", to=to)
    recipe = json.loads((to / "recipe.json").read_text())
    assert recipe["dataset"]["name"] == "photos"
    assert recipe["dataset"]["fingerprint"] == dataset.fingerprint
    assert recipe["space"] == {"id": "fake", "fingerprint": space.fingerprint}
    assert (recipe["format"], recipe["image_ids"]) == ("folder", [2, 1])
    assert len(recipe["files"]) == 4


def test_an_export_can_be_embedded_again_with_the_same_vectors(dataset, space, to, tmp_path):
    export(space, space.image_ids, format="folder", to=to)
    report = embed(to, tmp_path / "cache", name="again")
    assert (report.embedded, report.rejected, report.ignored) == (6, 0, 3)
    again = open_dataset("again", cache=tmp_path / "cache")
    hashes = dict(
        zip(again.table()["content_hash"].to_pylist(), again.space().embeddings(), strict=True)
    )
    for i, vector in zip(space.image_ids.tolist(), space.embeddings(), strict=True):
        np.testing.assert_array_equal(hashes[dataset.image(i)["content_hash"]], vector)
    labels = dict(zip(*again.table(["content_hash", "label"]).to_pydict().values(), strict=True))
    for row in dataset.table().to_pylist():
        assert labels[row["content_hash"]] == row["label"]  # also where its folder is "unlabelled"


def test_progress_is_told(space, to):
    told = []
    export(space, [0, 1, 2], format="folder", to=to, on_file=lambda *numbers: told.append(numbers))
    written = [("Writing", done, 3) for done in (1, 2, 3)]
    checked = [("Checking", done, 6) for done in (1, 2, 3, 4, 5, 6)]
    assert told == [*written, *checked, ("Reading back", 3, 3)]


# --- all or nothing


def test_a_vanished_file_leaves_nothing_behind(dataset, space, to):
    original(dataset, 3).unlink()
    with pytest.raises(OutdatedError, match=r"exported: The file has vanished") as caught:
        export(space, space.image_ids, format="folder", to=to)
    assert caught.value.source == dataset.source
    assert left_behind(to) == []
    export(space, space.image_ids, format="csv", to=to)  # needs no files


@pytest.mark.parametrize("format", ["csv", "parquet", "folder"])
def test_a_full_disk_leaves_nothing_behind(space, to, monkeypatch, format):
    replace = Path.replace

    def fail(self, target):
        if target.name == "recipe.json":
            raise OSError(28, "No space left on device")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(ExportError, match=r"Cannot export .*: No space left on device; free some"):
        export(space, [0, 1], format=format, to=to)
    assert left_behind(to) == []


@pytest.mark.parametrize("format", ["folder", "webdataset", "coco"])
def test_after_an_interrupt_the_same_goes_on_and_gives_the_same(dataset, space, to, format):
    options = ExportOptions(shard_size=1)
    export(space, space.image_ids, format=format, to=to.with_name("whole"), options=options)

    def interrupt(stage, done, total):
        if done == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export(space, space.image_ids, format=format, to=to, options=options, on_file=interrupt)
    assert not to.exists()
    # What is done need not be read again: these originals are out of reach now.
    for image_id in (0, 1):
        original(dataset, image_id).rename(original(dataset, image_id).with_suffix(".away"))
    export(space, space.image_ids, format=format, to=to, options=options)
    assert everything(to) == everything(to.with_name("whole"))
    assert sorted(left_behind(to)) == ["export", "whole"]


def test_after_an_interrupt_another_export_begins_anew(space, to):
    def interrupt(stage, done, total):
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export(space, [0, 1, 2], format="folder", to=to, on_file=interrupt)
    export(space, [3], format="folder", to=to)
    assert sorted(everything(to)) == ["dogs/A.JPG", "images.csv", "metadata.parquet", "recipe.json"]
    assert left_behind(to) == ["export"]


def test_what_was_spoilt_in_between_is_written_again(space, to):
    def interrupt(stage, done, total):
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export(space, [0, 1, 2], format="folder", to=to, on_file=interrupt)
    half = to.with_name(".export.exporting") / "cats" / "a.jpg"
    half.write_bytes(half.read_bytes()[:10])
    export(space, [0, 1, 2], format="folder", to=to)
    assert (to / "cats" / "a.jpg").read_bytes() == image_bytes(1)


def test_what_reads_back_otherwise_is_no_export(space, to):
    def spoil(stage, done, total):
        if (stage, done) == ("Checking", 1):
            for path in to.with_name(".export.exporting").rglob("*.jpg"):
                path.write_bytes(b"rot")

    with pytest.raises(ExportError, match="reads back otherwise than it was written"):
        export(space, [0, 1, 2], format="folder", to=to, on_file=spoil)
    assert left_behind(to) == []


def test_a_folder_of_somebody_elses_by_that_name_is_left_alone(space, to):
    fill(to.with_name(".export.exporting"), {"diary.txt": b"a day's work"})
    with pytest.raises(ExportError, match="in the way and is none of ours"):
        export(space, [0], format="csv", to=to)
    assert (to.with_name(".export.exporting") / "diary.txt").exists()


def test_two_exports_to_one_place_do_not_mix(space, to):
    def another(stage, done, total):
        with pytest.raises(ExportError, match="Another export is writing to"):
            export(space, [1], format="csv", to=to)

    export(space, [0, 2], format="folder", to=to, on_file=another)
    assert left_behind(to) == ["export"]


def test_a_file_that_has_changed_since_is_not_passed_off_as_the_old_one(dataset, space, to):
    original(dataset, 3).write_bytes(image_bytes(99))
    with pytest.raises(OutdatedError, match=r"has changed since it was embedded") as caught:
        export(space, space.image_ids, format="webdataset", to=to)
    assert caught.value.source == dataset.source
    assert left_behind(to) == []


def test_a_disk_that_is_too_small_is_told_before_anything_is_written(space, to, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(free=100))
    with pytest.raises(ExportError, match=r"take 0\.0 GB, and .* has 0\.0 GB left"):
        export(space, [0, 1], format="folder", to=to)
    export(space, [0, 1], format="folder", to=to, options=ExportOptions(link="hard"))


def test_it_is_not_there_before_it_is_whole(space, to):
    seen = []
    export(space, [0, 1], format="folder", to=to, on_file=lambda *_: seen.append(to.exists()))
    assert not any(seen)
    assert left_behind(to) == ["export"]


def test_when_it_cannot_take_its_place_the_old_one_stays(space, to, monkeypatch):
    export(space, [0], format="csv", to=to)
    before = everything(to)
    rename = Path.rename

    def fail(self, target):
        if target == to and not self.name.endswith(".exported-before"):
            raise OSError(5, "Input/output error")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fail)
    with pytest.raises(ExportError, match="Input/output error"):
        export(space, [0, 1], format="csv", to=to, force=True)
    assert everything(to) == before
    assert left_behind(to) == ["export"]


# --- where it may go


def test_what_exists_is_not_replaced_unless_it_is_an_export_and_force_is_given(space, to):
    export(space, [0, 1], format="folder", to=to)
    before = everything(to)
    with pytest.raises(ExportError, match=r"exists already\. Choose another folder, or use --forc"):
        export(space, [2], format="csv", to=to)
    assert everything(to) == before
    export(space, [2], format="csv", to=to, force=True)
    assert sorted(everything(to)) == ["images.csv", "recipe.json"]
    assert left_behind(to) == ["export"]


@pytest.mark.parametrize(
    "files",
    [
        {"notes.txt": b"mine"},
        {"recipe.json": b"{}"},
        {"recipe.json": b"not json", "a.jpg": 1},
        {"recipe.json": b'{"files": {"a.jpg": ""}}', "a.jpg": 1},
    ],
)
def test_force_never_replaces_another_folder(space, to, files):
    fill(to, files)
    before = everything(to)
    with pytest.raises(ExportError, match="is not an earlier export"):
        export(space, [0], format="csv", to=to, force=True)
    assert everything(to) == before


def test_force_does_not_take_what_somebody_added_to_an_export(space, to):
    export(space, [0, 1], format="folder", to=to)
    fill(to, {"cats/notes.txt": b"a day's work"})
    with pytest.raises(ExportError, match="or holds more than that"):
        export(space, [0], format="csv", to=to, force=True)
    assert (to / "cats/notes.txt").exists()


def test_force_never_replaces_a_file(space, to):
    to.parent.mkdir()
    to.write_text("mine")
    with pytest.raises(ExportError, match="is not an earlier export"):
        export(space, [0], format="csv", to=to, force=True)
    assert to.read_text() == "mine"


def test_an_empty_folder_may_be_filled(space, to):
    to.mkdir(parents=True)
    with pytest.raises(ExportError, match="exists already"):
        export(space, [0], format="csv", to=to)
    export(space, [0], format="csv", to=to, force=True)
    assert (to / "images.csv").exists()


@pytest.mark.parametrize(
    "way", ["{source}", "{source}/cats/new", "{out}/../photos/new", "{link}/new"]
)
def test_it_never_goes_into_the_source_by_whatever_way(dataset, space, tmp_path, way):
    (tmp_path / "link").symlink_to(tmp_path / "photos")
    to = way.format(source=dataset.source, out=tmp_path / "out", link=tmp_path / "link")
    before = everything(tmp_path / "photos")
    with pytest.raises(ExportError, match="lies inside the source folder"):
        export(space, [0], format="folder", to=to, force=True)
    assert everything(tmp_path / "photos") == before


def test_a_source_that_is_reached_by_a_link_is_guarded_too(tmp_path):
    fill(tmp_path / "photos", {"a.jpg": 1})
    (tmp_path / "link").symlink_to(tmp_path / "photos")
    space = analyzed(tmp_path / "link", tmp_path / "cache").space()
    with pytest.raises(ExportError, match="lies inside the source folder"):
        export(space, [0], format="csv", to=tmp_path / "photos" / "new")


def test_a_place_that_cannot_be_written_is_a_sentence(space, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ExportError, match="Cannot export to"):
        export(space, [0], format="csv", to=tmp_path / "file" / "new")


@pytest.mark.parametrize(
    ("ids", "format", "error", "sentence"),
    [
        ([], "csv", ExportError, "no image is selected"),
        ([0], "zip", ExportError, r"no format 'zip'\. There are: folder, imagefolder"),
        ([0, 99], "csv", UsageError, "Image 99 is not in the space"),
        ([-1], "csv", UsageError, "Image -1 is not in the space"),
    ],
)
def test_what_makes_no_sense_is_a_sentence(space, to, ids, format, error, sentence):
    with pytest.raises(error, match=sentence):
        export(space, ids, format=format, to=to)
    assert left_behind(to) == []


# --- names


@given(
    st.binary(min_size=1, max_size=255).map(os.fsdecode)
    | st.text(st.characters(codec="utf-8"), min_size=1, max_size=80)
)
def test_a_safe_name_is_one_name_everywhere(name):
    safe = safe_name(name)
    assert safe == Path(safe).name
    assert not set(safe) & set('/\\:*?"<>|\0\n\r\t')
    assert not safe.startswith((".", "=", "+", "-", "@"))
    assert not safe.endswith((".", " "))
    assert 0 < len(os.fsencode(safe)) <= 201
    assert safe.partition(".")[0].casefold() not in {"con", "prn", "aux", "nul", "com1", "lpt9"}
    assert safe.casefold() not in ("images.csv", "recipe.json")
    assert safe_name(safe) == safe


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("été 1.jpg", "été 1.jpg"),
        ("../../etc/passwd", "_._etc_passwd"),
        ("..", "_"),
        (".hidden.jpg", "hidden.jpg"),
        ("a\nb\0c.jpg", "a_b_c.jpg"),
        ("CON.jpg", "_CON.jpg"),
        ("nul", "_nul"),
        ("console.jpg", "console.jpg"),
        ("-rf.jpg", "_-rf.jpg"),
        ("recipe.json", "_recipe.json"),
        ("images.csv", "_images.csv"),
        ("x" * 250 + ".jpeg", "x" * 195 + ".jpeg"),
        ("é" * 120 + ".png", "é" * 98 + ".png"),
    ],
)
def test_safe_names(name, safe):
    assert safe_name(name) == safe


def test_hostile_names_stay_inside_and_are_still_images(tmp_path, to):
    names = [
        "new\nline.jpg",
        "=cmd|' /C calc'!A0.jpg",
        "-rf.jpg",
        "a\\..\\b.jpg",
        "x" * 251 + ".jpg",
    ]
    names += [os.fsdecode(b"\xff\xfe.jpg"), "COM1.jpg", "con/nul.jpg", "images.csv/a.jpg"]
    source = fill(tmp_path / "photos", {name: i for i, name in enumerate(names)})
    dataset = analyzed(source, tmp_path / "cache")
    assert len(dataset) == len(names)
    export(dataset.space(), dataset.image_ids, format="folder", to=to)
    assert left_behind(to) == ["export"]
    report = embed(to, tmp_path / "cache", name="again")
    assert (report.embedded, report.rejected) == (len(names), 0)
    table = pd.read_csv(to / "images.csv")
    assert len(table) == len(names)
    assert not table["path"].str.startswith(("=", "-", "+", "@")).any()


@pytest.mark.parametrize(
    "label", ["../../escape", "/absolute", "a\0b", "x\ny", "NUL", "~", "$HOME"]
)
def test_hostile_labels_stay_inside(tmp_path, to, label):
    source = fill(tmp_path / "photos", {"a.jpg": 1})
    dataset = analyzed(source, tmp_path / "cache")
    row = dataset.every_image
    labeled = row.set_column(row.schema.get_field_index("label"), "label", pa.array([label]))
    with write_dataset(dataset.root, source=dataset.source, labels="auto") as writer:
        writer.commit(Part(labeled))
    before = set(tmp_path.rglob("*"))
    space = open_dataset(cache=tmp_path / "cache").space()
    export(space, [0], format="folder", to=to)
    new = {path for path in set(tmp_path.rglob("*")) - before if path.is_file()}
    assert all(path.is_relative_to(to) for path in new)
    assert image_bytes(1) in everything(to).values()


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_no_cell_is_a_formula(text):
    assert guarded(text) == "'" + text


@pytest.mark.parametrize("value", ["a=b", "cat", "", None, -1.5, 3, True])
def test_other_cells_are_left_as_they_are(value):
    assert guarded(value) is value


def test_a_shape_of_names_that_collides_after_cleaning_is_kept_apart(tmp_path, to):
    names = {"d/a:b.jpg": 1, "d/a*b.jpg": 2, "d/sub/a?b.jpg": 3, "d/A_B.jpg": 4}
    space = analyzed(fill(tmp_path / "photos", names), tmp_path / "cache").space()
    export(space, space.image_ids, format="folder", to=to)
    contents = [data for name, data in everything(to).items() if name.endswith(".jpg")]
    assert sorted(contents) == sorted(image_bytes(i) for i in (1, 2, 3, 4))


def test_the_copies_are_files_even_where_the_source_has_links(tmp_path, to):
    source = fill(tmp_path / "photos", {"a.jpg": 1})
    (source / "link.jpg").symlink_to(source / "a.jpg")
    space = analyzed(source, tmp_path / "cache").space()
    export(space, space.image_ids, format="folder", to=to)
    shutil.rmtree(source)
    assert list(everything(to).values()).count(image_bytes(1)) == 2
