"""Whether a query is like anything that is there."""

import numpy as np
import pytest
from support.fakes import analyzed, fill

from explorer.search import Examples, unfamiliar
from explorer.store import Space


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Space:
    folder = tmp_path_factory.mktemp("familiar")
    return analyzed(
        fill(folder / "photos", {f"{i}.png": i for i in range(9)}), folder / "c"
    ).space()


def test_what_is_unlike_everything_is_told_and_what_is_there_is_not(space: Space) -> None:
    vectors = space.embeddings()
    for vector in vectors:
        assert unfamiliar(space, Examples(vectors=(vector,))) == ""
    told = unfamiliar(space, Examples(vectors=(-vectors[0],)))
    assert told.startswith("Nothing here is much like it: the nearest has a similarity of -")


def test_the_dataset_is_familiar_with_its_own_but_for_the_loneliest(space: Space) -> None:
    ids = space.image_ids.tolist()
    nearest = [space.neighbors(image_id, 1)[1][0] for image_id in ids]
    told = [
        image_id
        for image_id, vector in zip(ids, space.embeddings(), strict=True)
        if unfamiliar(space, Examples(vectors=(vector,), known=(image_id,)))
    ]
    assert told == [ids[int(np.argmin(nearest))]]


def test_only_one_new_image_alone_is_judged(space: Space) -> None:
    strange = -space.embeddings()[0]
    assert unfamiliar(space, Examples(like=(0,))) == ""
    assert unfamiliar(space, Examples(like=(0,), vectors=(strange,))) == ""
    assert unfamiliar(space, Examples(vectors=(strange, strange))) == ""


def test_the_only_image_has_no_company_to_compare_with(tmp_path) -> None:
    only = analyzed(fill(tmp_path / "one", {"a.png": 1}), tmp_path / "c").space()
    assert unfamiliar(only, Examples(vectors=(-only.embeddings()[0],))) == ""
