"""`explorer extractors` and what brings extractors in: tables, layers, bench, files of others."""

import json
import os
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from support.fakes import fill, picture
from typer.testing import CliRunner

from explorer import batch, extractors
from explorer.cli import terminal
from explorer.cli.app import app
from explorer.errors import UsageError
from explorer.extractors import registry
from explorer.store import open_dataset

DOC = Path(__file__).parents[2] / "docs" / "extractors.md"


@pytest.fixture(autouse=True)
def own_registry(monkeypatch):
    """What a test registers is forgotten after it."""
    monkeypatch.setattr(registry, "_families", dict(registry._families))


def run(*arguments, code=0):
    result = CliRunner().invoke(app, [str(each) for each in arguments])
    assert result.exit_code == code, result.output
    return result


def run_json(*arguments):
    return json.loads(run(*arguments, "--json").stdout)


def example() -> str:
    """The extractor of the documentation."""
    [code] = re.findall(r"```python\n(.*?)```", DOC.read_text("utf-8"), re.DOTALL)
    return code


@pytest.fixture
def photos(tmp_path):
    return fill(tmp_path / "photos", {f"{'ab'[n % 2]}/{n:02d}.jpg": n for n in range(8)})


def test_the_table_is_as_wide_as_the_terminal_and_marks_the_default(monkeypatch):
    wide = run("extractors").stdout
    assert re.search(r"efficientnet-lite0 +1280 .* Apache-2.0 .* The default\. ", wide)
    assert wide.count("The default.") == 1
    monkeypatch.setattr(terminal.out, "width", 80)
    narrow = run("extractors").stdout.partition("\nSize, licence")[0]
    assert max(map(len, narrow.splitlines())) <= 80
    assert "The default." in narrow
    assert run_json("extractors")["default"] == "efficientnet-lite0"


def test_the_table_has_eight_offline_extractors_of_five_kinds():
    told = run_json("extractors")
    ready = {each["id"]: each for each in told["extractors"] if each["offline"]}
    kinds = {"efficientnet-lite0", "style", "color-histogram", "texture-lbp", "edges-hog"}
    assert kinds | {"faces", "text-layout"} <= ready.keys()
    assert sum(not each["needs"] for each in ready.values()) >= 8
    assert {each["id"] for each in told["families"]} >= {
        "timm:NAME",
        "torchvision:NAME",
        "open-clip:NAME/TAG",
        "onnx:FILE",
        "torchscript:FILE",
    }
    table = run("extractors").stdout
    assert "texture-lbp" in table
    assert "timm:NAME" in table


def test_speed_is_measured_and_remembered(tmp_path, monkeypatch):
    monkeypatch.setenv("EXPLORER_MODELS", str(tmp_path))
    assert extractors.known_speeds() == {}
    rate = extractors.measure_speed("color-histogram")
    assert extractors.known_speeds() == {"color-histogram": rate}
    rows = {each["id"]: each for each in run_json("extractors")["extractors"]}
    assert rows["color-histogram"]["images_per_second"] == rate
    assert rows["style"]["images_per_second"] is None


def test_show_lists_layers_with_their_sizes(models):
    told = run_json("extractors", "show", "efficientnet-lite0")
    layers = {each["id"]: each for each in told["layers"]}
    assert layers["efficientnet-lite0@blocks.2"]["shape"] == [40, 28, 28]
    assert layers["efficientnet-lite0@blocks.2"]["dimension"] == 40
    shown = run("extractors", "show", "efficientnet-lite0").stdout
    assert "efficientnet-lite0@blocks.6" in shown
    assert "blocks.6.0.conv_pw" not in shown
    assert "blocks.6.0.conv_pw" in run("extractors", "show", "efficientnet-lite0", "--all").stdout


def test_show_names_the_dimensions_of_classical_ones():
    assert "vivid blue" in run("extractors", "show", "color-histogram").stdout
    assert "fine, clear: edge" in run_json("extractors", "show", "texture-lbp")["dimension_names"]


def test_show_of_an_unknown_one_is_one_sentence():
    assert "Did you mean" in run("extractors", "show", "texture-lpb", code=1).output


