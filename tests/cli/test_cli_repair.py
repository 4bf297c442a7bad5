"""`explorer verify` and `explorer repair`: what is damaged is found and made again, ids kept."""

import json
import shutil

import pytest
from support.fakes import fill, without_manifest
from typer.testing import CliRunner

from explorer.cli.app import app
from explorer.store import open_dataset, problems

PHOTOS = {f"{'ab'[i % 2]}/{i:02d}.jpg": i for i in range(40)} | {"b/copy.jpg": 3}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A dataset of two parts with a tag, in `cache`, and its photos."""
    folder = tmp_path_factory.mktemp("repair")
    fill(folder / "photos", PHOTOS | {"a/bad.jpg": b"?"})
    run = runner(folder / "cache")
    run("embed", folder / "photos", "--extractor", "fake")
    run("tag", "photos", "fish", "--where", "path IN ('a/38.jpg', 'b/39.jpg', 'b/03.jpg')")
    return folder


def runner(cache):
    def run(*arguments, code: int = 0) -> str:
        line = [*map(str, arguments), "--cache", str(cache)]
        result = CliRunner().invoke(app, line)
        assert result.exit_code == code, result.output
        return " ".join(result.output.split())

    return run


@pytest.fixture
def cache(made, tmp_path):
    return shutil.copytree(made / "cache", tmp_path / "cache")


@pytest.fixture
def explorer(cache):
    return runner(cache)


def known(cache) -> dict:
    """By id: path, label, size, tags, thumbnail, vector."""
    dataset = open_dataset("photos", cache=cache)
    rows = dataset.table(["image_id", "path", "label", "width", "format", "my_tags"]).to_pylist()
    vectors = dataset.space().embeddings().tolist()
    return {
        row["image_id"]: (row, dataset.thumbnail(row["image_id"]), vector)
        for row, vector in zip(rows, vectors, strict=True)
    }


def gone(path):
    path.unlink()


def flipped(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 16
    path.write_bytes(content)


def cut(path):
    path.write_bytes(path.read_bytes()[:-20])


SPACE = "spaces/fake"
MENDED = {
    "manifest.json",
    "dataset.json",
    "images/part-00000.parquet",
    "images/part-00001.parquet",
    "thumbnails/part-00000.arrow",
    "thumbnails/part-00001.arrow",
    f"{SPACE}/space.json",
    f"{SPACE}/embeddings/part-00000.parquet",
    f"{SPACE}/embeddings/part-00001.parquet",
    f"{SPACE}/index.faiss",
    f"{SPACE}/neighbors.parquet",
    f"{SPACE}/columns.parquet",
    "rejected.parquet",
}


def test_every_file_that_is_listed_is_tried(made):
    listed = json.loads((made / "cache/photos/manifest.json").read_text())["files"]
    assert {*listed} == MENDED - {"manifest.json"} | {"curation.db"}


@pytest.mark.parametrize("spoil", [gone, flipped, cut])
@pytest.mark.parametrize("name", sorted(MENDED))
def test_what_can_be_made_again_is(cache, explorer, name, spoil):
    before = known(cache)
    map_before = open_dataset("photos", cache=cache).space().column("map_x").tolist()
    root = cache / "photos"
    spoil(root / name)
    assert str(root / name) in explorer("verify", "photos", code=1)
    said = explorer("repair", "photos")
    assert str(root / name) in said
    assert "photos is whole." in said
    assert known(cache) == before
    assert "photos is whole" in explorer("verify", "photos")
    space = open_dataset("photos", cache=cache).space()
    assert not space.is_stale
    assert space.column("map_x").tolist() == map_before
    assert (root / "damaged" / name).exists() == (spoil is not gone)


def test_a_tag_stays_where_it_was_though_the_last_parts_are_lost(made, cache, explorer):
    """The fault as it was found: the next embed gave the lost ids to other photos."""
    photos = shutil.copytree(made / "photos", cache.parent / "photos")
    explorer("relocate", "photos", photos)
    before = known(cache)
    fill(photos, {f"a/0-tower-{i}.jpg": 100 + i for i in range(12)})
    for path in sorted((cache / "photos/images").iterdir())[1:]:
        path.unlink()
    said = explorer("verify", "photos", code=1)
    assert "part-00001.parquet is missing." in said
    assert "`explorer repair photos` says what can be made again, and makes it." in said
    said = explorer("embed", photos, code=1)
    assert "`explorer repair photos` says what can be made again, and makes it." in said
    assert "rows of images: 10" in explorer("repair", "photos")
    after = known(cache)
    assert {i: after[i] for i in before} == before
    assert {row["path"] for row, _, _ in after.values() if row["my_tags"]} == {
        *("a/38.jpg", "b/39.jpg", "b/03.jpg")
    }
    assert {i for i in after if i not in before} == {*range(41, 53)}


def test_ids_of_photos_that_are_gone_as_well_are_kept_for_them(made, cache, explorer):
    photos = shutil.copytree(made / "photos", cache.parent / "photos")
    explorer("relocate", "photos", photos)
    before = known(cache)
    (tagged,) = (i for i, (row, _, _) in before.items() if row["path"] == "b/39.jpg")
    (photos / "b/39.jpg").rename(cache.parent / "39.jpg")
    for path in sorted((cache / "photos/images").iterdir())[1:]:
        path.unlink()
    said = explorer("repair", "photos", code=1)
    assert "1 images were not found among the photos. Their ids stay theirs" in said
    assert "photos is whole" in explorer("verify", "photos")
    assert tagged not in known(cache)
    fill(photos, {"a/0-new.jpg": 100})
    explorer("embed", photos)
    assert tagged not in known(cache)
    (cache.parent / "39.jpg").rename(photos / "back.jpg")
    explorer("embed", photos)
    row, thumbnail, vector = known(cache)[tagged]
    assert (row["path"], row["my_tags"]) == ("back.jpg", "fish")
    assert (thumbnail, vector) == before[tagged][1:]


def test_several_things_at_once_and_a_second_time(cache, explorer):
    before = known(cache)
    root = cache / "photos"
    for name in MENDED - {"manifest.json"}:
        if "embeddings" not in name:
            flipped(root / name)
    explorer("repair", "photos")
    assert known(cache) == before
    flipped(root / "dataset.json")
    explorer("repair", "photos")
    assert known(cache) == before
    assert {path.name for path in (root / "damaged").glob("dataset*")} == {
        *("dataset.json", "dataset.json.2")
    }
    said = json.loads(explorer("repair", "photos", "--json"))
    assert (said["found"], said["made"], said["problems"]) == ([], [], [])


def test_what_was_annotated_in_a_part_that_is_lost_is_told(cache, explorer):
    table = cache.parent / "labels.csv"
    table.write_text("path,label\na/38.jpg,mine\n")
    explorer("annotate", "photos", table)
    (cache / "photos/images/part-00002.parquet").unlink()
    said = explorer("repair", "photos", code=1)
    assert "What was annotated (label) is gone where it stood in a part" in said
    explorer("annotate", "photos", table)
    assert {row["path"]: row["label"] for row, _, _ in known(cache).values()}["a/38.jpg"] == "mine"
    assert "photos is whole" in explorer("verify", "photos")


def test_where_vectors_are_lost_as_well_nobody_gets_the_ids(made, cache, explorer):
    before = known(cache)
    root = cache / "photos"
    for name in ("images/part-00001.parquet", f"{SPACE}/embeddings/part-00001.parquet"):
        (root / name).unlink()
    said = explorer("repair", "photos", code=1)
    assert "Of 10 images neither rows nor vectors are left." in said
    explorer("embed", made / "photos")
    after = known(cache)
    assert {*after} == {*range(31)} | {*range(41, 51)}
    assert all(after[i] == before[i] for i in range(31))
    tagged = {i for i, (row, _, _) in before.items() if row["my_tags"]}
    assert {i for i, (row, _, _) in after.items() if row["my_tags"]} == tagged & {*range(31)}
    assert {row["path"] for row, _, _ in after.values()} == {*PHOTOS}


def test_without_the_photos_it_does_what_it_can_and_the_rest_later(made, cache, explorer):
    photos = shutil.copytree(made / "photos", cache.parent / "photos")
    explorer("relocate", "photos", photos)
    before = known(cache)
    root = cache / "photos"
    for name in (
        "thumbnails/part-00001.arrow",
        f"{SPACE}/index.faiss",
        "images/part-00001.parquet",
    ):
        (root / name).unlink()
    photos.rename(photos.with_name("away"))
    said = explorer("repair", "photos", code=1)
    assert "The photos cannot be looked through: There is no" in said
    assert (root / SPACE / "index.faiss").exists()
    photos.with_name("away").rename(photos)
    explorer("repair", "photos")
    assert known(cache) == before


def test_what_people_made_cannot_be_made_again(cache, explorer):
    root = cache / "photos"
    backup = shutil.copy(root / "curation.db", cache.parent)
    for left in root.glob("curation.db*"):
        left.unlink()
    assert "curation.db is missing" in explorer("verify", "photos", code=1)
    said = explorer("repair", "photos", code=1)
    assert "nothing else tells it: restore it from a backup" in said
    shutil.copy(backup, root / "curation.db")
    assert "photos is whole" in explorer("verify", "photos")
    assert "fish" in explorer("tag", "photos")


def test_vectors_from_elsewhere_cannot_be_made_again(cache, explorer, made):
    import numpy as np

    np.save(cache.parent / "clip.npy", np.random.default_rng(0).normal(size=(41, 8)).astype("f4"))
    photos = fill(cache.parent / "own", PHOTOS)
    explorer("import", "own", "--vectors", cache.parent / "clip.npy", "--images", photos)
    (cache / "own/spaces/imported/embeddings/part-00000.parquet").unlink()
    said = explorer("repair", "own", code=1)
    assert "41 images have no embedding. They came from elsewhere: import them." in said


def test_where_nothing_tells_where_the_photos_are(cache, explorer):
    root = cache / "photos"
    (root / "dataset.json").unlink()
    (root / "manifest.json").unlink()
    assert "There is no dataset" in explorer("info", "photos", code=1)
    without = runner(cache)("repair", "nope", code=1)
    assert "There is no dataset" in without


def test_a_dataset_from_before_there_was_a_manifest(cache, explorer):
    before = known(cache)
    root = cache / "photos"
    without_manifest(root)
    said = explorer("verify", "photos")
    assert "photos is whole: 41 images." in said
    assert "It has no manifest" in said
    assert json.loads(explorer("verify", "photos", "--json"))["manifest"] is False
    for name in MENDED & {
        *("images/part-00001.parquet", f"{SPACE}/columns.parquet", "thumbnails/part-00000.arrow")
    }:
        cut(root / name)
    explorer("verify", "photos", code=1)
    explorer("repair", "photos")
    assert known(cache) == before
    assert [*problems(root)] == []
    assert json.loads(explorer("verify", "photos", "--json"))["manifest"] is True
