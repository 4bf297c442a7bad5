"""The manifest: every file of a dataset that is flipped, cut or removed is found, and named."""

import json
import os
import shutil
import sqlite3
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_datasets import dataset, part, whole_dataset, writer
from support.fakes import without_manifest

from explorer import store
from explorer.errors import DamagedError
from explorer.store import manifest

# By hand: that the program lists all of its own files is what is tried.
FILES = (
    "manifest.json",
    "dataset.json",
    "rejected.parquet",
    *(f"images/part-0000{number}.parquet" for number in range(4)),
    *(f"thumbnails/part-0000{number}.arrow" for number in range(3)),
    "spaces/fake/space.json",
    *(f"spaces/fake/embeddings/part-0000{number}.parquet" for number in range(3)),
    "spaces/fake/index.faiss",
    "spaces/fake/neighbors.parquet",
    "spaces/fake/columns.parquet",
    "spaces/fake/probe.json",
)
NOT_PART_OF_IT = {".lock", ".manifest.lock", "curation.db-wal", "curation.db-shm"}


@dataclass(frozen=True)
class Learned:
    judged: str


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    root = tmp_path_factory.mktemp("manifest") / "demo"
    whole_dataset(root)
    learned = Learned("11")
    store.write_probe(store.Dataset(root).space(), "0", learned)
    assert list(store.problems(root)) == []
    return root


@pytest.fixture
def copy(whole, tmp_path):
    return shutil.copytree(whole, tmp_path / "demo")


def test_these_are_all_files_of_a_dataset(whole):
    there = {path.relative_to(whole).as_posix() for path in whole.rglob("*") if path.is_file()}
    assert there - NOT_PART_OF_IT == {*FILES, "curation.db"}


