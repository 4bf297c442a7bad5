import os

import numpy as np
import pytest
from support.fakes import Fake, analyzed, embed, fill, image_bytes, original, picture

from explorer.errors import ExtractorError, ImageError, NotAnalyzedError, UsageError
from explorer.search import by_vector, search
from explorer.store import Dataset, NeighborTable, open_dataset, write_graph


@pytest.fixture(scope="module")
def dataset(tmp_path_factory) -> Dataset:
    folder = tmp_path_factory.mktemp("search")
    source = fill(folder / "photos", {f"{'ab'[i % 2]}/{i}.jpg": i for i in range(9)})
    return analyzed(source, folder / "cache")


@pytest.fixture
def unit(dataset) -> np.ndarray:
    vectors = dataset.space().embeddings()
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def nearest(unit: np.ndarray, query: np.ndarray, leave_out=(), k: int = 10) -> list[int]:
    """By brute force; image ids are row numbers here."""
    order = np.argsort(-(unit @ query), kind="stable")
    return [int(i) for i in order if i not in leave_out][:k]


def ids(hits) -> list[int]:
    return [hit.image_id for hit in hits]


@pytest.mark.parametrize("k", [1, 3, 8, 9, 1000, 10**9])
def test_by_an_image_of_the_dataset(dataset, unit, k):
    hits = search(dataset, ids=[4], k=k)
    assert ids(hits) == nearest(unit, unit[4], [4], k)
    for hit in hits:
        row = dataset.image(hit.image_id)
        assert (hit.path, hit.label) == (row["path"], row["label"])
        assert hit.similarity == pytest.approx(float(unit[4] @ unit[hit.image_id]), abs=1e-5)


def test_more_than_the_graph_holds_comes_from_the_index(tmp_path):
    source = fill(tmp_path / "photos", {f"{i}.jpg": i for i in range(9)})
    space = analyzed(source, tmp_path / "cache").space()
    graph = space.graph()
    short = NeighborTable(graph.image_ids, graph.neighbor_ids[:, :3], graph.similarities[:, :3])
    write_graph(space.graph_path, short, {})
    dataset = open_dataset(cache=tmp_path / "cache")
    for k in (2, 3, 4, 8, 20):
        assert ids(search(dataset, ids=[2], k=k)) == graph.neighbor_ids[2, :k].tolist()


def test_several_images_are_averaged(dataset, unit):
    query = (unit[1] + unit[5]) / 2
    assert ids(search(dataset, ids=[1, 5], k=4)) == nearest(unit, query, [1, 5], 4)


def test_minus_moves_away(dataset, unit):
    query = unit[1] - 0.5 * unit[5]
    hits = search(dataset, ids=[1], minus=[5], k=9)
    assert ids(hits) == nearest(unit, query, [1, 5])
    assert all(-1 <= hit.similarity <= 1 for hit in hits)


@pytest.mark.parametrize("format", ["JPEG", "PNG", "BMP", "WEBP"])
def test_a_new_image_is_seen_as_the_space_sees_it(dataset, tmp_path, format):
    path = tmp_path / "query"  # the content says what it is
    path.write_bytes(image_bytes(7, format))
    hits = search(dataset, image=path, k=3)
    assert original(dataset, hits[0].image_id).read_bytes() == image_bytes(7)
    assert hits[0].similarity == pytest.approx(1, abs=1e-3)
    assert hits[0].similarity <= 1


def test_a_big_picture_answers_like_a_small_one(dataset, tmp_path):
    picture(5).resize((960, 800)).save(tmp_path / "big.png")
    hits = search(dataset, image=tmp_path / "big.png", k=1)
    assert hits[0].path == "b/5.jpg"


