"""`explorer tag`: the tags of the app, on the command line."""

import json
from pathlib import Path

import pytest
from support.fakes import analyzed, fill
from typer.testing import CliRunner

from explorer import open_dataset
from explorer.cli.app import app


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    source = fill(tmp_path / "photos", {f"{'ab'[i % 2]}/{i}.jpg": i for i in range(8)})
    analyzed(source, tmp_path / "cache")
    return tmp_path / "cache"


def run(cache: Path, *arguments: object):
    return CliRunner().invoke(app, ["tag", *map(str, arguments), "--cache", str(cache)])


def listed(cache: Path) -> dict[str, int]:
    answer = run(cache, "photos", "--json")
    assert answer.exit_code == 0, answer.output
    return {tag["name"]: tag["count"] for tag in json.loads(answer.stdout)["tags"]}


def test_tags_are_made_changed_merged_deleted_and_undone(cache: Path, tmp_path: Path) -> None:
    assert "no tags yet" in run(cache, "photos").output
    assert run(cache, "photos", "keep", "--where", "label = 'a'").exit_code == 0
    (tmp_path / "ids").write_text("image_id\n0, 1\n99\n")
    assert run(cache, "photos", "[b]new", "--ids", tmp_path / "ids").exit_code == 0
    assert listed(cache) == {"keep": 4, "[b]new": 2}
    assert run(cache, "photos", "keep", "--ids", tmp_path / "ids", "--remove").exit_code == 0
    assert listed(cache) == {"keep": 2, "[b]new": 2}
    assert "[b]new" in run(cache, "photos", "keep", "--rename", "kept").output
    assert run(cache, "photos", "kept", "--color", "#14918a").exit_code == 0
    assert run(cache, "photos", "kept", "--merge-into", "[b]new").exit_code == 0
    assert listed(cache) == {"[b]new": 4}
    assert run(cache, "photos", "[b]new", "--delete").exit_code == 0
    assert listed(cache) == {}
    for _ in range(2):
        assert run(cache, "photos", "--undo").exit_code == 0
    assert listed(cache) == {"kept": 2, "[b]new": 2}
    tags = open_dataset("photos", cache=cache).tags
    assert tags.all()[0].color == "#14918a"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["keep"], "What about 'keep'?"),
        (["keep", "--rename", "x"], "There is no tag 'keep'"),
        (["keep", "--rename", "x", "--delete"], "One change at a time"),
        (["keep", "--remove"], "--remove needs to know"),
        (["keep", "--where", "nonsense"], "does not work"),
        (["keep", "--where", "(SELECT count(*) FROM read_csv('/etc/passwd')) > 0"], "does not"),
        (["keep", "--color", "red", "--where", "true"], "One change at a time"),
        (["--undo"], "nothing to undo"),
    ],
)
def test_what_makes_no_sense_is_a_sentence_and_changes_nothing(
    cache: Path, arguments: list[str], sentence: str
) -> None:
    answer = run(cache, "photos", *arguments)
    assert answer.exit_code == 1
    assert sentence in answer.output
    assert listed(cache) == {}
