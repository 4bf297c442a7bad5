"""What goes wrong on the way never costs more than the part in hand."""

import contextlib
import errno
import os
import shutil
import socket
import sys
import threading

import pytest
from jobs import accounted, meaning, part_bytes, paths, times
from support import fakes
from support.fakes import analyzed, embed, fill, image_bytes

from explorer import batch, images
from explorer.errors import (
    ExtractorError,
    ImageError,
    LockedError,
    SourceError,
    StoreError,
    UsageError,
)
from explorer.store import Dataset, dataset_names, open_dataset, problems, writing


@pytest.fixture
def source(tmp_path):
    return fill(tmp_path / "photos", {f"{'ab'[i % 2]}/{i:02d}.jpg": i for i in range(30)})


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache"


@pytest.fixture
def root(cache):
    return cache / "photos"


@pytest.fixture
def undisturbed(source, tmp_path):
    """The dataset of a run that nothing happened to."""
    embed(source, tmp_path / "undisturbed")
    return tmp_path / "undisturbed" / "photos"


class Watch:
    """Sees every file that a job reads: keeps its path, and calls `act(path)` before."""

    def __init__(self):
        self.paths = []
        self.act = lambda path: None

    def open_source(self, *args, **kwargs):
        self._source = images.open_source(*args, **kwargs)
        return self

    def __getattr__(self, name):
        return getattr(self._source, name)

    def read(self, path):
        self.paths.append(path)
        self.act(path)
        return self._source.read(path)


@pytest.fixture
def reads(monkeypatch):
    watch = Watch()
    monkeypatch.setattr(sys.modules["explorer.batch.embed"], "open_source", watch.open_source)
    return watch


FATES = {
    "a/truncated.jpg": "rejected",
    "a/empty.png": "rejected",
    "a/text.jpg": "rejected",
    "a/pipe.jpg": "rejected",
    "b/loop": "rejected",
    "b/nowhere.jpg": "rejected",
    "b/really.png": "embedded",
    "b/notes.txt": "ignored",
    "b/.hidden.jpg": "ignored",
}


def one_of_each_kind(source) -> None:
    """Put the things of FATES into a folder."""
    files = {
        "a/truncated.jpg": image_bytes(1)[:200],
        "a/empty.png": b"",
        "a/text.jpg": b"not an image",
        "b/really.png": image_bytes(2),
        "b/notes.txt": b"notes",
        "b/.hidden.jpg": image_bytes(3),
    }
    fill(source, files)
    os.mkfifo(source / "a/pipe.jpg")
    (source / "b/loop").symlink_to(source)
    (source / "b/nowhere.jpg").symlink_to("gone.jpg")


def test_every_file_is_accounted_for(source, cache, root):
    one_of_each_kind(source)
    report = embed(source, cache)
    fates = list(FATES.values())
    assert report.embedded == 30 + fates.count("embedded")
    assert report.rejected == fates.count("rejected")
    assert report.ignored == fates.count("ignored")
    assert accounted(report) == 30 + len(fates)
    rejected = Dataset(root).rejected.to_pylist()
    wanted = {path for path, fate in FATES.items() if fate == "rejected"}
    assert {row["path"] for row in rejected} == wanted
    assert all(row["reason"].endswith(".") for row in rejected)
    assert list(problems(root)) == []


def test_what_was_rejected_is_not_tried_again_until_it_changes(source, cache, root, reads):
    one_of_each_kind(source)
    embed(source, cache)
    before = times(root)
    reads.paths.clear()
    report = embed(source, cache)
    assert reads.paths == []
    assert (report.unchanged, report.rejected) == (31, 6)
    assert times(root) == before
    fill(source, {"a/text.jpg": 400})
    report = embed(source, cache)
    assert reads.paths == ["a/text.jpg"]
    assert (report.embedded, report.rejected) == (1, 5)
    assert "a/text.jpg" not in Dataset(root).rejected["path"].to_pylist()


def test_what_was_rejected_and_is_gone_is_forgotten(source, cache, root):
    fill(source, {"a/text.jpg": b"?"})
    embed(source, cache)
    (source / "a/text.jpg").unlink()
    report = embed(source, cache)
    assert (report.rejected, report.removed) == (0, 0)
    assert len(Dataset(root).rejected) == 0