@pytest.mark.parametrize("name", FILES)
def test_any_byte_that_is_flipped_is_found(copy, name):
    path = copy / name
    content = path.read_bytes()
    for at in sorted(
        {0, 1, len(content) // 3, len(content) // 2, len(content) - 2, len(content) - 1}
    ):
        flipped = bytearray(content)
        flipped[at] ^= 4
        path.write_bytes(flipped)
        assert any(str(path) in line for line in store.problems(copy)), at


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_bit_of_any_file_that_is_flipped_is_found(copy, data):
    path = copy / data.draw(st.sampled_from(FILES))
    content = path.read_bytes()
    flipped = bytearray(content)
    flipped[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    path.write_bytes(flipped)
    try:
        assert any(str(path) in line for line in store.problems(copy))
    finally:
        path.write_bytes(content)
    assert list(store.problems(copy)) == []


@pytest.mark.parametrize("cut", [1, 100, None])
@pytest.mark.parametrize("name", [*FILES, "curation.db"])
def test_any_file_that_is_cut_is_found(copy, name, cut):
    path = copy / name
    size = path.stat().st_size
    os.truncate(path, max(size - cut, 0) if cut else 0)
    assert any(str(path) in line for line in store.problems(copy))


@pytest.mark.parametrize("name", [*FILES, "curation.db"])
def test_any_file_that_is_removed_is_missed(copy, name):
    (copy / name).unlink()
    for left in copy.glob("curation.db-*"):
        left.unlink()
    found = [line for line in store.problems(copy) if f"{copy / name} is missing" in line]
    assert len(found) == 1


def test_of_what_people_made_the_ids_are_checked_and_the_database_is(copy):
    connection = sqlite3.connect(copy / "curation.db")
    [(packed,)] = connection.execute("SELECT image_ids FROM sets").fetchall()
    spoilt = bytearray(packed)
    spoilt[-1] ^= 1
    for image_ids, size in ((bytes(spoilt), 3), (packed, 4)):
        with connection:
            connection.execute("UPDATE sets SET image_ids = ?, size = ?", (image_ids, size))
        assert ["curation.db is damaged" in line for line in store.problems(copy)] == [True]
    connection.close()


def test_the_app_makes_tags_before_any_job_and_they_are_missed_all_the_same(tmp_path):
    root = tmp_path / "demo"
    dataset(root).tags.add("mine", [1])
    (root / "curation.db").unlink()
    [line] = store.problems(root)
    assert line.endswith("curation.db is missing. It holds the tags: restore it from a backup.")


@pytest.mark.parametrize("gone", [("2",), ("1", "2"), ("0",), ("0", "1", "2")])
def test_ids_are_never_given_again(tmp_path, gone):
    root = tmp_path / "demo"
    dataset(root)  # parts of 4, 4 and 2 images
    for number in gone:
        (root / f"images/part-0000{number}.parquet").unlink()
    assert len([line for line in store.problems(root) if "is missing" in line]) == len(gone)
    with pytest.raises(DamagedError, match=r"part-0000\d.parquet is missing. ") as caught:
        writer(root).__enter__()
    assert caught.value.dataset == "demo"


@pytest.mark.parametrize("name", ["dataset.json", "spaces/fake/space.json", "manifest.json"])
@pytest.mark.parametrize("how", ["gone", "changed"])
def test_nobody_writes_on_where_nothing_tells_what_there_is(copy, name, how):
    path = copy / name
    if how == "gone":
        path.unlink()
    else:
        path.write_text(path.read_text().replace("e", "f"))
    with pytest.raises(DamagedError) as caught:
        writer(copy).__enter__()
    assert caught.value.dataset == "demo"


def test_it_lists_names_hashes_rows_and_the_next_id(whole):
    listed = json.loads((whole / "manifest.json").read_text("ascii"))
    assert listed["next_image_id"] == 10
    rows = {name: entry.get("rows") for name, entry in listed["files"].items()}
    assert [rows[f"images/part-0000{number}.parquet"] for number in range(4)] == [4, 4, 2, 0]
    assert [rows[f"thumbnails/part-0000{number}.arrow"] for number in range(3)] == [4, 4, 2]
    assert rows["spaces/fake/columns.parquet"] is None
    assert listed["becoming"] == {}


def test_a_dataset_from_before_it_goes_on_and_gets_one(tmp_path):
    root = tmp_path / "demo"
    dataset(root)
    without_manifest(root)
    assert list(store.problems(root)) == []
    store.Dataset(root).tags.add("mine", [1, 2, 3])
    assert store.read_manifest(root) is None
    with writer(root) as opened:
        assert opened.next_image_id == 10
        opened.commit(part([10, 11]))
        opened.finish()
    listed = store.read_manifest(root)
    assert {name for name in FILES if (root / name).exists()} - {"manifest.json"} < {*listed.files}
    assert listed.next_image_id == 12
    (root / "images/part-00003.parquet").unlink()
    assert any("part-00003.parquet is missing" in line for line in store.problems(root))


@pytest.mark.parametrize("gone", [(1,), (1, 2), (2,)])
def test_where_there_is_none_other_files_tell_of_lost_images(tmp_path, gone):
    root = tmp_path / "demo"
    dataset(root)
    without_manifest(root)
    for number in gone:
        (root / f"images/part-0000{number}.parquet").unlink()
    with pytest.raises(DamagedError, match=r"is missing. ") as caught:
        writer(root).__enter__()
    assert caught.value.dataset == "demo"


def test_a_space_may_be_removed_with_its_folder(tmp_path):
    root = tmp_path / "demo"
    dataset(root)
    shutil.rmtree(root / "spaces/fake")
    with writer(root) as opened:
        assert opened.space_info("fake") is None
    assert list(store.problems(root)) == []


@pytest.mark.parametrize("name", ["rejected.parquet", "dataset.json"])
@pytest.mark.parametrize("last", [0, 1])
def test_killed_while_a_file_is_replaced_it_is_whole(copy, name, last, monkeypatch):
    """Before the rename the old one counts, and after it the new one, whatever the manifest got."""
    before = (copy / name).read_bytes()
    change = manifest._change
    calls = iter(range(9))

    def killed(*args, **more):
        if next(calls) == last:
            raise KeyboardInterrupt
        change(*args, **more)

    def replace():
        with manifest.replacing_listed(copy / name) as temporary:
            temporary.write_bytes(before + b" ")

    monkeypatch.setattr(manifest, "_change", killed)
    with pytest.raises(KeyboardInterrupt):
        replace()
    assert (copy / name).read_bytes() == before + b" " * last
    assert not any("as it was written" in line for line in store.problems(copy))
    (copy / name).write_bytes(before[:-1])
    assert any(name in line for line in store.problems(copy))
