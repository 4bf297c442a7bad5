"""Jobs on lists, archives and URLs: every file accounted for, every value kept, nothing twice."""

import csv
import datetime
import io
import json
import os
import tarfile
import zipfile
from pathlib import Path
from typing import ClassVar

import fsspec
import numpy as np
import pandas as pd
import pytest
from fsspec.implementations.memory import MemoryFileSystem
from jobs import accounted, meaning, paths, times
from support.fakes import embed, fill, image_bytes, without_manifest

from explorer import batch
from explorer.curate import export
from explorer.errors import ExportError, SourceError, StoreError
from explorer.filters import where
from explorer.store import Dataset, open_dataset, problems


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache"


@pytest.fixture
def photos(tmp_path):
    return fill(tmp_path / "photos", {f"{i:02d}.jpg": i for i in range(12)})


def write_list(photos: Path, rows: list[dict], name: str = "list.csv") -> Path:
    path = photos / name
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(dict.fromkeys(key for row in rows for key in row)))
        writer.writeheader()
        writer.writerows(rows)
    return path


def rows_of(photos: Path, **values) -> list[dict]:
    """A row for each photo; `values` are functions of its number."""
    names = sorted(path.name for path in photos.glob("*.jpg"))
    return [
        {"path": name} | {key: value(i) for key, value in values.items()}
        for i, name in enumerate(names)
    ]


def column(dataset: Dataset, name: str) -> list:
    return dataset.table([name])[name].to_pylist()


# Lists


def test_columns_of_a_list_are_columns_of_the_dataset(photos, cache):
    rows = rows_of(
        photos,
        label=lambda i: f"c{i % 3}",
        split=lambda i: "train" if i < 8 else "val",
        year=lambda i: 1990 + i,
        score=lambda i: i / 4 if i else "",
        day=lambda i: f"2024-01-{i + 1:02d}",
        good=lambda i: str(i % 2 == 0),
        camera=lambda i: f"Model {i % 2}",
        width=lambda i: -i,
    )
    report = embed(write_list(photos, rows), cache)
    assert (report.dataset, report.embedded, accounted(report)) == ("list", 12, 12)
    dataset = open_dataset("list", cache=cache)
    assert column(dataset, "label")[:4] == ["c0", "c1", "c2", "c0"]
    assert column(dataset, "split") == ["train"] * 8 + ["val"] * 4
    assert column(dataset, "year") == list(range(1990, 2002))
    assert column(dataset, "score")[:3] == [None, 0.25, 0.5]
    assert column(dataset, "day")[0] == datetime.date(2024, 1, 1)
    assert column(dataset, "good")[:2] == [True, False]
    assert column(dataset, "source_width")[3] == -3
    assert column(dataset, "width") == [24] * 12  # what Explorer itself has seen
    kinds = {name: dataset.column_meta(name).kind for name in ("year", "day", "good", "camera")}
    assert kinds == {"year": "number", "day": "time", "good": "category", "camera": "category"}
    space = dataset.space()
    found = where(space, "year > 1995 AND camera = 'Model 1' AND day < DATE '2024-01-11'")
    assert found.tolist() == [7, 9]
    assert space.column("year").tolist() == list(range(1990, 2002))
    assert list(problems(dataset.root)) == []


def test_a_second_run_does_nothing(photos, cache):
    rows = rows_of(photos, score=lambda i: i / 3, note=lambda i: "x" if i % 2 else "")
    path = write_list(photos, [*rows, {"path": "gone.jpg"}])
    report = embed(path, cache)
    assert (report.embedded, report.rejected) == (12, 1)
    before = times(cache / "list")
    report = embed(path, cache)
    assert (report.unchanged, report.rejected, accounted(report)) == (12, 1, 13)
    assert times(cache / "list") == before


def test_changed_values_update_rows_and_embed_nothing(photos, cache):
    write_list(photos, rows_of(photos, label=lambda i: "a", score=lambda i: i))
    embed(photos / "list.csv", cache)
    before = times(cache / "list" / "spaces")
    write_list(photos, rows_of(photos, label=lambda i: "b" if i == 3 else "a", score=lambda i: i))
    report = embed(photos / "list.csv", cache)
    assert (report.embedded, report.unchanged) == (0, 12)
    assert times(cache / "list" / "spaces") == before
    dataset = open_dataset("list", cache=cache)
    assert [i for i, label in enumerate(column(dataset, "label")) if label == "b"] == [3]
    assert len(pd.read_parquet(sorted((cache / "list/images").glob("*"))[-1])) == 1


