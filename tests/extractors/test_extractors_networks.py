"""Networks of the libraries, by their real code, with random weights saved to a file."""

import dataclasses

import numpy as np
import pytest

from explorer import extractors
from explorer.errors import ExtractorError
from explorer.extractors import torchvision_models, weights
from explorer.extractors.model_cache import models_root

PHOTO = "farm_animal/dog.jpg"


def cosine(a, b):
    return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Weights files of random models, made by the libraries themselves."""
    import timm
    import torch
    from torchvision import models

    folder = tmp_path_factory.mktemp("weights")
    made = {}
    for name in ("test_resnet", "test_vit"):
        torch.manual_seed(1)
        model = timm.create_model(f"{name}.r160_in1k").eval()
        made[f"timm:{name}.r160_in1k"] = model, folder / f"{name}.pth"
    for name in ("squeezenet1_1", "shufflenet_v2_x0_5"):
        torch.manual_seed(2)
        made[f"torchvision:{name}"] = models.get_model(name).eval(), folder / f"{name}.pth"
    for model, file in made.values():
        torch.save(model.state_dict(), file)
    return made


def get(id, file, **more):
    return extractors.get(id, device="cpu", precision="fp32", weights=file, **more)


def own_transform(id):
    """The preprocessing that the library itself makes for a model."""
    family, _, name = id.partition(":")
    if family == "torchvision":
        from torchvision import models

        return models.get_model_weights(name).DEFAULT.transforms()
    import timm

    config = timm.data.resolve_data_config(pretrained_cfg=timm.get_pretrained_cfg(name).to_dict())
    return timm.data.create_transform(**config)


def own_features(id, model, pixels):
    """What the library's own model has before its classifier."""
    import torch

    with torch.inference_mode():
        if id.startswith("timm:"):
            return model.forward_head(model.forward_features(pixels), pre_logits=True)[0].numpy()
        if hasattr(model, "features"):
            return model.features(pixels).mean((2, 3))[0].numpy()
        from torchvision.models.feature_extraction import create_feature_extractor

        found = create_feature_extractor(model, {"conv5": "end"})(pixels)["end"]
        return found.mean((2, 3))[0].numpy()


@pytest.mark.parametrize(
    "id",
    [
        "timm:test_resnet.r160_in1k",
        "timm:test_vit.r160_in1k",
        "torchvision:squeezenet1_1",
        "torchvision:shufflenet_v2_x0_5",
    ],
)
def test_vectors_are_those_of_the_librarys_own_pipeline(id, files, photos):
    model, file = files[id]
    extractor = get(id, file)
    vector = extractor.extract(extractor.prepare(photos[PHOTO])[None])[0]
    expected = own_features(id, model, own_transform(id)(photos[PHOTO])[None])
    assert vector.shape == (extractor.dimension,) == expected.shape
    assert cosine(vector, expected) > 0.999
    info = extractors.info(id)
    assert (info.dimension, info.input_size) == (extractor.dimension, extractor.input_size)
    assert extractor.weights_file == str(file)


def test_any_layer_is_its_output_averaged_over_the_image(files, photos):
    import torch
    from torchvision.models.feature_extraction import create_feature_extractor

    id = "torchvision:squeezenet1_1"
    model, file = files[id]
    layer = "features.4.expand3x3"
    extractor = get(f"{id}@{layer}", file)
    [shape] = [each.shape for each in extractors.layers(id) if each.name == layer]
    with torch.inference_mode():
        pixels = own_transform(id)(photos[PHOTO])[None]
        found = create_feature_extractor(model, {layer: "found"})(pixels)["found"][0]
    assert tuple(found.shape) == shape
    vector = extractor.extract(extractor.prepare(photos[PHOTO])[None])[0]
    assert cosine(vector, found.mean((1, 2)).numpy()) > 0.999


def test_a_layer_of_tokens_is_averaged_over_them(files, photos):
    id = "timm:test_vit.r160_in1k"
    extractor = get(f"{id}@blocks.1", files[id][1])
    [layer] = [each for each in extractors.layers(id) if each.name == "blocks.1"]
    assert extractor.dimension == layer.dimension == layer.shape[1]
    vector = extractor.extract(extractor.prepare(photos[PHOTO])[None])[0]
    assert np.isfinite(vector).all()
    assert vector.std() > 0


def test_layers_of_one_network_share_a_forward_pass(files, photos):
    id = "timm:test_resnet.r160_in1k"
    names = (id, f"{id}@layer2", f"{id}@layer1")
    opened = {name: get(name, files[id][1]) for name in names}
    [forward] = extractors.forward_passes(opened)
    prepared = forward.prepare(photos[PHOTO])[None]
    for name, vectors in zip(forward.names, forward.extract(prepared), strict=True):
        alone = opened[name].extract(prepared)
        np.testing.assert_allclose(vectors, alone, rtol=1e-3, atol=1e-4)


def test_other_weights_are_another_backbone(files, tmp_path):
    import torch

    id = "timm:test_resnet.r160_in1k"
    model, file = files[id]
    other = tmp_path / "other.pth"
    torch.save({name: value + 1 for name, value in model.state_dict().items()}, other)
    a, b = get(id, file), get(id, other)
    assert a.weights_hash != b.weights_hash
    assert len(extractors.forward_passes({"a": a, "b": b})) == 2


