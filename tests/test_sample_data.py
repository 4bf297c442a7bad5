"""The real model on the real photos: what a new user sees first is true."""

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image, ImageOps
from typer.testing import CliRunner

from explorer import batch
from explorer.cli.app import app
from explorer.search import search
from explorer.store import open_dataset, problems

SAMPLES = Path(__file__).parents[1] / "sample_data"
COLOSSEUM = {"ancient_ruin/colosseum.jpg", "ancient_ruin/wonders_colosseum.jpg"}


@pytest.fixture(scope="module")
def dataset(sample_cache):
    return open_dataset("sample_data", cache=sample_cache)


@pytest.fixture(scope="module")
def space(dataset):
    return dataset.space("efficientnet-lite0")


def test_all_photos_are_embedded_and_nothing_is_wrong(dataset, space):
    assert len(dataset) == len(space) == 128
    assert len(dataset.rejected) == 0
    assert space.embeddings().shape == (128, 1280)
    assert len(set(dataset.table()["label"].to_pylist())) == 16
    assert list(problems(dataset.root)) == []


def test_embedding_them_again_does_nothing(dataset, tmp_path, sample_cache):
    cache = shutil.copytree(sample_cache, tmp_path / "cache")
    report = batch.embed(dataset.source, cache=cache)
    assert (report.embedded, report.unchanged, report.rejected) == (0, 128, 0)


def test_the_two_photos_of_the_colosseum_are_the_near_duplicates(space):
    table = pd.DataFrame(space.table(["path", "duplicate_group", "nearest_similarity"]).to_pydict())
    pair = table[table["duplicate_group"] >= 0]
    assert set(pair["path"]) == COLOSSEUM
    assert pair["duplicate_group"].nunique() == 1
    assert pair["nearest_similarity"].min() > 0.95
    assert table.drop(pair.index)["nearest_similarity"].max() < 0.9


def test_the_nearest_photo_mostly_has_the_same_label(space):
    labels = np.array(space.table()["label"].to_pylist())
    graph = space.graph()
    nearest = np.searchsorted(graph.image_ids, graph.neighbor_ids[:, 0])
    accuracy = space.figures.of("knn_accuracy")
    assert accuracy >= 0.70
    assert accuracy == pytest.approx((labels == labels[nearest]).mean())


def test_every_number_is_finite_and_the_map_spreads_out(space):
    numbers = [name for name in space.column_names if space.column_meta(name).kind == "number"]
    sparse = {"duplicate_similarity"}  # only where there is a group
    for name in set(numbers) - sparse:
        assert np.isfinite(space.column(name).astype(float)).all(), name
    places = np.stack([space.column("map_x"), space.column("map_y")], axis=1)
    assert len(np.unique(places, axis=0)) == 128
    assert places.std(axis=0).min() > 0.1
    assert space.figures.of("map_trustworthiness") > 0.85


@pytest.mark.parametrize(
    "change",
    [
        ImageOps.mirror,
        lambda image: image.crop((20, 20, image.width - 20, image.height - 20)),
        lambda image: ImageOps.autocontrast(image.convert("L")).convert("RGB"),
        lambda image: image.resize((image.width * 2, image.height * 2)),
    ],
    ids=["mirrored", "cropped", "grey", "enlarged"],
)
def test_a_photo_that_is_not_in_the_set_finds_the_one_it_was_made_from(dataset, tmp_path, change):
    for path in ("fish/fish1.jpg", "ancient_ruin/wonders_petra.jpg"):
        original = Image.open(SAMPLES / path).convert("RGB")
        change(original).save(tmp_path / "query.png")
        hits = search(dataset, image=tmp_path / "query.png", k=3)
        assert hits[0].path == path
        assert hits[0].similarity > 0.6


def test_a_picture_made_of_nothing_is_answered_as_asked_on_the_command_line(sample_cache, tmp_path):
    Image.linear_gradient("L").convert("RGB").save(tmp_path / "gradient.png")
    arguments = ["search", "sample_data", "--image", str(tmp_path / "gradient.png"), "-k", "5"]
    result = CliRunner().invoke(app, [*arguments, "--cache", str(sample_cache), "--json"])
    told = json.loads(result.stdout)
    assert told["space"] == "efficientnet-lite0"
    assert len(told["hits"]) == 5
    assert all({"image_id", "path", "similarity", "label"} == set(hit) for hit in told["hits"])


def test_a_photo_of_the_set_is_seen_again_as_it_was_seen(dataset):
    hits = search(dataset, image=SAMPLES / "fish/fish1.jpg", k=1)
    assert hits[0].path == "fish/fish1.jpg"
    assert hits[0].similarity > 0.999
