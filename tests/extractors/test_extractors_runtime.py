import dataclasses
import json
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from explorer import extractors
from explorer.errors import ExtractorError
from explorer.extractors import openvino_backend, torch_backend
from explorer.extractors.model_cache import model_folder
from explorer.extractors.network import BATCH_SIZE
from explorer.extractors.openvino_backend import round_keeping_sums
from explorer.extractors.runtime import Runner

PRECISIONS = [
    "fp32",
    pytest.param(
        "bf16",
        marks=pytest.mark.skipif(
            not openvino_backend.has_bf16(), reason="this CPU does not compute in bf16"
        ),
    ),
]


@pytest.fixture
def own_models(tmp_path, monkeypatch):
    monkeypatch.setenv("EXPLORER_MODELS", str(tmp_path))
    return tmp_path


@pytest.fixture
def images():
    return np.random.default_rng(0).integers(0, 256, (BATCH_SIZE, 8, 8, 3), np.uint8)


@pytest.mark.parametrize("precision", PRECISIONS)
def test_a_vector_does_not_depend_on_its_batch(crops, precision):
    extract = extractors.get("efficientnet-lite0", device="cpu", precision=precision).extract
    together = extract(crops[:37])
    assert np.array_equal(extract(crops[:BATCH_SIZE]), together[:BATCH_SIZE])
    assert np.array_equal(extract(crops[2:7]), together[2:7])
    for row in (0, 7, 15, 36):
        assert np.array_equal(extract(crops[row : row + 1])[0], together[row])


@given(
    hnp.arrays(
        np.float32, (3, 1, 1, 3, 3), elements=st.floats(-2, 2, width=32, allow_subnormal=False)
    )
)
def test_rounding_keeps_the_sums_of_kernels(weights):
    rounded = round_keeping_sums(weights)
    assert rounded.shape == weights.shape
    assert not (rounded.view(np.uint32) & 0xFFFF).any()  # bf16 values, so rounded no further
    sums, kept = (each.astype(np.float64).reshape(3, 9).sum(1) for each in (weights, rounded))
    # Half of the finest step that any weight of the kernel can take would be perfect.
    largest = np.abs(weights).reshape(3, 9).max(1)
    assert (np.abs(kept - sums) <= largest * 2**-8 + 1e-37).all()
    # Each weight goes to one of its two neighbours.
    assert (np.abs(rounded - weights) <= np.abs(weights) * 2**-7 + 1e-37).all()


@pytest.mark.skipif(not openvino_backend.has_bf16(), reason="this CPU does not compute in bf16")
def test_bf16_is_nearer_to_fp32_for_the_rounding(crops, vectors, own_models, monkeypatch):
    def drift():
        bf16 = extractors.get("efficientnet-lite0", device="cpu", precision="bf16").extract(crops)
        cosines = (bf16 * vectors).sum(1) / np.linalg.norm(bf16, axis=1)
        return float((1 - cosines / np.linalg.norm(vectors, axis=1)).mean())

    ours = drift()
    monkeypatch.setattr(openvino_backend, "round_keeping_sums", lambda weights: weights)
    monkeypatch.setenv("EXPLORER_MODELS", str(own_models / "plain"))
    assert ours < 0.7 * drift()


def test_each_precision_has_a_model_of_its_own(tiny, images, own_models, monkeypatch):
    monkeypatch.setattr(openvino_backend, "has_bf16", lambda: True)
    for precision in ("fp32", "bf16"):
        Runner(tiny, device="cpu", precision=precision)(images)
    assert len(list(own_models.iterdir())) == 2


def test_no_image_gives_no_vector(tiny):
    assert Runner(tiny, device="cpu")(np.empty((0, 8, 8, 3), np.uint8)).shape == (0, 5)


def test_threads_may_share_a_runner(tiny, images):
    run = Runner(tiny, device="cpu", precision="fp32")
    with ThreadPoolExecutor(8) as pool:
        vectors = list(pool.map(lambda row: run(images[row : row + 1])[0], range(BATCH_SIZE)))
    assert np.array_equal(np.stack(vectors), run(images))


def test_without_openvino_torch_computes_the_same(tiny, images, monkeypatch):
    expected = Runner(tiny, device="cpu", precision="fp32")(images)
    for name in [name for name in sys.modules if name.split(".")[0] == "openvino"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "openvino", None)
    run = Runner(tiny, device="cpu")
    assert run.precision == "fp32"
    np.testing.assert_allclose(run(images), expected, atol=1e-4)


def test_a_model_is_converted_once(tiny, images, own_models):
    expected = Runner(tiny, device="cpu", precision="fp32")(images)
    again = Runner(dataclasses.replace(tiny, build=None), device="cpu", precision="fp32")
    assert np.array_equal(again(images), expected)


