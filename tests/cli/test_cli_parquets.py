"""A data set from the Hugging Face hub, from the command line: from Parquet to photos and back."""

import json

import datasets
import numpy as np
import pytest
import support.fakes  # noqa: F401  (registers the extractor)
from PIL import Image
from typer.testing import CliRunner

from explorer.cli.app import app

datasets.disable_progress_bars()


@pytest.fixture
def explorer(tmp_path, monkeypatch):
    monkeypatch.setenv("EXPLORER_CACHE", str(tmp_path / "cache"))

    def run(*arguments, code: int = 0):
        result = CliRunner().invoke(app, [str(each) for each in arguments])
        assert result.exit_code == code, result.output
        return result

    return run


@pytest.fixture
def hub(tmp_path):
    """data/train-00000-of-00002.parquet, …-00001-… and test-00000-of-00001: 4, 4 and 2 photos."""
    random = np.random.default_rng(0)
    photos = [Image.fromarray(random.integers(0, 255, (12, 16, 3), np.uint8)) for _ in range(10)]
    kinds = datasets.ClassLabel(names=["cat", "dog"])
    features = datasets.Features({"image": datasets.Image(), "label": kinds})
    for name, start, end in (
        ("train-00000-of-00002", 0, 4),
        ("train-00001-of-00002", 4, 8),
        ("test-00000-of-00001", 8, 10),
    ):
        rows = {"image": photos[start:end], "label": [row % 2 for row in range(start, end)]}
        shard = datasets.Dataset.from_dict(rows, features=features)
        (tmp_path / "pets/data").mkdir(parents=True, exist_ok=True)
        shard.to_parquet(tmp_path / f"pets/data/{name}.parquet")
    return tmp_path / "pets"


def test_from_the_hub_to_photos(explorer, hub, tmp_path):
    done = explorer("embed", hub, "--extractor", "fake", "--json")
    report = json.loads(done.stdout)
    assert (report["dataset"], report["embedded"], report["rejected"]) == ("pets", 10, 0)
    again = json.loads(explorer("embed", hub, "--extractor", "fake", "--json").stdout)
    assert (again["embedded"], again["unchanged"]) == (0, 10)
    told = json.loads(explorer("info", "pets", "--json").stdout)
    assert told["labels"] == {"cat": 5, "dog": 5}
    explorer("verify", "pets")
    to = tmp_path / "out"
    explorer("export", "pets", "--format", "huggingface", "--to", to, "--where", "split = 'train'")
    back = datasets.load_dataset("imagefolder", data_dir=str(to), split="train")
    assert len(back) == 8
    first = datasets.Dataset.from_parquet(str(hub / "data/train-00000-of-00002.parquet"))[0]
    pixels = {image.convert("RGB").tobytes() for image in back["image"]}
    assert first["image"].tobytes() in pixels


def test_a_photo_that_is_not_in_the_hub_can_be_searched_for(explorer, hub, tmp_path):
    explorer("embed", hub, "--extractor", "fake")
    row = datasets.Dataset.from_parquet(str(hub / "data/test-00000-of-00001.parquet"))[1]
    row["image"].save(tmp_path / "new.png")
    found = explorer("search", "pets", "--image", tmp_path / "new.png", "-k", 1, "--json")
    assert "test-00000-of-00001.parquet/000001" in found.stdout
