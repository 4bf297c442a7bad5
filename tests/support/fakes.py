"""What the tests of several rooms share: two quick extractors, and images made from a number."""

import io
import json
from pathlib import Path

import numpy as np
from PIL import Image

from explorer import batch
from explorer.extractors import ExtractorInfo, register
from explorer.store import Dataset, open_dataset


class Fake:
    """An extractor of 8 dimensions: mean colours of the quarters and of the whole. No model."""

    version = "1"
    dimension = 8
    input_size = 8
    weights_hash = ""
    preprocessing = "4 x 4 means"
    precision = "fp32"

    def __init__(self, info: ExtractorInfo) -> None:
        self.id = info.id
        self.sees = info.sees

    def prepare(self, image: Image.Image) -> np.ndarray:
        return np.asarray(image.resize((4, 4), Image.Resampling.BOX))

    def extract(self, batch: np.ndarray) -> np.ndarray:
        gray = batch.astype(np.float32).mean(-1)
        quarters = [gray[:, y : y + 2, x : x + 2].mean((1, 2)) for y in (0, 2) for x in (0, 2)]
        colors = batch.astype(np.float32).mean((1, 2)).T
        return np.stack([*quarters, *colors, np.ones(len(batch), np.float32)], axis=1) / 255


for _id in ("fake", "fake-2"):
    _info = ExtractorInfo(
        id=_id, dimension=8, input_size=8, sees="Mean colours, for tests.", licence="Apache-2.0"
    )
    register(_info)(lambda device, precision, info=_info: Fake(info))


def picture(number: int) -> Image.Image:
    """A picture of 24 x 20 pixels like no other number's."""
    colors = np.random.default_rng(number).integers(0, 256, (3, 3, 3), np.uint8)
    return Image.fromarray(colors).resize((24, 20), Image.Resampling.BICUBIC)


def image_bytes(number: int, format: str = "JPEG") -> bytes:
    """`picture(number)` as a file."""
    out = io.BytesIO()
    picture(number).save(out, format)
    return out.getvalue()


def fill(folder: Path, names: dict[str, int | bytes]) -> Path:
    """Write files: each the picture of a number, or the bytes given."""
    for name, content in names.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        data = content if isinstance(content, bytes) else image_bytes(content)
        path.write_bytes(data)
    return folder


def original(dataset: Dataset, image_id: int) -> Path:
    """The file of an image of a dataset that was made from a folder."""
    return Path(dataset.source) / dataset.relative_path(image_id)


def embed(source: Path, cache: Path, *, extractors=("fake",), part_size=8, workers=None, **more):
    """`batch.embed` with the fake extractor, without analysis; `more` are its other arguments."""
    settings = batch.EmbedSettings(
        extractors=tuple(extractors),
        spaces=more.pop("spaces", None),
        part_size=part_size,
        batch_size=4,
        workers=workers,
        analyze=False,
    )
    return batch.embed(source, cache=cache, settings=settings, **more)


def without_manifest(root: Path) -> None:
    """Make a dataset one from before there was a manifest."""
    (root / "manifest.json").unlink()
    info = json.loads((root / "dataset.json").read_text())
    del info["manifest"]
    (root / "dataset.json").write_text(json.dumps(info))


def analyzed(source: Path, cache: Path) -> Dataset:
    """A dataset with graph and columns; fewer than ten images need no UMAP."""
    report = embed(source, cache)
    batch.analyze(open_dataset(report.dataset, cache=cache))
    return open_dataset(report.dataset, cache=cache)