@pytest.mark.parametrize("change", [{"version": "2"}, {"weights_hash": "1" * 64}, {"id": "a/b"}])
def test_another_version_or_other_weights_are_another_model(tiny, images, own_models, change):
    Runner(tiny, device="cpu")(images)
    Runner(dataclasses.replace(tiny, **change), device="cpu")(images)
    assert len(list(own_models.iterdir())) == 2


def test_a_damaged_model_is_converted_again(tiny, images, own_models):
    expected = Runner(tiny, device="cpu", precision="fp32")(images)
    [folder] = own_models.iterdir()
    (folder / "model.bin").write_bytes(b"")
    assert np.array_equal(Runner(tiny, device="cpu", precision="fp32")(images), expected)


@pytest.mark.parametrize("name", ["weights", "manifest.json"])
@pytest.mark.parametrize("damage", [b"", b"[1]", None], ids=["emptied", "overwritten", "deleted"])
def test_a_damaged_folder_is_made_again(own_models, name, damage):
    def build(folder):
        (folder / "weights").write_text("good")

    folder = model_folder("key", build)
    if damage is None:
        (folder / name).unlink()
    else:
        (folder / name).write_bytes(damage)
    assert model_folder("key", build) == folder
    assert (folder / "weights").read_text() == "good"
    assert json.loads((folder / "manifest.json").read_text()).keys() == {"weights"}
    assert list(own_models.iterdir()) == [folder]


def test_a_build_that_fails_leaves_nothing(own_models):
    def build(folder):
        (folder / "half").write_text("x")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        model_folder("key", build)
    assert list(own_models.iterdir()) == []


def test_another_process_may_make_the_same_model_meanwhile(own_models):
    def build(folder):
        (folder / "file").write_text("same")

    def slow_build(folder):
        build(folder)
        model_folder("key", build)

    assert (model_folder("key", slow_build) / "file").read_text() == "same"
    assert [path.name for path in own_models.iterdir()] == ["key"]


def test_a_model_cache_that_cannot_be_written_is_named(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("EXPLORER_MODELS", str(tmp_path / "file" / "models"))
    with pytest.raises(ExtractorError, match=r"file.models.*EXPLORER_MODELS"):
        model_folder("key", lambda folder: None)


def test_a_network_that_cannot_be_loaded_is_named(tiny, images, own_models):
    def build():
        raise RuntimeError("size mismatch")

    with pytest.raises(ExtractorError, match=r"tiny .* cpu in fp32: size mismatch"):
        Runner(dataclasses.replace(tiny, build=build), device="cpu", precision="fp32")(images)


def test_unknown_devices_and_precisions_are_refused(tiny):
    with pytest.raises(ExtractorError, match="'tpu'"):
        Runner(tiny, device="tpu")
    with pytest.raises(ExtractorError, match="'int8'"):
        Runner(tiny, precision="int8")


def test_a_device_that_is_not_here_is_refused(tiny, monkeypatch):
    monkeypatch.setattr(torch_backend, "accelerator", lambda: None)
    with pytest.raises(ExtractorError, match="no cuda device"):
        Runner(tiny, device="cuda")


def test_bf16_is_refused_or_not_taken_where_the_cpu_lacks_it(tiny, monkeypatch):
    monkeypatch.setattr(openvino_backend, "has_bf16", lambda: False)
    assert Runner(tiny, device="cpu").precision == "fp32"
    with pytest.raises(ExtractorError, match="bf16"):
        Runner(tiny, device="cpu", precision="bf16")


def test_an_accelerator_is_taken_when_there_is_one(tiny, monkeypatch):
    monkeypatch.setattr("explorer.extractors.runtime._may_have_accelerator", lambda: True)
    monkeypatch.setattr(torch_backend, "accelerator", lambda: "mps")
    assert Runner(tiny).device == "mps"
    monkeypatch.setattr(torch_backend, "accelerator", lambda: None)
    assert Runner(tiny).device == "cpu"


def test_what_openvino_has_no_words_for_is_run_by_torch(tiny, images, own_models):
    import torch

    class Odd(torch.nn.Module):
        def forward(self, pixels):
            matrices = pixels[:, :2, :2, :2].contiguous()
            return torch.linalg.matrix_exp(matrices / 8).flatten(1)[:, :5]

    odd = dataclasses.replace(tiny, id="odd", build=Odd)
    found = Runner(odd, device="cpu", precision="fp32")(images)
    expected = torch_backend.load(odd, device="cpu", precision="fp32")(images)
    np.testing.assert_allclose(found, expected, rtol=1e-4)


def test_a_long_name_of_a_model_is_cut_and_stays_its_own(own_models):
    def build(folder):
        (folder / "file").write_text("")

    keys = [f"onnx:/{'folder/' * 60}{name}.onnx" for name in "ab"]
    assert model_folder(keys[0], build) != model_folder(keys[1], build)
    assert model_folder(keys[0], build) == model_folder(keys[0], None)
