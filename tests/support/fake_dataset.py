"""A synthetic dataset with as much of the store's interface as the routes and the map need."""

import io
import tempfile
from functools import lru_cache
from pathlib import Path

import numpy as np
import pyarrow as pa
from PIL import Image, ImageDraw

from explorer.store import ColumnMeta

FIRST_ID = 1000
BROKEN_ID = 1013  # has no thumbnail
GONE_ID = 1001  # its file has vanished
EVIL = '<img src=x onerror="window.hacked=1">"quoted" 🦉 ' + "x" * 300
NAMES = [EVIL, *[f"class {number:02d}" for number in range(1, 80)]]


class FakeSpace:
    """As much of a `Space` as the routes and the map need."""

    id = "fake:model/one"

    def __init__(self, dataset: "FakeDataset") -> None:
        rng = np.random.default_rng(0)
        n = dataset.n
        self.dataset = dataset
        self.image_ids = np.arange(n, dtype=np.int64) + FIRST_ID
        centers = rng.uniform(-10, 10, (40, 2))
        groups = np.minimum(rng.geometric(0.07, n) - 1, 39)
        noise = rng.standard_normal((n, 2)) * (0.3 + rng.random(40)[groups, None])
        place = (centers[groups] + noise).astype(np.float32)
        self.columns = {
            "image_id": pa.array(self.image_ids),
            "map_x": pa.array(place[:, 0]),
            "map_y": pa.array(place[:, 1]),
            "map_z": pa.array(rng.standard_normal(n).astype(np.float32)),
            "label": pa.DictionaryArray.from_arrays(groups, NAMES).cast(pa.string()),
            "cluster": pa.array(np.where(groups > 30, -1, groups)),
            "score": pa.array(np.where(rng.random(n) < 0.05, np.nan, place[:, 0] ** 2)),
        }
        self.column_names = list(self.columns)
        self.snapshot = object()
        self.groups = groups

    def column_meta(self, name: str) -> ColumnMeta:
        kind = "category" if name in ("label", "cluster") else "number"
        return ColumnMeta(kind, name.capitalize(), "")

    def arrow_column(self, name: str) -> pa.ChunkedArray:
        return pa.chunked_array([self.columns[name]])


class FakeDataset:
    """As much of a `Dataset` as the routes and the map need."""

    name = "fake é/set"
    space_ids = (FakeSpace.id,)

    def __init__(self, n: int) -> None:
        self.n = n
        self.root = Path(tempfile.mkdtemp())
        self.source = str(self.root)
        self.photo = self.root / "photo.png"
        Image.effect_mandelbrot((2400, 1200), (-2, -1, 1, 1), 60).convert("RGB").save(self.photo)

    def space(self, space_id: str) -> FakeSpace:
        return FakeSpace(self)

    def thumbnail(self, image_id: int) -> bytes:
        if not FIRST_ID <= image_id < FIRST_ID + self.n or image_id == BROKEN_ID:
            raise KeyError(image_id)
        return _thumbnail(image_id % 97)

    def relative_path(self, image_id: int) -> str:
        self.thumbnail(image_id)
        return self.photo.name if image_id != GONE_ID else "gone.png"


@lru_cache
def _thumbnail(number: int) -> bytes:
    rng = np.random.default_rng(number)
    picture = Image.new("RGB", (256, 192), tuple(int(part) for part in rng.integers(40, 220, 3)))
    pen = ImageDraw.Draw(picture)
    for _ in range(8):
        x, y = (int(part) for part in rng.integers(0, 200, 2))
        fill = tuple(int(part) for part in rng.integers(0, 255, 3))
        pen.ellipse([x, y, x + 70, y + 60], fill=fill)
    pen.text((8, 8), f"#{number}", fill="white", font_size=48, stroke_width=3, stroke_fill="black")
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG")
    return buffer.getvalue()
