"""`open-clip:NAME`: both towers of a small model with random weights, by open_clip's own code."""

import json

import numpy as np
import pytest

from explorer import extractors
from explorer.errors import ExtractorError
from explorer.extractors import registry, weights

TINY = {
    "embed_dim": 32,
    "vision_cfg": {"image_size": 64, "layers": 2, "width": 64, "patch_size": 16},
    "text_cfg": {"context_length": 77, "vocab_size": 49408, "width": 64, "heads": 2, "layers": 2},
}


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """open_clip's own model, and the file of its weights."""
    import open_clip
    import torch

    folder = tmp_path_factory.mktemp("clip")
    (folder / "explorer-tiny.json").write_text(json.dumps(TINY))
    open_clip.add_model_config(folder)
    torch.manual_seed(0)
    model = open_clip.create_model("explorer-tiny").eval()
    torch.save(model.state_dict(), folder / "weights.pt")
    return model, folder / "weights.pt"


@pytest.fixture(scope="module")
def extractor(tiny):
    return extractors.get(
        "open-clip:explorer-tiny", device="cpu", precision="fp32", weights=tiny[1]
    )


def test_images_are_embedded_as_open_clip_does(extractor, tiny, photos):
    import open_clip
    import torch

    photo = photos["fish/fish1.jpg"]
    transform = open_clip.image_transform(64, is_train=False)
    with torch.inference_mode():
        expected = tiny[0].encode_image(transform(photo)[None], normalize=True)[0].numpy()
    vector = extractor.extract(extractor.prepare(photo)[None])[0]
    assert vector @ expected / np.linalg.norm(vector) > 0.999
    assert extractor.dimension == 32


def test_texts_are_embedded_into_the_same_space(extractor, tiny):
    import open_clip
    import torch

    assert isinstance(extractor, extractors.EmbedsText)
    texts = ["a photo of a dog", "ein Hund 🐕", ""]
    vectors = extractor.embed_text(texts)
    assert vectors.shape == (3, extractor.dimension)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    tokens = open_clip.get_tokenizer("explorer-tiny")(texts)
    with torch.inference_mode():
        expected = tiny[0].encode_text(tokens, normalize=True).numpy()
    np.testing.assert_allclose(vectors, expected, atol=1e-5)
    assert extractor.embed_text([]).shape == (0, extractor.dimension)


def test_layers_of_the_image_tower_have_no_text(extractor, tiny):
    id = "open-clip:explorer-tiny@transformer.resblocks.0"
    layer = extractors.get(id, device="cpu", precision="fp32", weights=tiny[1])
    assert layer.dimension == 64
    assert not isinstance(layer, extractors.EmbedsText)
    [shared] = extractors.forward_passes({"end": extractor, "layer": layer})
    assert shared.names == ("end", "layer")


def test_a_training_has_its_own_preprocessing():
    family = registry._families["open-clip:"]
    names = family.names()
    assert "ViT-B-32/laion2b_s34b_b79k" in names
    assert family.recipe("ViT-B-32/laion2b_s34b_b79k").square.side == 224
    squashed = next(name for name in names if name.startswith("ViT-B-16-SigLIP/"))
    assert family.recipe(squashed).square.short_side == 0


def test_without_internet_the_error_says_what_to_do(monkeypatch):
    def refuse(*_):
        raise OSError("Network is unreachable")

    monkeypatch.setattr(weights, "from_hub", refuse)
    with pytest.raises(ExtractorError, match=r"huggingface.co/.*unreachable.*--weights FILE"):
        registry._families["open-clip:"].find_weights("ViT-B-32/laion2b_s34b_b79k")
    with pytest.raises(ExtractorError, match="Nobody offers weights"):
        registry._families["open-clip:"].find_weights("ViT-B-32")


def test_an_unknown_training_names_the_nearest():
    with pytest.raises(ExtractorError, match=r"Did you mean .*open-clip:ViT-B-32/"):
        extractors.get("open-clip:ViT-B-32/laion2b_s34b_b79")