def test_values_change_with_files_that_change_and_move(photos, cache):
    write_list(photos, rows_of(photos, score=lambda i: i))
    embed(photos / "list.csv", cache)
    (photos / "00.jpg").rename(photos / "zz.jpg")
    (photos / "01.jpg").write_bytes(image_bytes(1, "PNG"))  # saved anew
    (photos / "02.jpg").unlink()
    rows = rows_of(photos, score=lambda i: 100 + i)
    report = embed(write_list(photos, rows), cache)
    assert (report.moved, report.embedded, report.removed, report.unchanged) == (1, 1, 1, 9)
    dataset = open_dataset("list", cache=cache)
    ids = paths(dataset)
    assert ids["zz.jpg"] == 0
    assert dataset.image(0)["score"] == 110
    assert dataset.image(1)["score"] == 100
    assert dataset.image(5)["score"] == 103
    gone = [row for row in dataset.every_image.to_pylist() if not row["present"]]
    assert [(row["path"], row["score"]) for row in gone] == [("02.jpg", 2)]


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (lambda i: i, lambda i: i + 0.5, [0.5, 1.5]),
        (lambda i: i, lambda i: f"x{i}", ["x0", "x1"]),
        (lambda i: f"x{i}", lambda i: i, ["0", "1"]),
        (lambda i: "", lambda i: i, [0, 1]),
        (lambda i: i, lambda i: "", [None, None]),
        (lambda i: f"2024-01-0{i + 1}", lambda i: f"day {i}", ["day 0", "day 1"]),
        (lambda i: str(i > 0), lambda i: i, ["0", "1"]),
    ],
)
def test_a_column_may_change_its_kind(photos, cache, first, second, expected):
    for path in sorted(photos.iterdir())[2:]:
        path.unlink()
    embed(write_list(photos, rows_of(photos, x=first)), cache)
    embed(write_list(photos, rows_of(photos, x=second)), cache)
    assert column(open_dataset("list", cache=cache), "x") == expected
    before = times(cache / "list")
    assert embed(photos / "list.csv", cache).unchanged == 2
    assert times(cache / "list") == before


def test_a_column_that_the_list_no_longer_has_keeps_its_values(photos, cache):
    embed(write_list(photos, rows_of(photos, x=lambda i: i, y=lambda i: -i)), cache)
    report = embed(write_list(photos, rows_of(photos, y=lambda i: -i)), cache)
    assert report.unchanged == 12
    assert column(open_dataset("list", cache=cache), "x") == list(range(12))


def test_a_new_extractor_sees_the_images_of_a_list_once_more(photos, cache):
    embed(write_list(photos, rows_of(photos, x=lambda i: i)), cache)
    before = times(cache / "list" / "images")
    report = embed(photos / "list.csv", cache, extractors=("fake-2",))
    assert report.embedded == 12
    assert times(cache / "list" / "images") == before
    write_list(photos, rows_of(photos, x=lambda i: i + 1))
    report = embed(photos / "list.csv", cache, extractors=("fake", "fake-2"))
    assert report.unchanged == 12
    assert column(open_dataset("list", cache=cache), "x") == list(range(1, 13))


def test_a_list_of_nothing_but_missing_files_is_an_error_that_says_why(photos, cache):
    path = write_list(photos, [{"path": "nope.jpg"}, {"path": "neither.jpg"}])
    with pytest.raises(SourceError, match=r"2 were refused; the first is 'neither.jpg': Row 3"):
        embed(path, cache)


def test_a_list_is_another_source_than_its_folder(photos, cache):
    embed(write_list(photos, rows_of(photos)), cache, name="mine")
    with pytest.raises(StoreError, match="was made from"):
        embed(photos, cache, name="mine")


# Archives


def pack(path: Path, files: dict[str, bytes]) -> Path:
    """Write an archive, all of whose files are of the same time."""
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w") as archive:
            for name, data in files.items():
                archive.writestr(zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0)), data)
        return path
    with tarfile.open(path, "w:gz" if path.suffix == ".gz" else "w") as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path


KINDS = ("zip", "tar", "tar.gz")


@pytest.fixture(params=KINDS)
def archive(request, tmp_path):
    return tmp_path / f"set.{request.param}"


def some_files(count: int = 20) -> dict[str, bytes]:
    files = {f"{'ab'[i % 2]}/{i:02d}.jpg": image_bytes(i) for i in range(count)}
    return files | {"a/broken.jpg": b"?", "a/README.md": b"", "b/empty.png": b""}


