"""`explorer select`, and exports of what it chose, with the recipe that repeats them."""

import json
import re
from pathlib import Path

import pytest
from support.fakes import analyzed, fill
from typer.testing import CliRunner

from explorer.cli.app import app
from explorer.store import open_dataset


@pytest.fixture
def here(tmp_path, monkeypatch):
    files = {f"{'ab'[i % 2]}/{i:02}.jpg": i for i in range(20)}
    analyzed(fill(tmp_path / "photos", files), tmp_path / "cache")
    monkeypatch.setenv("EXPLORER_CACHE", str(tmp_path / "cache"))
    return tmp_path


@pytest.fixture
def explorer():
    def run(*arguments, code=0):
        result = CliRunner().invoke(app, [str(each) for each in arguments])
        assert result.exit_code == code, result.output
        return result

    return run


def everything(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_choose_split_export_and_repeat(here, explorer):
    chosen = json.loads(
        explorer(
            "select", "--how", "balanced", "-k", "10", "--seed", "4", "--tag", "ten", "--json"
        ).stdout
    )
    assert chosen["dataset"] == "photos"
    assert (chosen["chosen"], len(chosen["image_ids"])) == (10, 10)
    assert chosen["coverage"].keys() == {"mean", "worst", "random_mean", "random_worst"}
    result = explorer(
        "select",
        "--how",
        "split",
        "--from",
        "ten",
        "--tag",
        "ten",
        "--parts",
        "train=7,test=3",
        "--threshold",
        "0.9999",
    )
    assert "train: 7" in result.stdout
    assert "kept as ten-train, ten-test" in result.stdout
    tags_now = open_dataset(cache=here / "cache").tags.all()
    assert {tag.name: tag.count for tag in tags_now} == {"ten": 10, "ten-train": 7, "ten-test": 3}
    tags = ("--tag", "ten-train", "--tag", "ten-test")
    done = explorer("export", *tags, "--format", "imagefolder", "--by", "tag", "--to", here / "set")
    assert "10 images as imagefolder" in done.stdout
    assert {path.name for path in (here / "set").iterdir() if path.is_dir()} == {
        "ten-train",
        "ten-test",
    }
    recipe = here / "set" / "recipe.json"
    origin = json.loads(recipe.read_text())["origin"]
    assert [each["how"] for each in origin["chosen"]] == ["balanced", "split"]
    assert origin["chosen"][0]["seed"] == 4
    explorer("export", "--recipe", recipe, "--to", here / "again")
    assert everything(here / "again") == everything(here / "set")
    for tag in ("ten-test", "ten-train"):
        open_dataset(cache=here / "cache").tags.remove(tag, chosen["image_ids"][:1])
    stderr = explorer("export", "--recipe", recipe, "--to", here / "third", code=1).stderr
    assert "The recipe gives another export by now" in stderr
    assert not (here / "third").exists()


def test_a_split_tells_how_the_parts_share_the_labels(tmp_path, monkeypatch, explorer):
    files = {f"{label}/{n}.jpg": 2 * i + n for i, label in enumerate("abcdefgh") for n in range(2)}
    analyzed(fill(tmp_path / "few", files | {"once/0.jpg": 99}), tmp_path / "cache")
    monkeypatch.setenv("EXPLORER_CACHE", str(tmp_path / "cache"))
    split = ("select", "--how", "split", "--parts", "train=13,val=4", "--threshold", "0.9999")
    said = explorer(*split).stdout
    assert re.search(r"label +train +val", said)
    assert re.search(r"once +1 +0", said)
    assert re.search(r"“val” has no image of 5 of the 9 labels: .*once", said)
    assert "“train” has no image" not in said
    spread = json.loads(explorer(*split, "--json").stdout)["spread"]
    assert (spread["column"], spread["lacking"]["train"], spread["without"]) == ("label", [], None)
    assert {*spread["lacking"]["val"]} == {
        label for label, counts in spread["counts"].items() if counts["val"] == 0
    }
    assert {sum(counts.values()) for counts in spread["counts"].values()} == {1, 2}


def test_what_is_tagged_counts_as_chosen_and_is_added_to(here, explorer):
    explorer("select", "-k", "4", "--tag", "pick")
    refused = explorer("select", "-k", "4", "--tag", "pick", code=1).stderr
    assert "There is a tag 'pick' already" in refused
    more = explorer("select", "-k", "3", "--given", "pick", "--tag", "pick").stdout
    assert "3 images chosen (diverse, seed 0) beside the 4 there were" in more
    [kept] = open_dataset(cache=here / "cache").tags.all()
    assert (kept.name, kept.count) == ("pick", 7)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--how", "diverse"], "How many images?"),
        (["--how", "luck", "-k", "1"], "There is no strategy 'luck'"),
        (["-k", "3", "--where", "label = 'z'"], "no image passes"),
        (["-k", "3", "--from", "nope"], "There is no tag 'nope'"),
        (["--how", "split", "--parts", "train"], "Parts read like train=0.8,test=0.2"),
        (["--how", "leaks"], "No image has a split to check"),
    ],
)
def test_what_cannot_be_chosen_is_a_sentence(here, explorer, arguments, sentence):
    result = explorer("select", *arguments, "--tag", "new", code=1)
    assert sentence in result.stderr.replace("\n", " ")
    assert open_dataset(cache=here / "cache").tags.all() == []


def test_help_tells_of_every_way(explorer):
    text = explorer("select", "--help").stdout
    assert "facility location" in " ".join(text.split())
