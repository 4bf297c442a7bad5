"""Vectors from elsewhere become a space like any other."""

import numpy as np
import pandas as pd
import pytest
from support.fakes import picture

from explorer import batch, curate
from explorer.errors import SourceError, UsageError
from explorer.search import search
from explorer.store import open_dataset


@pytest.fixture
def photos(tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(40):
        picture(number).save(folder / f"{number:02d}.png")
    return folder


@pytest.fixture
def vectors():
    return np.random.default_rng(0).normal(size=(40, 16)).astype(np.float32)


def test_npy_in_the_order_of_the_source(tmp_path, photos, vectors):
    np.save(tmp_path / "v.npy", vectors)
    report = batch.import_vectors(tmp_path / "v.npy", photos, cache=tmp_path / "cache")
    assert report.spaces["imported"] == {"dimension": 16, "count": 40}
    space = open_dataset(cache=tmp_path / "cache").space("imported")
    assert np.array_equal(space.embeddings(), vectors)
    assert {"map_x", "cluster", "outlier_score"} <= set(space.column_names)
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    similarities = unit @ unit[3]
    similarities[3] = -1
    assert space.neighbors(3, 1)[0].tolist() == [int(similarities.argmax())]


def test_parquet_by_path_in_any_order_and_for_some_images_only(tmp_path, photos, vectors):
    order = np.random.default_rng(1).permutation(40)[:25]
    frame = pd.DataFrame(
        {"path": [f"{number:02d}.png" for number in order], "v": list(vectors[order])}
    )
    frame.to_parquet(tmp_path / "v.parquet")
    report = batch.import_vectors(
        tmp_path / "v.parquet", photos, space="mine", cache=tmp_path / "cache"
    )
    assert report.spaces["mine"]["count"] == 25
    space = open_dataset(cache=tmp_path / "cache").space("mine")
    assert np.array_equal(space.embeddings(), vectors[np.sort(order)])


def test_importing_again_is_harmless_and_other_vectors_are_refused(tmp_path, photos, vectors):
    for _ in range(2):
        np.save(tmp_path / "v.npy", vectors)
        batch.import_vectors(tmp_path / "v.npy", photos, cache=tmp_path / "cache")
    np.save(tmp_path / "v.npy", vectors + 1)
    with pytest.raises(UsageError, match="holds other vectors already"):
        batch.import_vectors(tmp_path / "v.npy", photos, cache=tmp_path / "cache")
    assert np.array_equal(open_dataset(cache=tmp_path / "cache").space().embeddings(), vectors)


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        (lambda v: v[:30], "holds 30 vectors"),
        (lambda v: v.ravel(), "not floats of shape"),
        (lambda v: np.where(v > 2, np.nan, v), "not finite"),
        (lambda v: v.astype(object), "cannot be read as vectors"),
    ],
)
def test_what_does_not_fit_is_refused_before_anything_is_written(
    tmp_path, photos, vectors, broken, says
):
    np.save(tmp_path / "v.npy", broken(vectors), allow_pickle=True)
    with pytest.raises(SourceError, match=says):
        batch.import_vectors(tmp_path / "v.npy", photos, cache=tmp_path / "cache")
    assert not (tmp_path / "cache").exists()


def test_a_new_image_cannot_be_placed_among_imported_vectors(tmp_path, photos, vectors):
    np.save(tmp_path / "v.npy", vectors)
    batch.import_vectors(tmp_path / "v.npy", photos, cache=tmp_path / "cache")
    dataset = open_dataset(cache=tmp_path / "cache")
    with pytest.raises(UsageError, match="were imported"):
        search(dataset, image=photos / "00.png")


def test_vectors_come_out_as_they_went_in(tmp_path, photos, vectors):
    np.save(tmp_path / "v.npy", vectors)
    batch.import_vectors(tmp_path / "v.npy", photos, cache=tmp_path / "cache")
    space = open_dataset(cache=tmp_path / "cache").space()
    chosen = [5, 2, 30]
    for format in ("npy", "safetensors", "parquet-vectors"):
        curate.export(space, chosen, format=format, to=tmp_path / format)
    assert np.array_equal(np.load(tmp_path / "npy" / "embeddings.npy"), vectors[chosen])
    from safetensors.numpy import load_file

    loaded = load_file(tmp_path / "safetensors" / "embeddings.safetensors")
    assert np.array_equal(loaded["embeddings"], vectors[chosen])
    assert loaded["image_ids"].tolist() == chosen
    frame = pd.read_parquet(tmp_path / "parquet-vectors" / "embeddings.parquet")
    assert np.array_equal(np.stack(frame["embedding"]), vectors[chosen])
    listed = pd.read_csv(tmp_path / "npy" / "images.csv")
    assert listed["image_id"].tolist() == chosen