def test_weights_for_other_classes_fit(tmp_path, photos):
    """Fine-tuned on one's own five classes: safetensors, and wrapped as trainers write them."""
    import timm
    import torch
    from safetensors.torch import save_file

    model = timm.create_model("test_resnet", num_classes=5)
    save_file(model.state_dict(), tmp_path / "five.safetensors")
    torch.save({"state_dict": model.state_dict(), "epoch": 3}, tmp_path / "five.pth")
    vectors = []
    for file in ("five.safetensors", "five.pth"):
        extractor = get("timm:test_resnet", tmp_path / file)
        vectors.append(extractor.extract(extractor.prepare(photos[PHOTO])[None])[0])
    np.testing.assert_allclose(*vectors, rtol=1e-4)


@pytest.mark.parametrize("id", ["timm:test_resnet", "torchvision:squeezenet1_1"])
@pytest.mark.parametrize("content", ["other model", "code", "no tensors"])
def test_a_file_that_does_not_fit_is_named(id, content, files, tmp_path, photos):
    import pickle

    import torch

    file = tmp_path / "wrong.pth"
    if content == "other model":
        file = files["timm:test_vit.r160_in1k"][1]
    elif content == "code":
        file.write_bytes(pickle.dumps({"fc.weight": dataclasses.make_dataclass}))
    else:
        torch.save({}, file)
    extractor = get(id, file)
    said = rf"{file.name} cannot be loaded as .*{id}.*state dict"
    with pytest.raises(ExtractorError, match=said):
        extractor.extract(extractor.prepare(photos[PHOTO])[None])


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ExtractorError, match=r"no file .*none\.pth"):
        get("timm:test_resnet", tmp_path / "none.pth")


@pytest.fixture
def offline(monkeypatch, tmp_path):
    """Nothing can be downloaded, and nothing was before."""

    def refuse(*_, **__):
        raise OSError("Network is unreachable")

    import torch

    monkeypatch.setattr(torch.hub, "download_url_to_file", refuse)
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path / "hub"))
    monkeypatch.setattr(weights, "from_hub", refuse)


@pytest.mark.parametrize(
    ("id", "source"),
    [
        ("torchvision:squeezenet1_1", "https://download.pytorch.org"),
        ("timm:test_resnet.r160_in1k", "https://huggingface.co/timm"),
    ],
)
def test_without_internet_the_error_says_which_file_to_put_where(id, source, offline):
    with pytest.raises(ExtractorError) as caught:
        extractors.get(id)
    said = str(caught.value)
    assert source in said
    assert "Network is unreachable" in said
    assert "--weights FILE" in said
    assert str(models_root() / "weights") in said


def test_a_file_put_there_is_found(files, offline, photos, monkeypatch, tmp_path):
    id = "torchvision:squeezenet1_1"
    with pytest.raises(ExtractorError) as caught:
        extractors.get(id)
    place = str(caught.value).rpartition("put it at ")[2].partition(" (or")[0]
    monkeypatch.setattr("explorer.extractors.weights.models_root", lambda: tmp_path)
    target = tmp_path / "weights" / place.rpartition("/")[2].replace(".safetensors", ".pth")
    target.parent.mkdir()
    target.write_bytes(files[id][1].read_bytes())
    found = extractors.get(id, device="cpu", precision="fp32")
    assert found.weights_file == ""  # it came by itself, so a space need not remember where it is
    assert found.weights_hash == get(id, files[id][1]).weights_hash


@pytest.mark.parametrize("id", ["timm:resnet5o", "torchvision:resnet5o"])
def test_an_unknown_name_names_the_nearest(id):
    with pytest.raises(ExtractorError, match=r"Did you mean .*resnet50"):
        extractors.info(id)


def test_there_are_more_than_a_thousand_of_timm():
    """As docs/extractors.md and README.md say."""
    import timm

    assert len(timm.list_models()) > 1000


def test_networks_with_inputs_scaled_twice_say_so():
    """Inception's weights were trained on other means than its transforms have."""
    model = torchvision_models.TorchvisionModels().bare("googlenet")
    assert model.transform_input


def test_every_classifier_of_torchvision_has_a_recipe():
    family = torchvision_models.TorchvisionModels()
    for name in family.names():
        square = family.recipe(name).square
        assert square.short_side >= square.side >= 100


def test_what_the_hub_has_sent_before_is_not_asked_for_again(tmp_path, monkeypatch):
    import huggingface_hub

    snapshot = tmp_path / "models--timm--some_model" / "snapshots" / "abc"
    snapshot.mkdir(parents=True)
    (snapshot / "pytorch_model.bin").write_bytes(b"tensors")
    (snapshot.parents[1] / "refs").mkdir()
    (snapshot.parents[1] / "refs" / "main").write_text("abc")
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(huggingface_hub, "hf_hub_download", None)
    found = weights.from_hub("timm/some_model", ("model.safetensors", "pytorch_model.bin"))
    assert found == str(snapshot / "pytorch_model.bin")
