"""What a process of its own does: nothing is sent anywhere, and torch stays out of queries."""

import os
import subprocess
import sys

import pytest

WATCH = """
import os, sys
def watch(event, _):
    if event.startswith(("socket.connect", "socket.getaddrinfo", "socket.sendto", "urllib")):
        # Written, not raised: senders swallow exceptions, and may sit in a forked child.
        with open(os.environ["WATCHED"], "a") as file:
            print(event, file=file)
sys.addaudithook(watch)
"""

CONVERT = """
import dataclasses, numpy as np, torch
from explorer.extractors.network import Network
from explorer.extractors.runtime import Runner

def build():
    return torch.nn.Sequential(torch.nn.Conv2d(3, 5, 8), torch.nn.Flatten())

network = Network(id="tiny", version="1", weights_hash="0" * 64, input_side=8, dimension=5,
                  mean=(0.0,) * 3, scale=(1.0,) * 3, build=build)
Runner(network, device="cpu")(np.zeros((3, 8, 8, 3), np.uint8))
import multiprocessing
assert not multiprocessing.active_children()
"""

QUERY = """
import sys
import numpy as np
from explorer import extractors
extractor = extractors.get("efficientnet-lite0", device="cpu", precision="fp32")
vectors = extractor.extract(np.zeros((1, 224, 224, 3), np.uint8))
assert extractor.classify(vectors).shape == (1, 1000)
heavy = {"torch", "timm", "torchvision", "umap", "numba"} & set(sys.modules)
assert not heavy, heavy
"""


def run(script, tmp_path, **variables):
    home = tmp_path / "home"
    home.mkdir()
    kept = {name: value for name, value in os.environ.items() if name not in ("CI", "HOME")}
    environment = kept | {"HOME": str(home), "PYTHONPATH": os.getcwd(), **variables}
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done, home


@pytest.mark.parametrize(
    "first", ["", "os.environ['CI'] = 'true'; import openvino; del os.environ['CI']"]
)
def test_a_conversion_reports_to_nobody(tmp_path, first):
    watched = tmp_path / "watched"
    _, home = run(
        f"{WATCH}\n{first}\n{CONVERT}",
        tmp_path,
        WATCHED=str(watched),
        EXPLORER_MODELS=str(tmp_path / "models"),
    )
    assert not watched.exists(), watched.read_text()
    assert not (home / "intel").exists()  # where openvino-telemetry keeps its ids
    assert list((tmp_path / "models").iterdir())


def test_a_query_needs_no_torch(tmp_path, lite0, vectors):
    lite0.classify(vectors[:1])
    done, _ = run(QUERY, tmp_path)
    assert done.stderr == ""