def test_an_archive_is_the_same_as_the_folder_that_was_packed(archive, cache, tmp_path):
    report = embed(pack(archive, some_files()), cache)
    assert (report.dataset, report.embedded, report.rejected, report.ignored) == ("set", 20, 2, 1)
    embed(fill(tmp_path / "folder", some_files()), cache)
    packed, folder = open_dataset("set", cache=cache), open_dataset("folder", cache=cache)
    by_path = {f"{archive.name}/{path}": i for path, i in paths(folder).items()}
    assert paths(packed).keys() == by_path.keys()
    for path, i in paths(packed).items():
        assert packed.image(i)["label"] == folder.image(by_path[path])["label"]
        np.testing.assert_array_equal(
            packed.space().vector(i), folder.space().vector(by_path[path])
        )
    assert list(problems(packed.root)) == []


def test_an_archive_is_read_again_where_it_changed(archive, cache):
    files = some_files()
    embed(pack(archive, files), cache)
    before = times(cache / "set")
    report = embed(archive, cache)
    assert (report.unchanged, report.rejected, report.embedded) == (20, 2, 0)
    assert times(cache / "set") == before
    files["a/00.jpg"] = image_bytes(0, "PNG")
    files["c/new.jpg"] = files.pop("b/01.jpg")
    del files["a/02.jpg"]
    report = embed(pack(archive, files), cache)
    assert (report.embedded, report.moved, report.removed, report.unchanged) == (1, 1, 1, 17)
    assert accounted(report) == len(files)
    dataset = open_dataset("set", cache=cache)
    assert paths(dataset)[f"{archive.name}/c/new.jpg"] == 1


def test_a_job_on_an_archive_goes_on_where_it_stopped(archive, cache, tmp_path):
    import threading

    pack(archive, some_files())
    stop = threading.Event()

    def halfway(progress):
        if progress.stage == "Embedding" and progress.done >= 9:
            stop.set()

    assert embed(archive, cache, on_progress=halfway, stop=stop).interrupted
    report = embed(archive, cache)
    assert 0 < report.embedded < 20
    assert accounted(report) == 23
    embed(archive, tmp_path / "undisturbed")
    done, undisturbed = meaning(cache / "set"), meaning(tmp_path / "undisturbed/set")
    assert done["vectors"] == undisturbed["vectors"]
    assert done["images"] == undisturbed["images"]


def test_shards_bring_labels_and_columns(tmp_path, cache):
    for number in range(2):
        files = {}
        for i in range(3):
            key = f"{10 * number + i:04d}"
            files[f"{key}.jpg"] = image_bytes(10 * number + i)
            files[f"{key}.cls"] = str(i).encode()
            files[f"{key}.json"] = json.dumps({"year": 2000 + i, "height": 1}).encode()
        (tmp_path / "shards").mkdir(exist_ok=True)
        pack(tmp_path / "shards" / f"s-{number}.tar", files)
    report = embed(tmp_path / "shards", cache)
    assert (report.dataset, report.embedded, report.ignored) == ("shards", 6, 12)
    dataset = open_dataset("shards", cache=cache)
    assert column(dataset, "label") == ["0", "1", "2"] * 2
    assert column(dataset, "year") == [2000, 2001, 2002] * 2
    assert column(dataset, "source_height") == [1] * 6
    assert paths(dataset)["s-1.tar/0010.jpg"] == 3


def test_an_archive_that_vanishes_midway_is_an_error(tmp_path, cache):
    archive = pack(tmp_path / "set.tar", some_files(40))

    def remove(progress):
        if progress.stage == "Embedding":
            archive.unlink(missing_ok=True)

    with pytest.raises(SourceError, match=r"set\.tar has vanished while it was being embedded"):
        embed(archive, cache, on_progress=remove)
    pack(archive, some_files(40))
    embed(archive, cache)
    assert len(open_dataset("set", cache=cache)) == 40


def test_images_of_an_archive_are_exported(archive, cache, tmp_path):
    files = some_files()
    embed(pack(archive, files), cache)
    dataset = open_dataset("set", cache=cache)
    done = export(dataset.space(), dataset.image_ids, format="folder", to=tmp_path / "out")
    assert done.images == 20
    for path in (path for path in files if path[2:4].isdigit()):
        assert (tmp_path / "out" / path).read_bytes() == files[path]
    archive.write_bytes(b"")
    with pytest.raises(ExportError, match="cannot be exported"):
        export(dataset.space(), dataset.image_ids, format="folder", to=tmp_path / "more")
    assert not (tmp_path / "more").exists()


