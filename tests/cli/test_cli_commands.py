"""What the commands print and how they end, called in this process."""

import csv
import json
import os
import re
import shutil
import socket
import sys
import time

import pytest
from support.fakes import analyzed, fill, image_bytes
from typer.testing import CliRunner

from explorer import batch
from explorer.cli.app import app
from explorer.store import Dataset, dataset_names, job_running, open_dataset, read_job


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A folder with photos and a cache with the dataset made of them."""
    folder = tmp_path_factory.mktemp("cli")
    files = {f"{'ab'[i % 2]}/{i}.jpg": i for i in range(8)} | {"a/bad[1].jpg": b"?"}
    analyzed(fill(folder / "photos", files), folder / "cache")
    return folder


@pytest.fixture
def folder(made, tmp_path):
    """A copy that a test may change."""
    shutil.copytree(made / "cache", tmp_path / "cache")
    return tmp_path


@pytest.fixture
def explorer(monkeypatch):
    """`explorer("info", …)` runs a command; nothing but an exit code may come out of it."""

    def run(*arguments, code: int = 0):
        result = CliRunner().invoke(app, [str(each) for each in arguments])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert "Traceback" not in result.output
        assert result.exit_code == code, result.output
        return result

    return run


@pytest.fixture
def here(folder, monkeypatch):
    monkeypatch.setenv("EXPLORER_CACHE", str(folder / "cache"))
    return folder


# --- what cannot be done


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["embed", "{here}/nowhere"], "There is no file or folder"),
        (["embed", "{here}/photo.jpg"], "photo.jpg' is not a source of images"),
        (["embed", "{here}/empty"], "There are no images in"),
        (["embed", "{here}/other", "--extractor", "nope"], "no extractor named 'nope'"),
        (["embed", "{here}/other", "--extractor", "fake", "--name", "photos"], "--name"),
        (["info", "nope"], "There is no dataset 'nope' in"),
        (["verify", "nope"], "There are: photos."),
        (["serve", "nope"], "There is no dataset 'nope'"),
        (["info", "--cache", "{here}/none"], "`explorer embed FOLDER` makes one"),
        (["analyze", "--space", "nope"], "has no space 'nope'. There are: fake."),
        (["analyze", "--set", "map"], "reads like map.n_neighbors=30, not 'map'"),
        (["analyze", "--set", "map.x=1"], "There is no setting map.x"),
        (["analyze", "--set", "maps.n_neighbors=1"], "There is no analysis 'maps'"),
        (["analyze", "--set", "map.n_neighbors=ten"], "is a whole number, not 'ten'"),
        (["analyze", "--set", "map.n_neighbors=1"], "between 2 and 31, not 1"),
        (["search"], "Nothing to search for"),
        (["search", "--id", "99"], "There is no image 99 in 'photos'"),
        (["search", "--image", "{here}/nope.jpg"], "nope.jpg cannot be read"),
        (["search", "--image", "{here}/empty"], "Is a directory"),
        (["search", "--image", "{here}/bad.jpg"], "bad.jpg cannot be used"),
        (["export", "--to", "{here}/out", "--where", "label ="], "'label =' does not work"),
        (["export", "--to", "{here}/out", "--where", "1 = 2"], "no image is selected"),
        (["export", "--to", "{here}/out", "--tag", "nope"], "There is no tag 'nope'"),
        (["export", "--to", "{here}/out", "--ids", "{here}/nope"], "nope cannot be read"),
        (["export", "--to", "{here}/out", "--ids", "{here}/words"], "one per line"),
        (["export", "--to", "{here}/out", "--ids", "{here}/bad.jpg"], "one per line"),
        (["export", "--to", "{here}/out", "--format", "zip"], "There is no format 'zip'"),
        (["export", "--to", "{here}/empty"], "exists already"),
        (["export", "--to", "{here}/" + 300 * "x"], "File name too long"),
        (["export", "--to", "{here}/words/out"], "Cannot export to"),
        (["export", "--to", "{here}/out", "--recipe", "{here}/list.json"], "a JSON object"),
        (["select"], "“diverse” needs a number, such as `-k 100`"),
        (["select", "-k", "100"], "100 images cannot be chosen: there are 8"),
        (["search", "--id", "0", "--where", "日本 = 'é'"], '"日本" not found'),
        (["analyze", "--set", "map.seed=-1"], "map.seed is between 0 and"),
        (["analyze", "--set", "clusters.resolution=0"], "above 0"),
        (["extractors", "show", "nope"], "no extractor named 'nope'"),
        (["extractors", "--extractor-file", "{here}/nope.py"], "There is no file"),
        (["extractors", "trust", "{here}/nope.pt"], "There is no file"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_ends_with_1(here, explorer, arguments, sentence):
    (here / "empty").mkdir()
    fill(here, {"photo.jpg": 1, "other/a.jpg": 1, "bad.jpg": b"\xff\xd8\xff\xff", "words": b"one"})
    (here / "list.json").write_text("[1]")
    for json_option in ([], ["--json"] * (arguments[0] != "serve")):
        words = [each.format(here=here) for each in arguments]
        result = explorer(*words, *json_option, code=1)
        assert result.stdout == ""
        assert result.stderr.startswith("Error: ")
        assert sentence in result.stderr
        assert result.stderr.endswith(".\n")
        assert result.stderr.count("\n") == 1
    assert dataset_names(here / "cache") == ["photos"]


FILES = (
    "dataset.json",
    "images/part-00000.parquet",
    "thumbnails/part-00000.arrow",
    "rejected.parquet",
    "curation.db",
    "spaces/fake/space.json",
    "spaces/fake/embeddings/part-00000.parquet",
    "spaces/fake/neighbors.parquet",
    "spaces/fake/index.faiss",
    "spaces/fake/columns.parquet",
)


@pytest.mark.parametrize("spoil", ["empty", "half", "garbage", "gone"])
@pytest.mark.parametrize("name", FILES)
def test_a_damaged_cache_is_a_sentence_whatever_is_asked(made, here, explorer, name, spoil):
    open_dataset(cache=here / "cache").tags.add("mine", [1])
    path = here / "cache" / "photos" / name
    whole = path.read_bytes()
    spoilt = {"half": whole[: len(whole) // 2], "garbage": b"garbage!" * 30}.get(spoil, b"")
    for arguments in (
        ["info"],
        ["search", "--id", "1"],
        ["search", "--image", made / "photos/a/0.jpg"],
        ["export", "--tag", "mine", "--to", here / "out", "--force"],
        ["verify"],
        ["analyze"],
        ["embed", made / "photos", "--extractor", "fake"],
    ):
        path.write_bytes(spoilt)
        if spoil == "gone":
            path.unlink()
        result = CliRunner().invoke(app, [str(each) for each in arguments])
        assert result.exception is None or isinstance(result.exception, SystemExit), arguments
        if result.exit_code:
            assert result.exit_code == 1
            assert result.stderr.endswith((".\n", "?\n"))
        if arguments == ["verify"] and spoil != "gone":
            assert result.exit_code == 1
            assert path.name in result.stderr


# --- JSON


def test_embed_tells_all_in_one_object(tmp_path, explorer):
    source = fill(tmp_path / "photos", {"a.jpg": 1, "b.jpg": b"?", "c.txt": b""})
    result = explorer("embed", source, "--extractor", "fake", "--cache", tmp_path / "c", "--json")
    told = json.loads(result.stdout)
    assert told.pop("seconds") > 0
    assert told.pop("images_per_second") > 0
    assert told == {
        "dataset": "photos",
        "cache": str(tmp_path / "c"),
        "embedded": 1,
        "unchanged": 0,
        "moved": 0,
        "removed": 0,
        "removed_curated": [],
        "rejected": 1,
        "ignored": 1,
        "interrupted": False,
        "tags": [],
        "groups": [],
        "behind": {},
        "not_opened": {},
        "spaces": {"fake": {"dimension": 8, "count": 1}},
    }


def test_info_tells_what_is_known(here, explorer):
    told = json.loads(explorer("info", "--json").stdout)
    assert (told["images"], told["rejected"], told["labels"]) == (8, 1, {"a": 4, "b": 4})
    space = told["spaces"]["fake"]
    assert {"count", "dimension", "knn_accuracy", "clusters", "outliers"} <= space.keys()
    assert {"duplicate_groups", "map_trustworthiness", "stale"} <= space.keys()
    assert (space["count"], space["dimension"], space["stale"]) == (8, 8, False)
    assert 0 <= space["knn_accuracy"] <= 1
    assert isinstance(space["clusters"], int)


@pytest.mark.parametrize("files", [{"a.jpg": 1}, {"a.jpg": b"?"}, {"x/a.jpg": 1, "y/b.jpg": 2}])
def test_what_is_not_known_is_null_and_never_nan(tmp_path, explorer, files):
    source = fill(tmp_path / "photos", files)
    cache = ["--cache", tmp_path / "cache"]
    explorer("embed", source, "--extractor", "fake", *cache)

    def refuse(constant):
        raise AssertionError(f"{constant} is not JSON")

    told = json.loads(explorer("info", "--json", *cache).stdout, parse_constant=refuse)
    assert told["spaces"]["fake"]["map_trustworthiness"] is None
    json.loads(explorer("analyze", "--json", *cache).stdout, parse_constant=refuse)
    assert "nan" not in explorer("info", *cache).stdout


def test_search_tells_hits(here, explorer):
    told = json.loads(explorer("search", "photos", "--id", "0", "-k", "3", "--json").stdout)
    assert told["space"] == "fake"
    query = {"image": None, "ids": [0], "minus": [], "less": 0.5, "crop": None, "text": None}
    assert told["query"] == query
    assert [set(hit) for hit in told["hits"]] == [{"image_id", "path", "similarity", "label"}] * 3
    similarities = [hit["similarity"] for hit in told["hits"]]
    assert similarities == sorted(similarities, reverse=True)


def test_the_other_commands_tell_one_object_too(made, here, explorer):
    out = here / "out"
    assert json.loads(explorer("extractors", "--json").stdout)["extractors"]
    assert json.loads(explorer("analyze", "--json").stdout)["computed"] == []
    assert json.loads(explorer("verify", "--json").stdout) == {
        "dataset": "photos",
        "whole": True,
        "manifest": True,
        "problems": [],
    }
    told = json.loads(explorer("export", "--to", out, "--format", "folder", "--json").stdout)
    assert (told["to"], told["format"], told["images"]) == (str(out), "folder", 8)
    assert told["bytes"] == sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    (here / "cache/photos/images/part-00000.parquet").write_bytes(b"")
    told = json.loads(explorer("verify", "--json", code=1).stdout)
    assert not told["whole"]
    assert "part-00000.parquet" in told["problems"][0]


def test_names_that_are_not_text_are_told_in_ascii(tmp_path, explorer):
    name = os.fsdecode(b"caf\xe9")
    source = fill(tmp_path / name, {f"{name}.jpg": 1, "été.jpg": 2})
    cache = ["--cache", tmp_path / "cache"]
    result = explorer("embed", source, "--extractor", "fake", "--json", *cache)
    assert json.loads(result.stdout)["dataset"] == name
    assert result.stdout.isascii()
    query = source / f"{name}.jpg"
    told = json.loads(explorer("search", "--image", query, "--json", *cache).stdout)
    assert told["query"]["image"] == str(query)
    assert {hit["path"] for hit in told["hits"]} == {"caf\\xe9.jpg", "été.jpg"}


# --- text for people


def test_embed_says_what_was_done_and_what_comes_next(tmp_path, explorer):
    source = fill(tmp_path / "my [bold] photos", {"a.jpg": 1, "b.jpg": b"?"})
    text = explorer("embed", source, "--extractor", "fake", "--cache", tmp_path / "[c]").stdout
    assert "my [bold] photos: 1 embedded at " in text
    assert "0 unchanged, 0 moved, 0 removed, 1 rejected, 0 ignored (not images)." in text
    assert "fake: 1 vectors of 8 dimensions" in text
    assert "`explorer info 'my [bold] photos'` lists what was rejected" in text
    assert f"({tmp_path / '[c]'})" in text


def test_info_lists_what_was_rejected(here, explorer):
    text = explorer("info").stdout
    assert "photos: 8 images from " in text
    assert "labels: a (4), b (4)" in text
    assert "rejected a/bad[1].jpg: Its content is not an image of a known format." in text


def test_a_long_path_stays_in_one_piece(tmp_path, explorer):
    name = "long name " * 20 + ".jpg"
    source = fill(tmp_path / "photos", {"a.jpg": 1, name: 2})
    cache = ["--cache", tmp_path / "cache"]
    explorer("embed", source, "--extractor", "fake", *cache)
    assert name in explorer("search", "--id", "0", *cache).stdout
    error = explorer("search", "--image", tmp_path / name, *cache, code=1).stderr
    assert str(tmp_path / name) in error


def test_verify_says_that_all_is_well_or_what_is_not(here, explorer):
    assert "photos is whole: 8 images." in explorer("verify").stdout
    (here / "cache/photos/thumbnails/part-00000.arrow").unlink()
    result = explorer("verify", code=1)
    assert result.stdout == ""
    assert "thumbnails/part-00000.arrow is missing." in result.stderr
    assert "`explorer repair photos` says what can be made again" in result.stderr
    assert "✗ 7 images have no thumbnail." in result.stderr


def test_analyze_says_what_it_computed(here, explorer):
    text = explorer("analyze", "--set", "map.min_dist=0.3").stdout
    assert "photos through fake: computed map, map_quality." in text
    assert "knn_accuracy" in text
    assert "computed nothing" in explorer("analyze").stdout


def test_extractors_are_listed_with_what_they_see(explorer):
    text = explorer("extractors").stdout
    assert re.search(r"efficientnet-lite0 +1280 .*Objects and scenes", text)
    assert re.search(r"color-histogram .*colours", text)


def test_embed_can_leave_the_analysis_out(tmp_path, explorer):
    source = fill(tmp_path / "photos", {"a.jpg": 1, "b.jpg": 2})
    cache = ["--cache", tmp_path / "cache"]
    explorer("embed", source, "--extractor", "fake", "--no-analyze", *cache)
    assert json.loads(explorer("info", "--json", *cache).stdout)["spaces"]["fake"]["stale"]
    explorer("embed", source, "--extractor", "fake", "--extractor", "fake-2", *cache)
    spaces = json.loads(explorer("info", "--json", *cache).stdout)["spaces"]
    assert [spaces[name]["stale"] for name in ("fake", "fake-2")] == [False, False]


# --- export


def test_conditions_of_an_export_are_all_held(here, explorer):
    dataset = open_dataset(cache=here / "cache")
    dataset.tags.add("mine", [0, 1, 2, 5])
    (here / "ids").write_text("image_id\n0, 1\n5\n99\n")
    out = ["export", "--to", here / "out", "--force", "--json"]

    def count(*conditions) -> int:
        return json.loads(explorer(*out, *conditions).stdout)["images"]

    assert count() == 8
    assert count("--where", "label = 'a'") == 4
    assert count("--tag", "mine") == 4
    assert count("--ids", here / "ids") == 3
    assert "1 of the ids in" in explorer("tag", "photos", "t", "--ids", here / "ids").stderr
    assert count("--ids", here / "ids", "--tag", "mine", "--where", "image_id > 0") == 2


def test_groups_that_people_made_are_exported_by_name(here, explorer):
    open_dataset(cache=here / "cache").my_groups.make([("cats", [0, 3]), ("it's", [4])])
    out = ["export", "--to", here / "out", "--force", "--json"]
    for condition, wanted in {
        "my_group = 'cats'": {0: "cats", 3: "cats"},
        "my_group = 'it''s'": {4: "it's"},
        "my_group IS NULL AND image_id < 3": {1: "", 2: ""},
    }.items():
        assert json.loads(explorer(*out, "--where", condition).stdout)["images"] == len(wanted)
        with (here / "out" / "images.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
        assert {int(row["image_id"]): row["my_group"] for row in rows} == wanted


def test_an_export_says_when_images_are_left_out(here, made, explorer):
    fill(here / "photos", {"a/0.jpg": 0, "a/1.jpg": 1})
    cache = ["--cache", here / "own"]
    explorer("embed", here / "photos", "--extractor", "fake", "--extractor", "fake-2", *cache)
    fill(here / "photos", {"a/new.jpg": 3})
    explorer("embed", here / "photos", "--space", "fake", *cache)
    result = explorer("export", "--space", "fake-2", "--to", here / "out", *cache)
    assert "1 images have no embedding yet and are left out." in result.stderr
    assert "2 images as csv" in result.stdout


# --- serve, and interrupts


def test_serve_hands_over_to_streamlit_on_this_machine_only(here, explorer, monkeypatch):
    called = []
    monkeypatch.setattr(os, "execv", lambda *arguments: called.append(arguments))
    monkeypatch.setenv("EXPLORER_CACHE", "wrong")
    result = explorer("serve", "photos", "--port", "9000", "--cache", here / "cache")
    ((program, arguments),) = called
    assert program == sys.executable
    line = " ".join(arguments)
    assert "streamlit run" in line
    assert "--server.port 9000 --server.address 127.0.0.1" in line
    assert line.endswith("-- --dataset photos")
    assert os.environ["EXPLORER_CACHE"] == str(here / "cache")
    assert "Explorer shows photos" in result.stderr
    assert "http:" not in result.stderr  # the address, with its token, comes from the server


def test_serve_hands_on_who_may_do_what(here, explorer, monkeypatch):
    called = []
    monkeypatch.setattr(os, "execv", lambda *arguments: called.append(arguments))
    monkeypatch.setenv("EXPLORER_CACHE", "wrong")
    monkeypatch.setenv("EXPLORER_TOKEN", "only-in-the-environment")
    (here / "more").mkdir()
    (here / "sets").mkdir()
    (here / "link").symlink_to(here / "sets")
    serve = ("serve", "photos", "--cache", here / "cache", "--allow-add", here / "more")
    explorer(
        *serve,
        "--allow-add",
        here / "link",
        "--allow-export",
        here / "sets",
        "--no-token",
        "--verbose",
    )
    ((_, arguments),) = called
    allowed = ["--allow-add", str(here / "more"), "--allow-add", str(here / "sets")]
    allowed += ["--allow-export", str(here / "sets"), "--dataset", "photos"]
    assert arguments[arguments.index("--") + 1 :] == ["--no-token", "--verbose", *allowed]
    assert "only-in-the-environment" not in " ".join(arguments)
    assert os.environ["EXPLORER_TOKEN"] == "only-in-the-environment"
    assert "does not exist" in explorer("serve", "--allow-add", here / "no", code=2).stderr


def test_serve_embeds_meanwhile_what_it_shows(tmp_path, explorer, monkeypatch):
    called = []
    monkeypatch.setattr(os, "execv", lambda *arguments: called.append(arguments))
    fill(tmp_path / "pets", {"a/0.jpg": 0, "b/1.jpg": 1})
    cache = tmp_path / "cache"
    monkeypatch.setenv("EXPLORER_CACHE", str(cache))  # the command sets it for the app
    first = ("--extractor", "color-histogram", "--no-analyze", "--cache", cache)
    explorer("embed", tmp_path / "pets", *first)
    fill(tmp_path / "pets", {"b/2.jpg": 2})
    explorer("serve", "--embed", tmp_path / "pets", "--cache", cache)
    assert called[0][1][-2:] == ["--dataset", "pets"]
    deadline = time.monotonic() + 60
    while (job := read_job(cache, "pets")) is None or job.state == "running":
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert (job.state, job.message[:10]) == ("done", "1 embedded")
    assert len(open_dataset("pets", cache=cache)) == 3
    assert "There is no" in explorer("serve", "--embed", tmp_path / "nowhere", code=1).stderr
    fill(tmp_path / "other/pets", {"0.jpg": 5})
    other = ("serve", "--embed", tmp_path / "other/pets")
    assert "`explorer serve NAME --embed" in explorer(*other, code=1).stderr
    with socket.socket() as taken, job_running(cache, "pets", "pets"):
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = ("--port", taken.getsockname()[1])
        text = explorer("serve", "--embed", tmp_path / "pets", *port, code=1).stderr
        assert "is taken. Choose another with --port." in text
        explorer("serve", "--embed", tmp_path / "pets")  # a job does so already
    assert len(called) == 2


def test_an_interrupt_while_analysing_is_no_traceback(here, explorer, monkeypatch):
    def interrupt(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(batch, "analyze", interrupt)
    explorer("analyze", code=130)
    assert Dataset(here / "cache/photos").space().figures


def test_a_picture_that_is_new_is_found(here, tmp_path, explorer):
    (tmp_path / "query.jpg").write_bytes(image_bytes(3))
    text = explorer("search", "--image", tmp_path / "query.jpg", "-k", "1").stdout
    assert re.search(r"1\.000 +\d+ +b +b/3\.jpg", text)
