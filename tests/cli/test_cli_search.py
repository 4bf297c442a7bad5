"""explorer search on the real photos: by words, by a part, within a filter, without copies."""

import json

import numpy as np
import pytest
from PIL import Image
from support.browser import ROOT
from typer.testing import CliRunner

from explorer.cli.app import app
from explorer.store import open_dataset


@pytest.fixture
def tell(sample_cache):
    def run(*arguments: str) -> dict:
        command = ["search", "sample_data", "--cache", str(sample_cache), *arguments, "--json"]
        result = CliRunner().invoke(app, command)
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    return run


def test_by_words_it_tells_the_classes(tell):
    told = tell("--text", "religious building", "-k", "4")
    assert told["words"]["known"] is True
    assert "church" in [each["name"] for each in told["words"]["classes"]]
    assert "religious_building" in [hit["label"] for hit in told["hits"]]


def test_people_read_what_the_words_were_matched_to(sample_cache):
    arguments = ["search", "sample_data", "--cache", str(sample_cache), "--text"]
    said = CliRunner().invoke(app, [*arguments, "hammer", "-k", "2"]).stdout
    assert "Matched to: hammer." in said
    assert "the probability, from 0 to 1" in said
    said = " ".join(CliRunner().invoke(app, [*arguments, "dog", "-k", "2"]).stdout.split())
    assert "Matched to: dog (118 classes)." in said
    said = " ".join(CliRunner().invoke(app, [*arguments, "truck"]).stdout.split())
    assert "No photo shows that, as far as this extractor can tell" in said
    said = CliRunner().invoke(app, [*arguments, "[bold]annual tax return[/]"]).stdout
    assert "nothing is like “[bold]annual tax return[/]”" in " ".join(said.split())


def test_a_part_of_an_image_within_a_filter_and_without_copies(tell, sample_cache):
    whole = [hit["image_id"] for hit in tell("--id", "0", "-k", "5")["hits"]]
    told = tell("--id", "0", "--crop", "0,0,0.5,0.5", "-k", "5")
    part = [hit["image_id"] for hit in told["hits"]]
    assert told["query"]["crop"] == [0, 0, 0.5, 0.5]
    assert 0 not in part
    assert part != whole
    labels = {hit["label"] for hit in tell("--id", "0", "--where", "label = 'fish'")["hits"]}
    assert labels == {"fish"}
    copies = tell("--id", "0", "-k", "5", "--no-duplicates")["hits"]
    assert whole[0] not in [hit["image_id"] for hit in copies]
    space = open_dataset("sample_data", cache=sample_cache).space()
    assert space.column("duplicate_group")[whole[0]] >= 0


def test_people_are_told_when_nothing_is_like_their_image(sample_cache, tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (240, 240, 3), np.uint8)
    Image.fromarray(noise).save(tmp_path / "noise.png")
    known = ROOT / "sample_data" / open_dataset("sample_data", cache=sample_cache).relative_path(7)
    arguments = ["search", "sample_data", "--cache", str(sample_cache), "--image"]
    said = CliRunner().invoke(app, [*arguments, str(tmp_path / "noise.png")]).stdout
    assert "Nothing here is much like it" in said
    assert "Nothing here" not in CliRunner().invoke(app, [*arguments, str(known)]).stdout


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--id", "0", "--crop", "1,2"], "is not four numbers"),
        (["--text", "dog", "--id", "0"], "one at a time"),
        (["--id", "0", "--where", "nope = 1"], "The expression 'nope = 1' does not work"),
        (["--id", "0", "--crop", "0,0,1,1", "--id", "1"], "A crop is of one image"),
    ],
)
def test_what_cannot_be_asked_is_a_sentence(sample_cache, arguments, sentence):
    command = ["search", "sample_data", "--cache", str(sample_cache), *arguments]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 1
    assert sentence in " ".join(result.output.split())
