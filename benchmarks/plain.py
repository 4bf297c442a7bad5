"""The pipeline people write: PIL, torchvision transforms, a DataLoader, fp32 eager torch.

    python -m benchmarks.plain FOLDER VECTORS.npy

It runs in a process of its own: torch's threads and its use of memory would slow what is measured
after it in the same one.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms

from explorer.extractors.efficientnet import LITES


class Photos(Dataset[Any]):
    """The images of a folder as tensors (3, 224, 224)."""

    def __init__(self, paths: list[Path]) -> None:
        self.paths = paths
        self.transform = transforms.Compose(
            [
                transforms.Resize(256, transforms.InterpolationMode.BICUBIC),
                transforms.CenterCrop(224),
                transforms.PILToTensor(),
            ]
        )

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: int) -> Any:
        picture = self.transform(Image.open(self.paths[index]).convert("RGB"))
        return (picture.float() - 127) / 128


def embed(
    model: torch.nn.Module, paths: list[Path], *, workers: int = 2, batch_size: int = 32
) -> npt.NDArray[np.float32]:
    """Vectors (n, d) float32, made as people make them."""
    loader = DataLoader(Photos(paths), batch_size=batch_size, num_workers=workers)
    with torch.inference_mode():
        return np.concatenate([model(batch).numpy() for batch in loader])


def reference_model() -> torch.nn.Module:
    """efficientnet-lite0 in eager torch."""
    lite0 = LITES[0]
    return lite0.load("", lite0.find_weights("")).eval()


def main(folder: str, vectors: str) -> None:
    """Embed the images of a folder, in the order of their paths, and print images/s as JSON."""
    model = reference_model()
    paths = sorted(Path(folder).rglob("*.*"))
    started = time.perf_counter()
    made = embed(model, paths)
    rate = len(paths) / (time.perf_counter() - started)
    np.save(vectors, made)
    print(json.dumps({"images_per_second": rate}))


def measure(folder: Path) -> tuple[npt.NDArray[np.float32], float]:
    """Vectors (n, d) and images/s without imports and the loading of the model."""
    with tempfile.TemporaryDirectory(prefix="explorer-bench-") as place:
        vectors = Path(place, "vectors.npy")
        command = [sys.executable, "-m", "benchmarks.plain", str(folder), str(vectors)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        rate: float = json.loads(done.stdout.splitlines()[-1])["images_per_second"]
        return np.load(vectors), rate


if __name__ == "__main__":
    main(*sys.argv[1:])
