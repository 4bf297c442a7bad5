"""`faces`: who is in the picture, by its largest face."""

import functools
import hashlib
import importlib.util
import threading
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PIL import Image

from explorer.errors import ExtractorError
from explorer.extractors.base import ExtractorInfo, FromInfo
from explorer.extractors.model_cache import sha256
from explorer.extractors.presence import with_absence
from explorer.extractors.registry import register

if TYPE_CHECKING:
    import dlib

_DESCRIPTOR = 128
_CHIP = 150  # pixels of the aligned face that the network takes
_SIDE = 640  # a face is found from about an eighth of the short side on: 80 pixels
_LARGEST = 2 * _SIDE  # a panorama is not searched at more than this
_FILES = ("shape_predictor_5_face_landmarks.dat", "dlib_face_recognition_resnet_model_v1.dat")
_EXTRA = "embedding-space-explorer[faces]"


def _models() -> Path | None:
    """The folder of the models; their package is not imported, which would need setuptools."""
    spec = importlib.util.find_spec("face_recognition_models")
    return Path(spec.origin).parent / "models" if spec and spec.origin else None


_INFO = ExtractorInfo(
    id="faces",
    dimension=_DESCRIPTOR + 1,
    input_size=_SIDE,
    sees="Who: the largest face in the picture, from the front; ignores everything else. All "
    "pictures without a face are alike.",
    licence="CC0-1.0",
    needs="" if _models() and importlib.util.find_spec("dlib") else _EXTRA,
    size=31_616_555,
)


@register(_INFO)
class Faces(FromInfo, info=_INFO):
    """An Extractor of the face descriptors of dlib (King 2009; a ResNet on 3 million faces).

    A face is found by dlib's HOG detector, turned upright by five landmarks, and described by 128
    numbers that are near for pictures of one person. Of several faces the largest counts. The
    last dimension is 1 where no face is found, and all others are 0 then.
    """

    preprocessing = (
        f"short side at most {_SIDE}, largest face by dlib's HOG detector, aligned to {_CHIP} x "
        f"{_CHIP}"
    )

    def __init__(self, **_: str) -> None:
        _dlib()
        folder = _models()
        try:
            hashes = [sha256(folder / name) for name in _FILES] if folder else []
        except OSError:
            hashes = []
        if not hashes:
            raise ExtractorError(f"faces needs its models: pip install '{_EXTRA}'")
        self._folder = folder or Path()
        self.weights_hash = hashlib.sha256(" ".join(hashes).encode()).hexdigest()
        self._of_thread = threading.local()

    def prepare(self, image: Image.Image) -> npt.NDArray[np.uint8]:
        """The largest face, upright, as (150, 150, 3) uint8; black where there is none."""
        dlib = _dlib()
        share = min(_SIDE / min(image.size), _LARGEST / max(image.size))
        if share < 1:
            width, height = (max(1, round(side * share)) for side in image.size)
            image = image.resize((width, height), Image.Resampling.BILINEAR)
        pixels = np.asarray(image)
        faces = self._detector(pixels)
        if not faces:
            return np.zeros((_CHIP, _CHIP, 3), np.uint8)
        largest = max(faces, key=lambda face: face.area())
        chip: npt.NDArray[np.uint8] = dlib.get_face_chip(
            pixels, self._landmarks(pixels, largest), size=_CHIP
        )
        return chip

    def extract(self, batch: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """Vectors (b, 129) float32 of aligned faces (b, 150, 150, 3) uint8."""
        found = batch.any(axis=(1, 2, 3))
        vectors = np.zeros((len(batch), _DESCRIPTOR), np.float32)
        for number in np.flatnonzero(found):
            vectors[number] = self._network.compute_face_descriptor(batch[number])
        return with_absence(vectors, np.array(found, np.float32))

    @property
    def _detector(self) -> "dlib.fhog_object_detector":
        # It keeps notes while it looks, so each thread has its own.
        if not hasattr(self._of_thread, "detector"):
            self._of_thread.detector = _dlib().get_frontal_face_detector()
        return self._of_thread.detector

    @functools.cached_property
    def _landmarks(self) -> "dlib.shape_predictor":
        return _dlib().shape_predictor(str(self._folder / _FILES[0]))

    @functools.cached_property
    def _network(self) -> "dlib.face_recognition_model_v1":
        return _dlib().face_recognition_model_v1(str(self._folder / _FILES[1]))


def _dlib() -> ModuleType:
    try:
        import dlib
    except ImportError as error:
        raise ExtractorError(f"faces needs dlib: pip install '{_EXTRA}'") from error
    return dlib