# URLs


@pytest.fixture
def memory():
    fs = fsspec.filesystem("memory")
    yield fs
    fs.rm("/", recursive=True)


def test_a_folder_behind_a_url(memory, cache, tmp_path):
    files = some_files()
    memory.pipe({f"/photos/{path}": data for path, data in files.items()})
    report = embed("memory://photos", cache)
    assert (report.dataset, report.embedded, report.rejected, report.ignored) == (
        "photos",
        20,
        2,
        1,
    )
    assert embed("memory://photos", cache).unchanged == 20
    memory.pipe("/photos/a/00.jpg", image_bytes(0, "PNG"))
    memory.mv("/photos/a/02.jpg", "/photos/b/moved.jpg")
    memory.rm("/photos/a/04.jpg")
    report = embed("memory://photos", cache)
    assert (report.embedded, report.moved, report.removed, report.unchanged) == (1, 1, 1, 17)
    dataset = open_dataset("photos", cache=cache)
    assert dataset.source == "memory://photos"
    export(dataset.space(), dataset.image_ids, format="folder", to=tmp_path / "out")
    assert (tmp_path / "out/a/00.jpg").read_bytes() == image_bytes(0, "PNG")


def test_a_list_of_urls_without_extensions_can_be_exported(memory, cache, tmp_path):
    memory.pipe({f"/x/{i}": image_bytes(i, "PNG") for i in range(3)})
    text = "".join(f"memory://x/{i},c{i}\n" for i in range(3))
    (tmp_path / "urls.csv").write_text("url,label\n" + text)
    report = embed(tmp_path / "urls.csv", cache)
    assert report.embedded == 3
    space = open_dataset("urls", cache=cache).space()
    export(space, space.image_ids, format="folder", to=tmp_path / "out")
    assert embed(tmp_path / "out", cache).embedded == 3


class Silent(MemoryFileSystem):
    """Tells neither size nor time of a file."""

    protocol = "silent"
    store: ClassVar[dict] = {}
    pseudo_dirs: ClassVar[list] = [""]

    @classmethod
    def _strip_protocol(cls, path):
        return super()._strip_protocol(path.replace("silent://", "memory://"))

    def info(self, path, **kwargs):
        info = super().info(path, **kwargs)
        return {"name": info["name"], "type": info["type"], "size": None}

    def ls(self, path, detail=True, **kwargs):
        return [entry | {"size": None, "created": None} for entry in super().ls(path)]


def test_where_nobody_tells_of_changes_the_content_does(cache):
    fsspec.register_implementation("silent", Silent, clobber=True)
    fs = fsspec.filesystem("silent")
    fs.pipe({f"/s/{i}.jpg": image_bytes(i) for i in range(5)} | {"/s/bad.jpg": b"?"})
    report = embed("silent://s", cache)
    assert (report.embedded, report.rejected) == (5, 1)
    assert column(open_dataset("s", cache=cache), "bytes")[0] == len(image_bytes(0))
    before = times(cache / "s")
    report = embed("silent://s", cache)
    assert (report.embedded, report.unchanged, report.rejected) == (0, 5, 1)
    assert {k: v for k, v in times(cache / "s").items() if "rejected" not in k} == {
        k: v for k, v in before.items() if "rejected" not in k
    }
    fs.pipe("/s/3.jpg", image_bytes(33))
    report = embed("silent://s", cache)
    assert (report.embedded, report.unchanged) == (1, 4)


def test_a_dataset_from_before_some_columns_is_read_and_goes_on(photos, cache):
    import pyarrow.parquet as pq

    fill(photos, {"bad.jpg": b"?"})
    embed(photos, cache)
    root = cache / "photos"
    for path in (*(root / "images").iterdir(), root / "rejected.parquet"):
        later = {"etag", "alpha_means"} & {*pq.read_schema(path).names}
        pq.write_table(pq.read_table(path).drop_columns([*later]), path)
    without_manifest(root)
    report = embed(photos, cache)
    assert (report.unchanged, report.rejected, report.embedded) == (12, 1, 0)
    assert list(problems(root)) == []
    assert os.listdir(root / "images")
    batch.analyze(open_dataset(cache=cache))
    early = open_dataset(cache=cache).space()
    assert early.column("alpha_means").tolist() == [None] * 12
    assert early.column("duplicate_surplus").tolist() == [0] * 12
    embed(photos, cache, extractors=["fake-2"])  # for which every image is read once more
    assert open_dataset(cache=cache).space().column("alpha_means").tolist() == ["ffff" * 5] * 12