def test_a_file_that_could_not_be_read_is_tried_again(source, cache, root, reads):
    def vanish(path):
        if path == "a/04.jpg":
            (source / path).rename(source.parent / "away")

    reads.act = vanish
    report = embed(source, cache)
    assert (report.embedded, report.rejected) == (29, 1)
    assert Dataset(root).rejected["path"].to_pylist() == ["a/04.jpg"]
    (source.parent / "away").rename(source / "a/04.jpg")
    reads.act = lambda path: None
    report = embed(source, cache)
    assert (report.embedded, report.unchanged, report.rejected) == (1, 29, 0)
    assert list(problems(root)) == []


def test_a_file_that_stays_unreadable_costs_no_part_at_every_run(source, cache, root, reads):
    def fail(path):
        if path == "a/04.jpg":
            raise ImageError("It cannot be read.")

    reads.act = fail
    embed(source, cache)
    before = times(root)
    assert embed(source, cache).rejected == 1
    assert times(root) == before


def test_an_image_that_is_spoilt_is_no_longer_shown_and_keeps_its_id(source, cache, root):
    embed(source, cache)
    number = paths(Dataset(root))["a/04.jpg"]
    Dataset(root).tags.add("mine", [number])
    fill(source, {"a/04.jpg": b"spoilt"})
    report = embed(source, cache)
    assert (report.unchanged, report.rejected) == (29, 1)
    assert "a/04.jpg" not in paths(Dataset(root))
    assert len(Dataset(root)) == 29
    assert list(problems(root)) == []
    fill(source, {"a/04.jpg": 4})
    report = embed(source, cache)
    assert (report.unchanged, report.rejected) == (30, 0)
    assert paths(Dataset(root))["a/04.jpg"] == number
    assert Dataset(root).rejected.num_rows == 0


@pytest.mark.parametrize("after", [0, 3, 17])
def test_a_source_that_vanishes_midway_costs_nothing(
    source, cache, root, undisturbed, reads, after
):
    away = source.parent / "away"

    def vanish(path):
        if len(reads.paths) > after:
            with contextlib.suppress(FileNotFoundError):  # another thread was here first
                source.rename(away)

    reads.act = vanish
    with pytest.raises(SourceError, match=r"has vanished while it was being embedded\..*is kept"):
        embed(source, cache, workers=1)  # of several, one may wait long with an early file
    assert list(problems(root)) == []
    assert after - 1 <= len(Dataset(root)) <= after
    away.rename(source)
    reads.act = lambda path: None
    report = embed(source, cache)
    assert report.embedded + report.unchanged == 30
    assert meaning(root) == meaning(undisturbed)


@pytest.mark.parametrize("after", [4, 12, 28])
def test_a_job_that_is_asked_to_stop_can_go_on(source, cache, root, undisturbed, after):
    stop = threading.Event()

    def on_progress(progress):
        if progress.done >= after:
            stop.set()

    report = embed(source, cache, stop=stop, on_progress=on_progress)
    assert report.interrupted
    assert after <= report.embedded < 30
    assert len(Dataset(root)) == report.embedded
    assert list(problems(root)) == []
    report = embed(source, cache)
    assert not report.interrupted
    assert report.embedded + report.unchanged == 30
    assert meaning(root) == meaning(undisturbed)


def test_a_job_that_is_stopped_does_not_take_unseen_files_for_gone(source, cache, root):
    embed(source, cache)
    fill(source, {"a/new.jpg": 90})
    stop = threading.Event()
    stop.set()
    (source / "b/01.jpg").unlink()
    report = embed(source, cache, stop=stop)
    assert report.interrupted
    assert report.removed == 0
    assert embed(source, cache).removed == 1


def test_a_job_that_is_stopped_tells_of_what_it_has_replaced(source, cache):
    embed(source, cache)
    paths = sorted(path for path in source.rglob("*.jpg"))[:6]
    for number, path in enumerate(paths, start=500):
        path.write_bytes(image_bytes(number))
    stop = threading.Event()

    def on_progress(progress):
        if progress.done:
            stop.set()

    report = embed(source, cache, stop=stop, on_progress=on_progress)
    assert (report.interrupted, report.embedded, report.removed) == (True, 4, 4)
    assert embed(source, cache).removed == 2


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EIO])
@pytest.mark.parametrize("write", [1, 4, 6, 9, 12])
def test_a_disk_that_fails_costs_one_part(
    source, cache, root, undisturbed, monkeypatch, number, write
):
    left = write

    def fsync(descriptor):
        nonlocal left
        left -= 1
        if left <= 0:
            raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fsync)
        with pytest.raises(StoreError, match=r"^Cannot write .*\.$"):
            embed(source, cache)
    if (root / "dataset.json").exists():
        assert list(problems(root)) == []
    embed(source, cache)
    assert part_bytes(root) == part_bytes(undisturbed)


