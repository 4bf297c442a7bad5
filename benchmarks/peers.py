"""The same folder through tools that others wrote, each in an environment of its own.

    python -m benchmarks.peers [--environments FOLDER] [--json FOLDER]

A peer that does not install or run here is a row that says so. Rates are images/s of the whole
process but its imports, with the peer's defaults on the CPU. Where a peer's weights cannot be
downloaded, its network runs on random ones, which takes as long, and the row says so.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.corpus import PHOTOS, build
from benchmarks.machine import save
from explorer import EmbedSettings, embed

_SHARED = """
import json, sys, time
from importlib.metadata import version
from pathlib import Path
folder, work = Path(sys.argv[1]), sys.argv[2]
paths = sorted(str(path) for path in folder.rglob("*.*"))
weights = "its own"

def built(build):
    global weights
    try:
        return build()
    except OSError:  # urllib's URLError is one
        import torch
        from torchvision.models import _api
        _api.WeightsEnum.get_state_dict = lambda self, *args, **options: {}
        torch.nn.Module.load_state_dict = lambda self, *args, **options: None
        weights = "random"
        return build()
"""
_REPORT = """
figures = {"images_per_second": len(paths) / seconds, "weights": weights}
print(json.dumps(figures | {"version": version(PACKAGE)}))
"""


@dataclass(frozen=True)
class Peer:
    """A package, what it needs, and a script that leaves `seconds`."""

    name: str
    package: str
    requirements: tuple[str, ...]
    script: str


PEERS = (
    Peer(
        "fastdup (its own ONNX model, 576 dimensions)",
        "fastdup",
        ("fastdup",),
        """
import fastdup
started = time.perf_counter()
fastdup.create(work_dir=work, input_dir=str(folder)).run(verbose=False)
seconds = time.perf_counter() - started
""",
    ),
    Peer(
        "imagededup (CNN: MobileNetV3)",
        "imagededup",
        ("imagededup", "setuptools<81"),
        """
from imagededup.methods import CNN
method = built(CNN)
started = time.perf_counter()
method.encode_images(image_dir=str(folder), recursive=True)
seconds = time.perf_counter() - started
""",
    ),
    Peer(
        "img2vec_pytorch (ResNet-18)",
        "img2vec_pytorch",
        ("img2vec_pytorch",),
        """
from PIL import Image
from img2vec_pytorch import Img2Vec
model = built(lambda: Img2Vec(cuda=False))
started = time.perf_counter()
for start in range(0, len(paths), 32):
    model.get_vec([Image.open(path).convert("RGB") for path in paths[start : start + 32]])
seconds = time.perf_counter() - started
""",
    ),
    Peer(
        "as clip-retrieval does it (open_clip ViT-B/32, DataLoader with 2 workers)",
        "open_clip_torch",
        ("open_clip_torch",),
        """
import torch, open_clip
from PIL import Image
from torch.utils.data import DataLoader, Dataset
try:
    model, _, prepare = open_clip.create_model_and_transforms("ViT-B-32", "laion2b_s34b_b79k")
except Exception:
    model, _, prepare = open_clip.create_model_and_transforms("ViT-B-32")
    weights = "random"
model.eval()

class Photos(Dataset):
    def __len__(self):
        return len(paths)

    def __getitem__(self, row):
        return prepare(Image.open(paths[row]))

started = time.perf_counter()
with torch.inference_mode():
    for batch in DataLoader(Photos(), batch_size=256, num_workers=2):
        model.encode_image(batch)
seconds = time.perf_counter() - started
""",
    ),
    Peer(
        "FiftyOne (compute_embeddings, MobileNet v2)",
        "fiftyone",
        ("fiftyone", "torch", "torchvision"),
        """
import fiftyone, fiftyone.zoo
dataset = fiftyone.Dataset.from_images(paths)
model = fiftyone.zoo.load_zoo_model("mobilenet-v2-imagenet-torch")
started = time.perf_counter()
dataset.compute_embeddings(model)
seconds = time.perf_counter() - started
""",
    ),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--environments", type=Path, default=Path("cache/.benchmarks/peers"))
    parser.add_argument("--json", type=Path, default=Path("benchmarks/results"))
    given = parser.parse_args()
    folder = build(PHOTOS, Path("cache/.benchmarks"))
    results: dict[str, Any] = {}
    for peer in PEERS:
        ours = {"images_per_second": explorer_rate(folder)}
        results[peer.name] = ours | {"peer": measure(peer, folder, given.environments)}
        save("peers", {"images": PHOTOS.images, "peers": results}, given.json)
    for name, each in results.items():
        print(name, each)


def explorer_rate(folder: Path) -> float:
    """Images/s of our whole job without the analysis, next to each peer in time."""
    with tempfile.TemporaryDirectory(prefix="explorer-bench-") as cache:
        report = embed(folder, cache=cache, settings=EmbedSettings(analyze=False))
        return report.embedded / report.seconds


def measure(
    peer: Peer, folder: Path, environments: Path, *, time_limit: float = 900
) -> dict[str, Any]:
    """images_per_second and version, or why it could not be timed.

    The environment is kept for the next time.
    """
    home = (environments / peer.package).resolve()
    python = home / "bin" / "python"
    steps = (
        ()
        if python.exists()
        else (
            ("made", [sys.executable, "-m", "venv", str(home)]),
            ("installed", [str(python), "-m", "pip", "install", "-q", *peer.requirements]),
        )
    )
    script = f"{_SHARED}PACKAGE = {peer.package!r}\n{peer.script}{_REPORT}"
    with tempfile.TemporaryDirectory(prefix="explorer-peer-") as work:
        run = [str(python), "-c", script, str(folder.resolve()), work]
        try:
            for what, command in steps:
                done = subprocess.run(command, capture_output=True, text=True, timeout=time_limit)
                if done.returncode:
                    return {"failed": f"could not be {what}"}
            done = subprocess.run(run, capture_output=True, text=True, timeout=time_limit)
        except subprocess.TimeoutExpired:
            return {"failed": f"took longer than {time_limit:.0f} s"}
    if done.returncode:
        # The kind of error alone: its text may hold paths.
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        return {"failed": f"could not be run: {last.split(':')[0]}"}
    lines = [line for line in done.stdout.splitlines() if line.startswith('{"images_per')]
    answer: dict[str, Any] = json.loads(lines[-1])
    return answer


if __name__ == "__main__":
    main()
