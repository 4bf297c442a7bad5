"""`onnx:FILE` and `torchscript:FILE`: networks of one's own."""

import json

import numpy as np
import pytest
from PIL import Image

from explorer import extractors
from explorer.errors import ExtractorError

MEAN, STD = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])


@pytest.fixture(scope="module")
def module():
    """Two convolutions with fixed random weights and a classifier of four classes."""
    import torch

    torch.manual_seed(0)
    return torch.nn.Sequential(
        torch.nn.Conv2d(3, 6, 3, stride=2, padding=1),
        torch.nn.ReLU(),
        torch.nn.Conv2d(6, 8, 3, stride=2, padding=1),
        torch.nn.AdaptiveAvgPool2d(1),
        torch.nn.Flatten(),
        torch.nn.Linear(8, 4),
    ).eval()


def save_onnx(module, file, *, side=64, batch="n"):
    """The module as ONNX, written node by node: torch's exporter would bring two more packages."""
    from onnx import TensorProto, helper, numpy_helper, save

    convolutions = {"first": module[0], "second": module[2]}
    tensors = [
        numpy_helper.from_array(getattr(each, kind).detach().numpy(), f"{name}_{kind}")
        for name, each in {**convolutions, "classes": module[5]}.items()
        for kind in ("weight", "bias")
    ]
    shape = {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1, 1, 1, 1]}
    nodes = [
        helper.make_node("Conv", ["images", "first_weight", "first_bias"], ["early"], **shape),
        helper.make_node("Relu", ["early"], ["relu"]),
        helper.make_node("Conv", ["relu", "second_weight", "second_bias"], ["late"], **shape),
        helper.make_node("GlobalAveragePool", ["late"], ["pooled"]),
        helper.make_node("Flatten", ["pooled"], ["features"]),
        helper.make_node(
            "Gemm", ["features", "classes_weight", "classes_bias"], ["logits"], transB=1
        ),
    ]
    images = helper.make_tensor_value_info("images", TensorProto.FLOAT, [batch, 3, side, side])
    logits = helper.make_tensor_value_info("logits", TensorProto.FLOAT, [batch, 4])
    graph = helper.make_graph(nodes, "tiny", [images], [logits], tensors)
    opset = [helper.make_opsetid("", 17)]
    save(helper.make_model(graph, opset_imports=opset, ir_version=9), file)
    return file


@pytest.fixture
def onnx_file(module, tmp_path):
    return save_onnx(module, tmp_path / "tiny.onnx")


def get(id):
    return extractors.get(id, device="cpu", precision="fp32")


def batch_of(extractor, photos):
    return np.stack([extractor.prepare(photo) for photo in list(photos.values())[:3]])


def in_torch(module, squares, *, last):
    import torch

    pixels = ((squares / 255 - MEAN) / STD).astype(np.float32)
    with torch.inference_mode():
        found = module[: last + 1](torch.from_numpy(pixels).permute(0, 3, 1, 2))
        return (found.mean((2, 3)) if found.ndim == 4 else found).numpy()


def test_an_onnx_model_gives_its_output(module, onnx_file, photos):
    extractor = get(f"onnx:{onnx_file}")
    squares = batch_of(extractor, photos)
    assert squares.shape == (3, 64, 64, 3)
    expected = in_torch(module, squares, last=5)
    np.testing.assert_allclose(extractor.extract(squares), expected, atol=1e-4)


@pytest.mark.parametrize(("tensor", "last"), [("early", 0), ("late", 2), ("features", 4)])
def test_any_tensor_of_it_is_a_layer(module, onnx_file, photos, tensor, last):
    extractor = get(f"onnx:{onnx_file}@{tensor}")
    squares = batch_of(extractor, photos)
    expected = in_torch(module, squares, last=last)
    assert extractor.dimension == expected.shape[1]
    np.testing.assert_allclose(extractor.extract(squares), expected, atol=1e-4)
    names = [each.name for each in extractors.layers(f"onnx:{onnx_file}")]
    assert tensor in names


