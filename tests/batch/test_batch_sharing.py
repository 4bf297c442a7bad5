"""Several extractors of one backbone: one forward pass per batch."""

import numpy as np
import pytest
from PIL import Image
from support.fakes import fill, picture

from explorer import batch, extractors
from explorer.errors import ExtractorError
from explorer.extractors.runtime import Runner
from explorer.store import open_dataset

BOTH = ("efficientnet-lite0", "efficientnet-lite0@blocks.2")


@pytest.fixture
def passes(monkeypatch):
    """The size of every batch that a network was run on."""
    sizes = []
    run = Runner.__call__
    monkeypatch.setattr(
        Runner, "__call__", lambda self, images: sizes.append(len(images)) or run(self, images)
    )
    return sizes


@pytest.fixture
def source(tmp_path):
    return fill(tmp_path / "source", {f"{number:02d}.jpg": number for number in range(20)})


def embed(source, cache, names, **more):
    settings = batch.EmbedSettings(extractors=names, device="cpu", precision="fp32", analyze=False)
    report = batch.embed(source, cache=cache, settings=settings, **more)
    return report, open_dataset(report.dataset, cache=cache)


def test_two_extractors_of_one_backbone_take_one_pass_per_batch(source, tmp_path, models, passes):
    report, dataset = embed(source, tmp_path / "cache", BOTH)
    assert report.embedded == 20
    assert passes == [1, 16, 4]  # the first one loads the model
    assert {id: space["dimension"] for id, space in report.spaces.items()} == {
        BOTH[0]: 1280,
        BOTH[1]: 40,
    }
    for name in BOTH:
        _, alone = embed(source, tmp_path / name, (name,))
        together = dataset.space(name).embeddings()
        np.testing.assert_allclose(together, alone.space(name).embeddings(), rtol=1e-3, atol=1e-4)


def test_others_run_by_themselves(source, tmp_path, models, passes):
    report, _ = embed(source, tmp_path / "cache", (*BOTH, "fake"))
    assert passes == [1, 16, 4]
    assert {space["count"] for space in report.spaces.values()} == {20}


def test_an_extractor_that_comes_later_adds_only_its_own_space(source, tmp_path, models):
    _, before = embed(source, tmp_path / "cache", BOTH[:1])
    vectors = before.space(BOTH[0]).embeddings()
    fill(source, {"more.jpg": 99})
    report, after = embed(source, tmp_path / "cache", BOTH)
    assert (report.embedded, report.spaces[BOTH[1]]["count"]) == (21, 21)
    assert np.array_equal(after.space(BOTH[0]).embeddings()[:20], vectors)


def test_a_layer_that_is_not_there_is_refused():
    with pytest.raises(ExtractorError, match=r"no layer 'blocks.9': choose one of .*blocks.0, "):
        extractors.get("efficientnet-lite0@blocks.9")


@pytest.mark.parametrize("name", ["efficientnet-lite0", "efficientnet-lite1", "efficientnet-lite2"])
def test_a_layer_has_the_dimension_it_says(name, models):
    for layer in ("blocks.0", "blocks.6"):
        extractor = extractors.get(f"{name}@{layer}", device="cpu", precision="fp32")
        crop = extractor.prepare(picture(1).resize((300, 300), Image.Resampling.BICUBIC))
        assert extractor.extract(crop[None]).shape == (1, extractor.dimension)
        assert not isinstance(extractor, extractors.Classifier)