def test_bench_measures_speed_and_accuracy_side_by_side(tmp_path):
    """Red and blue pictures: colours tell them apart, grey textures cannot."""
    for number in range(24):
        noise = picture(number).convert("L")
        black = Image.new("L", noise.size)
        channels = (noise, black, black) if number % 2 else (black, black, noise)
        place = tmp_path / "two" / ("red" if number % 2 else "blue") / f"{number}.png"
        place.parent.mkdir(parents=True, exist_ok=True)
        Image.merge("RGB", channels).save(place)
    choice = ("--extractor", "fake", "--extractor", "color-histogram")
    rows = run_json("extractors", "bench", tmp_path / "two", *choice)["extractors"]
    found = {each["extractor"]: each for each in rows}
    assert found.keys() == {"fake", "color-histogram"}
    colors = found["color-histogram"]
    assert colors["knn"]["value"] == colors["label_accuracy"]["value"] == 1
    assert 0 < colors["label_accuracy"]["low"] < 1 == colors["label_accuracy"]["high"]
    assert colors["images_per_second"] > 0
    assert colors["images"] == 24
    assert "color-histogram" in run("extractors", "bench", tmp_path / "two", *choice).stdout


def test_bench_info_and_compare_tell_one_figure(tmp_path, monkeypatch):
    """Noise with labels at random, each saved three times: a copy gives no label away."""
    (tmp_path / "copied" / "a").mkdir(parents=True)
    (tmp_path / "copied" / "b").mkdir()
    for number in range(20):
        granularities = np.random.default_rng(number).integers(0, 256, (16, 16, 3), np.uint8)
        # So small that it is decoded at its full size, whatever extractors share the decoding.
        image = Image.fromarray(granularities).resize((30, 30), Image.Resampling.BICUBIC)
        for quality in (95, 85, 75):
            place = tmp_path / "copied" / "ab"[number // 3 % 2] / f"{number}-{quality}.jpg"
            image.save(place, quality=quality)
    monkeypatch.setenv("EXPLORER_CACHE", str(tmp_path / "cache"))
    choice = ("--extractor", "color-histogram", "--extractor", "fake")
    run("embed", tmp_path / "copied", *choice)
    informed = run_json("info", "copied")["spaces"]
    compared = {each["id"]: each for each in run_json("compare", "copied")["spaces"]}
    for row in run_json("extractors", "bench", tmp_path / "copied", *choice)["extractors"]:
        accuracy, name = row["label_accuracy"], row["extractor"]
        assert accuracy == informed[name]["label_accuracy"] == compared[name]["label_accuracy"]
        assert row["knn"] == compared[name]["nearest"]
        assert row["knn"]["value"] == informed[name]["knn_accuracy"]
        assert accuracy["low"] <= accuracy["majority"] < 0.6
        assert accuracy["images"] == 60


def test_bench_without_labels_says_what_is_missing(tmp_path):
    fill(tmp_path / "plain", {f"{n}.jpg": n for n in range(6)})
    choice = ("--extractor", "fake")
    assert "labels" in run("extractors", "bench", tmp_path / "plain", *choice, code=1).output


def test_the_example_of_the_documentation_is_an_extractor(photos, tmp_path):
    code = example()
    assert len(code.strip().splitlines()) <= 28
    file = tmp_path / "brightness.py"
    file.write_text(code)
    result = run(
        *("embed", photos, "--cache", tmp_path / "cache", "--no-analyze"),
        *("--extractor-file", file, "--extractor", "brightness"),
    )
    assert "code" in result.stderr  # it is said that this is code
    space = open_dataset(cache=tmp_path / "cache").space("brightness")
    assert space.embeddings().shape == (8, 2)
    assert space.info.sees.startswith("How light")


def test_a_file_named_in_the_environment_is_known_everywhere(tmp_path, monkeypatch):
    file = tmp_path / "brightness.py"
    file.write_text(example().replace('"brightness"', '"brightness-2"'))
    monkeypatch.setenv("EXPLORER_EXTRACTOR_FILES", str(file) + os.pathsep)
    assert "brightness-2" in {each["id"] for each in run_json("extractors")["extractors"]}


def test_a_file_that_fails_is_one_sentence(tmp_path):
    file = tmp_path / "broken.py"
    file.write_text("import numpyy")
    output = run("extractors", "--extractor-file", file, code=1).output
    assert "broken.py failed" in output
    assert "numpyy" in output


@pytest.mark.parametrize("method", ["prepare", "extract"])
def test_a_plug_in_that_raises_is_named_with_the_image(method, photos, tmp_path):
    """It cannot bear what is blue and nothing else. (It is loaded on a black image.)"""
    Image.new("RGB", (64, 64), "blue").save(photos / "a" / "blue'.png")
    code = example().replace('"brightness"', '"fragile"').replace('.convert("L")', "")
    blue = "({0}[..., 2].min(axis=(-1, -2)) == 255) & ({0}[..., 0].max(axis=(-1, -2)) == 0)"
    given = {"prepare": "np.asarray(image)", "extract": "batch"}[method]
    clause = f"        if ({blue.format(given)}).any(): raise KeyError('no luck')"
    code = "\n".join(
        f"{line}\n{clause}" if line.startswith(f"    def {method}(") else line
        for line in code.splitlines()
    ).replace("batch.astype(np.float32) /", "batch.astype(np.float32).mean(-1) /")
    file = tmp_path / "fragile.py"
    file.write_text(code)
    output = run(
        *("embed", photos, "--cache", tmp_path / "cache", "--no-analyze"),
        *("--extractor-file", file, "--extractor", "fragile"),
        code=1,
    ).output
    assert "'fragile' failed on" in output
    assert "blue'.png" in output
    assert "no luck" in output


def test_weights_are_passed_through_and_remembered(photos, tmp_path, models):
    import timm
    import torch

    file = tmp_path / "own=weights.pth"  # whose name looks like ID=FILE
    torch.save(timm.create_model("test_resnet", num_classes=3).state_dict(), file)
    cache = ("--cache", tmp_path / "cache")
    layer = "timm:test_resnet@layer1"
    command = ("embed", photos, *cache)
    choice = ("--extractor", "timm:test_resnet", "--extractor", layer, "--precision", "fp32")
    report = run_json(*command, *choice, "--weights", file)
    assert report["spaces"].keys() == {"timm:test_resnet", layer}
    space = open_dataset(cache=tmp_path / "cache").space("timm:test_resnet")
    assert space.info.weights_file == str(file)
    assert len(space.info.weights_hash) == 64
    # Without saying it again: the space goes on with its own, and a new image finds its place.
    fill(photos, {"a/new.jpg": 99})
    assert run_json(*command, *choice)["embedded"] == 1
    query = photos / "a" / "00.jpg"
    hits = run_json("search", "--image", query, "--space", "timm:test_resnet", "-k", 1, *cache)
    assert hits["hits"][0]["path"].endswith("a/00.jpg")
    # A file that is nobody's by name is for the network that the dataset has.
    fill(photos, {"a/newer.jpg": 100})
    assert run_json(*command, "--precision", "fp32", "--weights", file)["embedded"] == 1
    # Other weights are another space.
    torch.save(timm.create_model("test_resnet", num_classes=3).state_dict(), file)
    assert "weights_hash" in run(*command, *choice, "--weights", file, code=1).output
    fill(photos, {"a/newest.jpg": 101})
    assert "weights_hash" in run(*command, "--weights", file, code=1).output


def test_weights_for_what_is_not_embedded_through_are_refused(photos, tmp_path):
    settings = batch.EmbedSettings(extractors=("style",), weights={"resnet50": "some.pth"})
    with pytest.raises(UsageError, match=r"for 'resnet50'.*--extractor resnet50"):
        batch.embed(photos, cache=tmp_path / "cache", settings=settings)


def test_a_weights_file_must_be_somebodys(photos, tmp_path):
    choice = ("--extractor", "style", "--extractor", "timm:test_resnet")
    output = run("embed", photos, *choice, "--weights", "some.pth", code=1).output
    assert "--weights ID=some.pth" in output
    output = run("embed", photos, "--extractor", "style", "--weights", __file__, code=1).output
    assert "style takes no weights" in output


def test_an_extractor_is_prepared_once_and_it_says_so(tmp_path, monkeypatch):
    monkeypatch.setenv("EXPLORER_MODELS", str(tmp_path))
    first = run("extractors", "prepare")
    assert first.output.count("Converting efficientnet-lite0 for this machine, once") == 1
    kept = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()}
    assert kept
    assert run("extractors", "prepare").output == "efficientnet-lite0 is ready.\n"
    assert run_json("extractors", "prepare") == {"prepared": "efficientnet-lite0"}
    after = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()}
    assert after == kept


def test_the_first_job_says_that_it_converts_the_network(photos, tmp_path, monkeypatch):
    monkeypatch.setenv("EXPLORER_MODELS", str(tmp_path / "models"))
    stages = []
    for cache in ("a", "b"):
        told = []
        settings = batch.EmbedSettings(analyze=False)
        report = lambda progress, told=told: told.append(progress.stage)  # noqa: E731
        batch.embed(photos, cache=tmp_path / cache, settings=settings, on_progress=report)
        stages.append([stage for stage in told if stage.startswith("Converting")])
    assert stages == [["Converting efficientnet-lite0 for this machine, once: about 15 s"], []]
