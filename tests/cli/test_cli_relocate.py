"""Photos that have moved: the dataset goes along, from the command line and in Python."""

import json
import os
import shutil
import zipfile

import pytest
from support.fakes import embed, fill, image_bytes
from typer.testing import CliRunner

import explorer as api
from explorer.cli.app import app
from explorer.errors import StoreError, UsageError
from explorer.store import open_dataset, problems

FILES = {f"{'ab'[i % 2]}/{i}.jpg": i for i in range(6)}


@pytest.fixture
def explorer(tmp_path, monkeypatch):
    monkeypatch.setenv("EXPLORER_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    fill(tmp_path / "photos", FILES)

    def run(*arguments, code: int = 0) -> str:
        result = CliRunner().invoke(app, [str(each) for each in arguments])
        assert result.exit_code == code, result.output
        return " ".join((result.stdout if code == 0 else result.stderr).split())

    run("embed", "photos", "--extractor", "fake")
    run("tag", "photos", "good", "--where", "path = 'a/2.jpg'")
    return run


def known() -> dict:
    """By id: path, label, tags, vector."""
    dataset = open_dataset("photos")
    rows = dataset.table(["image_id", "path", "label", "my_tags"]).to_pylist()
    vectors = dataset.space().embeddings().tolist()
    return {row["image_id"]: (row, vector) for row, vector in zip(rows, vectors, strict=True)}


def embedded_again(explorer, source) -> tuple[int, int]:
    report = json.loads(
        explorer("embed", source, "--name", "photos", "--extractor", "fake", "--json")
    )
    return report["embedded"], report["unchanged"]


def test_the_photos_have_moved(explorer, tmp_path):
    before = known()
    shutil.copytree("photos", "disk/mine", copy_function=shutil.copyfile)  # with new times
    shutil.rmtree("photos")
    said = explorer("embed", "disk/mine", "--name", "photos", "--extractor", "fake", code=1)
    assert f"explorer relocate photos {tmp_path}/disk/mine" in said
    said = explorer("relocate", "photos", "disk/mine")
    assert f"photos is in {tmp_path}/disk/mine now: 6 images under their old path, 0" in said
    assert known() == before
    assert not open_dataset("photos").space().is_stale
    explorer("verify", "photos")
    explorer("export", "photos", "--format", "folder", "--tag", "good", "--to", "out")
    assert embedded_again(explorer, "disk/mine") == (0, 6)


def test_photos_that_were_sorted_anew_are_found(explorer):
    ids = {row["path"]: number for number, (row, _) in known().items()}
    os.renames("photos/a/2.jpg", "new/c/two.jpg")
    os.renames("photos/b/1.jpg", "new/a/2.jpg")  # where another one was
    for name in set(FILES) - {"a/2.jpg", "b/1.jpg"}:
        os.renames(f"photos/{name}", f"new/{name}")
    fill(open_dataset("photos").root.parents[1] / "new", {"new.jpg": 99})
    done = json.loads(explorer("relocate", "photos", "new", "--json"))
    assert (done["same"], done["moved"], done["new"]) == (4, 2, 1)
    after = {row["path"]: (number, row["my_tags"]) for number, (row, _) in known().items()}
    assert after["c/two.jpg"] == (ids["a/2.jpg"], "good")
    assert after["a/2.jpg"] == (ids["b/1.jpg"], None)
    assert embedded_again(explorer, "new") == (1, 6)


def test_what_does_not_fit_is_named_and_nothing_changes(explorer, tmp_path):
    before, source = known(), open_dataset("photos").source
    shutil.copytree("photos", "new")
    (tmp_path / "new/a/0.jpg").unlink()
    size = (tmp_path / "new/b/1.jpg").stat().st_size
    (tmp_path / "new/b/1.jpg").write_bytes(b"x" * size)  # the same size, another content
    said = explorer("relocate", "photos", "new", code=1)
    assert "4 images fit; not there: 1 ('a/0.jpg'); with another content: 1 ('b/1.jpg')." in said
    assert "Nothing was changed. --allow-missing goes on" in said
    assert (known(), open_dataset("photos").source) == (before, source)
    said = explorer("relocate", "photos", "new", "--allow-missing")
    assert "4 images under their old path" in said
    assert "'b/1.jpg'" in said
    assert known() == before  # nothing is lost before `embed` has looked
    assert open_dataset("photos").source == str(tmp_path / "new")


def test_a_place_with_other_photos(explorer, tmp_path):
    fill(tmp_path / "other", {"a/0.jpg": 50, "z.jpg": 51})
    said = explorer("relocate", "photos", "other", "--allow-missing", code=1)
    assert "0 images fit; not there: 5" in said
    assert "--allow-missing goes on" not in said
    assert "already" in explorer("relocate", "photos", "photos", code=1)
    assert "nope" in explorer("relocate", "photos", "nope", code=1)


def test_into_an_archive_and_an_archive_that_was_renamed(explorer, tmp_path):
    before = {number: vector for number, (_, vector) in known().items()}
    for name in ("one.zip", "two.zip"):
        with zipfile.ZipFile(name, "w") as archive:
            for path, number in FILES.items():
                archive.writestr(path, image_bytes(number))
        explorer("relocate", "photos", name)
        assert open_dataset("photos").image(0)["path"] == f"{name}/a/0.jpg"
        assert {number: vector for number, (_, vector) in known().items()} == before
        assert embedded_again(explorer, name) == (0, 6)


def test_in_python_and_stopped_half_way(tmp_path, monkeypatch):
    """Between its two writes a stop leaves a dataset that `embed` brings up to date."""
    embed(fill(tmp_path / "photos", FILES), tmp_path / "cache")
    dataset = open_dataset("photos", cache=tmp_path / "cache")
    os.renames(tmp_path / "photos", tmp_path / "new")
    os.renames(tmp_path / "new/a/0.jpg", tmp_path / "new/b/0.jpg")
    with monkeypatch.context() as patched:
        patched.setattr("explorer.store.writer.write_parquet", _full_disk)
        with pytest.raises(StoreError):
            api.relocate(dataset, tmp_path / "new")
    assert list(problems(dataset.root)) == []
    report = embed(tmp_path / "new", tmp_path / "cache", name="photos")
    assert (report.embedded, report.moved, report.unchanged) == (0, 1, 5)
    with pytest.raises(UsageError, match="already"):
        api.relocate(open_dataset("photos", cache=tmp_path / "cache"), tmp_path / "new")
    os.renames(tmp_path / "new", tmp_path / "newest")
    done = api.relocate(open_dataset("photos", cache=tmp_path / "cache"), tmp_path / "newest")
    assert (done.same, done.missing) == (6, [])


def _full_disk(*arguments, **options):
    raise StoreError("The disk is full.")


def test_an_image_whose_name_another_one_took_is_gone_after_embed(explorer, tmp_path):
    """At the new place one photo was deleted, and the others were numbered anew."""
    fill(tmp_path / "numbered", {f"{i}.jpg": i for i in range(3)})
    explorer("embed", "numbered", "--extractor", "fake")
    fill(tmp_path / "moved", {"0.jpg": 1, "1.jpg": 2})
    shutil.rmtree(tmp_path / "numbered")
    explorer("relocate", "numbered", "moved", "--allow-missing")
    told = json.loads(explorer("embed", "moved", "--name", "numbered", "--json"))
    assert (told["embedded"], told["removed"]) == (0, 1)
    rows = open_dataset("numbered").table(["image_id", "path"]).to_pylist()
    assert [(row["image_id"], row["path"]) for row in rows] == [(1, "0.jpg"), (2, "1.jpg")]
