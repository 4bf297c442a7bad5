"""`text-layout`: where text stands in an image, and how much; not what it says."""

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PIL import Image

from explorer.errors import ExtractorError
from explorer.extractors.base import ExtractorInfo, FromInfo
from explorer.extractors.model_cache import sha256
from explorer.extractors.network import BATCH_SIZE, Network
from explorer.extractors.openvino_backend import import_openvino
from explorer.extractors.pixels import Square
from explorer.extractors.presence import with_absence
from explorer.extractors.registry import register
from explorer.extractors.runtime import Runner

if TYPE_CHECKING:
    import openvino

_SQUARE = Square(side=512, short_side=0, interpolation="bilinear")
_CELLS = 8  # in a row, and in a column
_STEP = 4  # pixels to a point of the map that is looked at
_THICK = 7  # points: what is thicker in both directions is no line of text but a thing
_THRESHOLD = 0.3  # from which on the detector's authors take a pixel for text
_SURE = 0.005  # of the image covered by text, from which on there certainly is some
_FILE = "ch_PP-OCRv4_det_infer.onnx"
_EXTRA = "embedding-space-explorer[text]"

_DIMENSION_NAMES = (
    *(f"text in row {y + 1}, column {x + 1}" for y in range(_CELLS) for x in range(_CELLS)),
    "no text",
)


def _model() -> Path | None:
    """The detector's file; its package is not imported, which would need OpenCV."""
    spec = importlib.util.find_spec("rapidocr_onnxruntime")
    return Path(spec.origin).parent / "models" / _FILE if spec and spec.origin else None


_INFO = ExtractorInfo(
    id="text-layout",
    dimension=len(_DIMENSION_NAMES),
    input_size=_SQUARE.side,
    sees="Where text stands and how much of it: pages, signs, captions, screens; ignores what it "
    "says and all that is no text. All pictures without text are alike.",
    licence="Apache-2.0",
    needs="" if _model() else _EXTRA,
    size=4_745_517,
)


@register(_INFO)
class TextLayout(FromInfo, info=_INFO):
    """An Extractor that pools the map of a text detector into a grid of 8 x 8 cells.

    The detector is PP-OCRv4's (DBNet, Liao et al. 2020), as rapidocr-onnxruntime ships it. It sees
    the whole image squashed to 512 x 512, so it finds text from a fiftieth of the height on;
    very large letters count as things. A cell holds the square root of its share of text; vectors
    are non-negative and of length 1, and the last dimension takes over where there is no text.
    """

    preprocessing = f"{_SQUARE}, BGR, (x - 127.5) / 127.5"
    dimension_names = _DIMENSION_NAMES
    """One per dimension, row 1 being the top."""

    def __init__(self, *, device: str, precision: str) -> None:
        file = _model()
        if file is None or not file.is_file():
            raise ExtractorError(f"text-layout needs its detector: pip install '{_EXTRA}'")
        if device not in ("auto", "cpu"):
            raise ExtractorError("text-layout runs on the CPU only: use --device cpu.")
        self.weights_hash = sha256(file)
        network = Network(
            id=self.id,
            version=self.version,
            weights_hash=self.weights_hash,
            input_side=_SQUARE.side,
            dimension=_CELLS**2,
            mean=(127.5,) * 3,
            scale=(127.5,) * 3,
            build=lambda: _pooled(file),
        )
        self._run = Runner(network, device="cpu", precision=precision)
        self.precision = self._run.precision

    def prepare(self, image: Image.Image) -> npt.NDArray[np.uint8]:
        """The whole image as (512, 512, 3) uint8, blue first, its shape not kept."""
        return np.ascontiguousarray(_SQUARE.cut(image)[..., ::-1])

    def extract(self, batch: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """Vectors (b, 65) float32 of squares (b, 512, 512, 3) uint8."""
        shares = self._run(batch).clip(0, 1)
        return with_absence(np.sqrt(shares), shares.mean(axis=1) / _SURE)


def _pooled(file: Path) -> "openvino.Model":
    """The detector with the mean of its map in each cell as its output, as OpenVINO's model."""
    openvino = import_openvino()
    opset = openvino.opset13
    model = openvino.Core().read_model(file)
    model.reshape([BATCH_SIZE, 3, _SQUARE.side, _SQUARE.side])
    found = model.output(0).get_node().input_value(0)  # (b, 1, side, side), 0 to 1
    sure = opset.relu(opset.subtract(found, np.float32(_THRESHOLD)))
    coarse = _mean_of(sure, _STEP)
    # Opened (eroded, then dilated) the map has only what is thick: the detector takes many a thing
    # on plain ground for a huge letter.
    eroded = opset.negative(_largest_of(opset.negative(coarse), _THICK))
    lines = opset.subtract(coarse, _largest_of(eroded, _THICK))
    grid = _mean_of(opset.relu(lines), _SQUARE.side // _STEP // _CELLS)
    flat = opset.reshape(grid, [BATCH_SIZE, _CELLS**2], False)
    return openvino.Model([opset.result(flat)], model.get_parameters(), "text-layout")


def _mean_of(node: "openvino.Node", side: int) -> "openvino.Node":
    """The means of squares that lie side by side."""
    opset = import_openvino().opset13
    return opset.avg_pool(node, [side] * 2, [0] * 2, [0] * 2, [side] * 2, True)


def _largest_of(node: "openvino.Node", side: int) -> "openvino.Node":
    """For each point the largest value of the square around it, by rows and then by columns."""
    opset = import_openvino().opset13
    for window in ([side, 1], [1, side]):
        pads = [each // 2 for each in window]
        node = opset.max_pool(node, [1, 1], [1, 1], pads, pads, window).output(0)
    return node
