"""Where an extractor looks, asked of a space."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from support.fakes import embed, fill, original

from explorer.errors import ExtractorError
from explorer.search import dimension_names, look, sees_places
from explorer.store import open_dataset


def test_the_means_of_what_is_seen_are_the_vectors_of_the_space(sample_cache: Path) -> None:
    dataset = open_dataset(cache=sample_cache)
    space = dataset.space()
    ids = dataset.image_ids[:3].tolist()
    files = [original(dataset, each).read_bytes() for each in ids]
    found = look(space, [files[0], b"no image", *files[1:]])
    assert found[1] is None
    for image_id, sight in zip(ids, [found[0], *found[2:]], strict=True):
        assert sight is not None
        mean, vector = sight.maps.mean((0, 1)), space.vector(image_id)
        cosine = mean @ vector / np.linalg.norm(mean) / np.linalg.norm(vector)
        assert cosine > 0.999
        left, top, width, height = sight.field
        assert left + width / 2 == pytest.approx(0.5, abs=0.01)
        assert top + height / 2 == pytest.approx(0.5, abs=0.01)
        assert max(width, height) == pytest.approx(224 / 256)


def test_an_extractor_that_knows_no_places_says_so(tmp_path: Path) -> None:
    source = fill(tmp_path / "photos", {"a.jpg": 1, "b.jpg": 2})
    embed(source, tmp_path / "cache", extractors=("color-histogram", "fake"))
    dataset = open_dataset(cache=tmp_path / "cache")
    space = dataset.space("color-histogram")
    assert not sees_places(space)
    assert "white" in dimension_names(space)
    assert dimension_names(dataset.space("fake")) == ()
    with pytest.raises(ExtractorError, match="does not tell where"):
        look(space, [b""])


def test_imported_vectors_know_neither_places_nor_names(tmp_path: Path) -> None:
    source = fill(tmp_path / "photos", {"a.jpg": 1, "b.jpg": 2})
    embed(source, tmp_path / "cache")
    space = open_dataset(cache=tmp_path / "cache").space()
    space.info = replace(space.info, imported=True)
    assert not sees_places(space)
    assert dimension_names(space) == ()
