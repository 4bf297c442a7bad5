"""Search by a part of an image, with weights, among some, without copies."""

import numpy as np
import pytest
from support.fakes import analyzed, fill, image_bytes, original, picture

from explorer.errors import UsageError
from explorer.search import Crop, search
from explorer.store import Dataset, open_dataset


@pytest.fixture(scope="module")
def dataset(tmp_path_factory) -> Dataset:
    folder = tmp_path_factory.mktemp("question")
    source = fill(folder / "photos", {f"{i}.png": image_bytes(i, "PNG") for i in range(9)})
    return analyzed(source, folder / "cache")


def ids(hits) -> list[int]:
    return [hit.image_id for hit in hits]


def test_a_crop_is_asked_as_if_it_were_an_image_of_its_own(dataset, tmp_path):
    whole = picture(20)
    whole.save(tmp_path / "whole.png")
    whole.crop((12, 0, 24, 10)).save(tmp_path / "part.png")
    box = (0.5, 0, 1, 0.5)
    asked = search(dataset, image=tmp_path / "whole.png", crop=box, k=9)
    expected = search(dataset, image=tmp_path / "part.png", k=9)
    assert ids(asked) == ids(expected)
    assert [hit.similarity for hit in asked] == pytest.approx([h.similarity for h in expected])
    assert asked != search(dataset, image=tmp_path / "whole.png", k=9)


def test_a_crop_of_an_image_of_the_dataset_leaves_that_image_out(dataset):
    file = original(dataset, 4)
    by_id = search(dataset, ids=[4], crop=(0, 0, 0.5, 1), k=9)
    by_file = search(dataset, image=file, crop=(0, 0, 0.5, 1), k=9)
    assert 4 not in ids(by_id)
    assert ids(by_id) == [each for each in ids(by_file) if each != 4]


@pytest.mark.parametrize(
    "text", ["", "1,2", "a,b,c,d", "0,0,0,1", "0.6,0,0.5,1", "-0.1,0,1,1", "0,0,1,nan", "0,0,9,9"]
)
def test_what_is_no_crop(text):
    with pytest.raises(UsageError, match=r"such as 0,0,0\.5,0\.5"):
        Crop.read(text)


def test_a_crop_of_less_than_a_pixel_or_of_two_images(dataset):
    with pytest.raises(UsageError, match="smaller than a pixel"):
        search(dataset, ids=[1], crop=(0.5, 0.5, 0.5001, 0.5001))
    with pytest.raises(UsageError, match="A crop is of one image"):
        search(dataset, ids=[1, 2], crop=(0, 0, 1, 0.5))


def test_what_is_unwanted_counts_as_much_as_is_said(dataset):
    vectors = dataset.space().embeddings()
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    for less in (0, 0.3, 2):
        order = np.argsort(-(unit @ (unit[1] - less * unit[5])), kind="stable")
        expected = [int(i) for i in order if i not in (1, 5)]
        assert ids(search(dataset, ids=[1], minus=[5], less=less, k=9)) == expected
    with pytest.raises(UsageError, match="from 0"):
        search(dataset, ids=[1], minus=[5], less=-1)


def test_among_some_only(dataset):
    everything = ids(search(dataset, ids=[0], k=9))
    some = [each for each in everything if each % 2]
    assert ids(search(dataset, ids=[0], among=some, k=9)) == some
    assert search(dataset, ids=[0], among=[]) == []


def test_without_near_duplicates(sample_cache):
    photos = open_dataset("sample_data", cache=sample_cache)
    first = search(photos, ids=[0], k=1)[0]
    groups = photos.space().column("duplicate_group")
    assert groups[first.image_id] == groups[0] >= 0
    others = search(photos, ids=[0], k=20, duplicates=False)
    assert first.image_id not in ids(others)
    kept = [groups[each] for each in ids(others) if groups[each] >= 0]
    assert len(kept) == len(set(kept))