def test_a_cache_that_cannot_be_written_is_a_sentence(source, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="Cannot write"):
        embed(source, tmp_path / "file")


def test_a_second_job_on_the_dataset_stops_at_once(source, cache, root):
    with writing(root), pytest.raises(LockedError, match=rf"process {os.getpid()} on "):
        embed(source, cache)
    analyzed(fill(cache.parent / "few", {"a.jpg": 1}), cache)
    dataset = open_dataset("few", cache=cache)
    with writing(dataset.root), pytest.raises(LockedError, match=socket.gethostname()):
        batch.analyze(dataset)


def test_a_job_that_cannot_begin_leaves_no_dataset(source, cache):
    with pytest.raises(ExtractorError, match="no extractor named 'nope'"):
        embed(source, cache, extractors=("fake", "nope"))
    assert dataset_names(cache) == []
    empty = cache.parent / "empty"
    empty.mkdir()
    for wrong in (empty, cache.parent / "nowhere", source / "a/00.jpg"):
        with pytest.raises(SourceError):
            embed(wrong, cache)
    with pytest.raises(UsageError, match="at least one character"):
        embed(source, cache, name=" ")
    assert dataset_names(cache) == []


def test_an_extractor_that_fails_costs_one_part(source, cache, root, undisturbed, monkeypatch):
    calls = 0
    extract = fakes.Fake.extract

    def fail(self, batch):
        nonlocal calls
        calls += 1
        if calls == 5:
            raise ExtractorError("The model is out of order.")
        return extract(self, batch)

    with monkeypatch.context() as patch:
        patch.setattr(fakes.Fake, "extract", fail)
        with pytest.raises(ExtractorError, match="out of order"):
            embed(source, cache)
    assert list(problems(root)) == []
    embed(source, cache)
    assert part_bytes(root) == part_bytes(undisturbed)


def test_a_folder_without_a_single_good_image_makes_an_empty_dataset(tmp_path, cache):
    source = fill(tmp_path / "bad", {"a.jpg": b"?", "b.jpg": b""})
    report = embed(source, cache)
    assert (report.embedded, report.rejected) == (0, 2)
    dataset = open_dataset(cache=cache)
    batch.analyze(dataset)
    assert list(problems(dataset.root)) == []
    assert len(open_dataset(cache=cache).space().table()) == 0
    fill(source, {"a.jpg": 1})
    assert embed(source, cache).embedded == 1


def test_an_empty_folder_is_an_error_and_marks_nothing_as_gone(source, cache, root):
    embed(source, cache)
    shutil.rmtree(source)
    source.mkdir()
    with pytest.raises(SourceError, match="There are no images in"):
        embed(source, cache)
    assert len(Dataset(root)) == 30


def test_the_parts_are_the_same_however_many_threads_there_are(source, cache, undisturbed):
    settings = batch.EmbedSettings(
        extractors=("fake",), part_size=8, batch_size=7, workers=5, analyze=False
    )
    batch.embed(source, cache=cache, settings=settings)
    assert part_bytes(cache / "photos") == part_bytes(undisturbed)


def test_progress_counts_up_to_the_end(source, cache):
    fill(source, {"a/bad.jpg": b"?"})
    seen = []
    embed(source, cache, on_progress=seen.append)
    embedding = [each for each in seen if each.stage == "Embedding"]
    assert [each.done for each in embedding] == sorted(each.done for each in embedding)
    assert (embedding[-1].done, embedding[-1].total, embedding[-1].rejected) == (31, 31, 1)


def test_what_is_damaged_on_the_disk_stops_no_job(source, cache, root):
    """A thumbnail, when its photo is edited; the columns, when many photos come."""
    settings = batch.EmbedSettings(extractors=("fake",))
    batch.embed(source, cache=cache, settings=settings)
    (file,) = (root / "thumbnails").iterdir()
    data = file.read_bytes()
    start = data.index(b"\xff\xd8\xff")
    file.write_bytes(data[:start] + bytes(60) + data[start + 60 :])
    (root / "spaces/fake/columns.parquet").write_bytes(b"damaged")
    first = open_dataset("photos", cache=cache).image(0)["path"]
    fill(source, {first: image_bytes(0, "PNG")} | {f"new/{i}.jpg": 100 + i for i in range(80)})
    report = batch.embed(source, cache=cache, settings=settings)
    assert (report.embedded, report.unchanged) == (81, 29)
    assert "pca_x" in open_dataset("photos", cache=cache).space().column_names