def test_its_layers_share_a_forward_pass(onnx_file, photos):
    ids = (f"onnx:{onnx_file}", f"onnx:{onnx_file}@early")
    opened = {id: get(id) for id in ids}
    [forward] = extractors.forward_passes(opened)
    squares = batch_of(opened[ids[0]], photos)
    for name, vectors in zip(forward.names, forward.extract(squares), strict=True):
        np.testing.assert_allclose(vectors, opened[name].extract(squares), atol=1e-5)


def test_what_is_told_beside_a_model_is_how_it_sees(onnx_file, photos):
    plain = get(f"onnx:{onnx_file}")
    told = {"resize": 0, "interpolation": "bilinear", "mean": [0, 0, 0], "std": [1, 1, 1]}
    onnx_file.with_suffix(".json").write_text(json.dumps(told))
    extractor = get(f"onnx:{onnx_file}")
    assert "whole image" in extractor.preprocessing
    assert extractor.weights_hash != plain.weights_hash  # its vectors are others
    left = Image.new("RGB", (300, 100))
    left.paste((255, 255, 255), (0, 0, 100, 100))
    assert extractor.prepare(left)[:, 0].min() == 255  # squashed, so the edge is still there
    assert plain.prepare(left).max() == 0  # cut out of the middle


def test_nonsense_beside_a_model_is_told(onnx_file):
    onnx_file.with_suffix(".json").write_text('{"means": [0, 0, 0]}')
    with pytest.raises(ExtractorError, match=r"tiny\.json.*means is not among .*mean"):
        get(f"onnx:{onnx_file}")


def test_a_model_of_one_image_at_a_time_is_widened(module, tmp_path, photos):
    file = save_onnx(module, tmp_path / "one.onnx", batch=1)
    extractor = get(f"onnx:{file}")
    squares = batch_of(extractor, photos)
    expected = in_torch(module, squares, last=5)
    np.testing.assert_allclose(extractor.extract(squares), expected, atol=1e-4)


def test_what_is_no_onnx_is_named(tmp_path):
    (tmp_path / "wrong.onnx").write_bytes(b"not a model")
    with pytest.raises(ExtractorError, match=r"wrong\.onnx cannot be used as an ONNX model"):
        get(f"onnx:{tmp_path / 'wrong.onnx'}")
    with pytest.raises(ExtractorError, match=r"no file .*none\.onnx"):
        get(f"onnx:{tmp_path / 'none.onnx'}")


@pytest.fixture
def script(module, tmp_path, monkeypatch):
    import torch

    monkeypatch.setenv("EXPLORER_MODELS", str(tmp_path / "models"))
    file = tmp_path / "tiny.pt"
    torch.jit.save(torch.jit.trace(module[:3], torch.zeros(1, 3, 64, 64)), str(file))
    file.with_suffix(".json").write_text('{"crop": 64}')
    return file


def test_torchscript_is_not_run_before_it_is_trusted(script):
    with pytest.raises(ExtractorError, match=r"tiny\.pt is a program.*extractors trust"):
        get(f"torchscript:{script}")


def test_trusted_torchscript_gives_its_output_averaged_over_the_image(script, module, photos):
    extractors.trust(script)
    extractor = get(f"torchscript:{script}")
    squares = batch_of(extractor, photos)
    assert extractor.dimension == 8
    expected = in_torch(module, squares, last=2)
    np.testing.assert_allclose(extractor.extract(squares), expected, atol=1e-4)


def test_trust_is_in_the_content_and_not_in_the_name(script):
    import torch

    extractors.trust(script)
    torch.jit.save(torch.jit.script(torch.nn.Conv2d(3, 8, 1)), str(script))
    with pytest.raises(ExtractorError, match="is a program"):
        get(f"torchscript:{script}")