def test_a_file_and_images_of_the_dataset_together(dataset, tmp_path):
    picture(70).save(tmp_path / "query.png")
    both = ids(search(dataset, image=tmp_path / "query.png", ids=[2], minus=[0], k=9))
    assert sorted(both) == [1, 3, 4, 5, 6, 7, 8]


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({}, "Nothing to search for: give an image file, the id of an image, or words."),
        ({"minus": [1]}, "Nothing to search for"),
        ({"ids": [99]}, "There is no image 99 in 'photos'"),
        ({"ids": [-1]}, "There is no image -1 in 'photos'"),
        ({"ids": [1, 2**62]}, "There is no image 4611686018427387904"),
        ({"ids": [1], "minus": [99]}, "There is no image 99"),
        ({"ids": [1], "k": 0}, "k is 0; ask for at least one image"),
        ({"ids": [1], "space": "style"}, "has no space 'style'. There are: fake"),
    ],
)
def test_a_query_that_makes_no_sense_is_a_sentence(dataset, query, sentence):
    with pytest.raises(UsageError) as caught:
        search(dataset, **query)
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "No such file"),
        (b"", "The file is empty"),
        (b"?", "not an image"),
        (image_bytes(1)[:200], "truncated"),
    ],
)
def test_a_file_that_is_no_image_is_a_sentence_with_its_name(dataset, tmp_path, content, sentence):
    path = tmp_path / "query.jpg"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ImageError) as caught:
        search(dataset, image=path)
    assert str(path) in str(caught.value)
    assert sentence in str(caught.value)


def test_a_folder_is_no_image(dataset, tmp_path):
    with pytest.raises(ImageError, match="Is a directory"):
        search(dataset, image=tmp_path)


def test_images_that_left_and_came_since_the_analysis(tmp_path):
    source = fill(tmp_path / "photos", {f"{i}.jpg": i for i in range(8)})
    before = analyzed(source, tmp_path / "cache")
    gone = search(before, ids=[0], k=1)[0].image_id
    os.unlink(original(before, gone))
    fill(source, {"new.jpg": 50})
    embed(source, tmp_path / "cache")
    now = open_dataset(cache=tmp_path / "cache")
    other = next(i for i in now.image_ids.tolist() if i not in (0, gone))
    assert gone not in ids(search(now, ids=[0], k=5))
    assert gone not in ids(search(now, ids=[0, other], k=5))
    with pytest.raises(NotAnalyzedError, match="Image 8 is not in the neighbour graph") as caught:
        search(now, ids=[8])
    assert caught.value.dataset == now.name
    with pytest.raises(UsageError, match=f"There is no image {gone}"):
        search(now, ids=[gone])
    assert len(search(now, ids=[8, other], k=3)) == 3  # its vector is there


def test_a_space_without_an_index_says_what_to_run(tmp_path):
    source = fill(tmp_path / "photos", {"a.jpg": 1, "b.jpg": 2})
    embed(source, tmp_path / "cache")
    dataset = open_dataset(cache=tmp_path / "cache")
    for query in ({"ids": [0]}, {"ids": [0, 1]}, {"image": source / "a.jpg"}):
        with pytest.raises(NotAnalyzedError) as caught:
            search(dataset, **query)
        assert caught.value.dataset == "photos"


def test_one_lonely_image_has_no_neighbours(tmp_path):
    dataset = analyzed(fill(tmp_path / "photos", {"a.jpg": 1}), tmp_path / "cache")
    assert search(dataset, ids=[0]) == []
    assert ids(search(dataset, image=tmp_path / "photos/a.jpg")) == [0]


def test_an_extractor_that_has_changed_is_not_compared_with(dataset, tmp_path, monkeypatch):
    path = tmp_path / "query.jpg"
    path.write_bytes(image_bytes(1))
    monkeypatch.setattr(Fake, "version", "2")
    with pytest.raises(ExtractorError, match="has changed since the space was made"):
        search(dataset, image=path)
    assert search(dataset, ids=[1])


def test_a_vector_of_nothing_finds_something(dataset):
    found, similarities = by_vector(dataset.space(), np.zeros(8, np.float32), k=3)
    assert len(found) == 3
    assert similarities.tolist() == [0, 0, 0]
