"""`explorer compare`: the table, the verdict in words, and the JSON."""

import io
import json
from pathlib import Path

import pytest
from PIL import ImageEnhance
from support.fakes import embed, fill, picture
from typer.testing import CliRunner

from explorer.cli.app import app


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Path:
    """Dark and light pictures: the fake extractors do not see light, the colours do."""
    folder = tmp_path_factory.mktemp("compare")
    files: dict[str, int | bytes] = {}
    for number in range(24):
        name, light = (("dark", 0.3), ("light", 1.6))[number % 2]
        out = io.BytesIO()
        ImageEnhance.Brightness(picture(number)).enhance(light).save(out, "PNG")
        files[f"{name}/{number}.png"] = out.getvalue()
    extractors = ("fake", "fake-2", "color-histogram")
    embed(fill(folder / "photos", files), folder / "cache", extractors=extractors)
    return folder / "cache"


def run(*arguments: object) -> str:
    result = CliRunner().invoke(app, [str(each) for each in arguments])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_it_says_in_words_what_these_labels_can_tell(cache: Path) -> None:
    said = run("compare", "photos", "--cache", cache)
    assert "By label accuracy, these 24 labels can't tell color-histogram (" in said
    assert "By the nearest neighbour, color-histogram (100.0%) is better than fake (" in said
    alike = run("compare", "photos", "--cache", cache, "--space", "fake", "--space", "fake-2")
    assert "By label accuracy, these 24 labels can't tell fake (" in alike
    assert "By the nearest neighbour, none of these spaces is better than guessing" in alike
    for name in ("fake-2", "color-histogram", "fake by labels per class: 1: "):
        assert name in said


def test_json_has_the_figures_and_the_verdict(cache: Path) -> None:
    chosen = ("--space", "fake", "--space", "color-histogram")
    found = json.loads(run("compare", "photos", "--cache", cache, *chosen, "--json"))
    assert [space["id"] for space in found["spaces"]] == ["fake", "color-histogram"]
    for space in found["spaces"]:
        for measure in ("label_accuracy", "nearest"):
            figure = space[measure]
            assert 0 <= figure["low"] <= figure["value"] <= figure["high"] <= 1
        assert space["images_per_second"] > 0
        assert [point["per_label"] for point in space["curve"]] == [1, 2, 5]
    (pair,) = found["pairs"]
    by_nearest, by_accuracy = (pair[measure]["by"] for measure in ("nearest", "label_accuracy"))
    assert by_nearest["low"] <= by_nearest["value"] <= by_nearest["high"] < 0
    assert by_accuracy["low"] < by_accuracy["value"] < by_accuracy["high"] < 0
    assert set(found["verdicts"]) == {"label_accuracy", "nearest"}


def test_one_space_alone_is_measured(cache: Path) -> None:
    result = CliRunner().invoke(
        app, ["compare", "photos", "--cache", str(cache), "--space", "fake"]
    )
    assert result.exit_code == 0, result.stderr
    assert "fake tells" in " ".join(result.stdout.split())
