from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from explorer import extractors
from explorer.extractors.network import Network

SAMPLES = Path(__file__).parents[2] / "sample_data"


@pytest.fixture(scope="session", autouse=True)
def shared_models(models):
    """Every test here uses the tests' own model cache."""


@pytest.fixture(scope="session")
def lite0():
    return extractors.get("efficientnet-lite0", device="cpu", precision="fp32")


@pytest.fixture(scope="session")
def photos():
    """All sample photos by path, such as "fish/fish1.jpg"."""
    return {
        path.relative_to(SAMPLES).as_posix(): Image.open(path).convert("RGB")
        for path in sorted(SAMPLES.glob("*/*.jpg"))
    }


@pytest.fixture(scope="session")
def crops(lite0, photos):
    return np.stack([lite0.prepare(photo) for photo in photos.values()])


@pytest.fixture(scope="session")
def vectors(lite0, crops):
    return lite0.extract(crops)


@pytest.fixture
def tiny():
    """The smallest network worth the name: one convolution with fixed random weights."""

    def build():
        import torch

        torch.manual_seed(0)
        return torch.nn.Sequential(
            torch.nn.Conv2d(3, 5, 3), torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten()
        )

    return Network(
        id="tiny",
        version="1",
        weights_hash="0" * 64,
        input_side=8,
        dimension=5,
        mean=(127.0, 127.0, 127.0),
        scale=(128.0, 128.0, 128.0),
        build=build,
    )
