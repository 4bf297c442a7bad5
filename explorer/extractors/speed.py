"""How fast extractors are on this machine: measured once, and remembered in the model cache."""

import json
import os
import platform
import time
from pathlib import Path

import numpy as np
from PIL import Image

from explorer.extractors.library import get
from explorer.extractors.model_cache import models_root

_IMAGES = 32  # a batch or two, whatever the size of a batch
_SECONDS = 1.0


def known_speeds() -> dict[str, float]:
    """Images/s by extractor, as measured here before; none that another machine measured."""
    try:
        kept = json.loads(_file().read_text())
        return {id: float(rate) for id, rate in kept["images_per_second"].items()}
    except (OSError, ValueError, LookupError, AttributeError, TypeError):
        return {}


def measure_speed(id: str) -> float:
    """Images/s of preparing and extracting by one extractor, which are then remembered.

    One thread prepares photos of 640 x 480 pixels that are decoded already. Raises ExtractorError
    when it cannot be loaded.
    """
    extractor = get(id)
    noise = np.random.default_rng(0).integers(0, 256, (15, 20, 3), np.uint8)
    photo = Image.fromarray(noise).resize((640, 480), Image.Resampling.BICUBIC)
    extractor.extract(np.stack([extractor.prepare(photo)] * _IMAGES))  # loads and warms up
    started, done = time.perf_counter(), 0
    while (seconds := time.perf_counter() - started) < _SECONDS:
        extractor.extract(np.stack([extractor.prepare(photo) for _ in range(_IMAGES)]))
        done += _IMAGES
    rate = done / seconds
    file = _file()
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_suffix(f".{os.getpid()}")
    beside.write_text(json.dumps({"images_per_second": known_speeds() | {id: rate}}))
    beside.replace(file)
    return rate


def _file() -> Path:
    machine = f"{platform.node()}-{platform.machine()}-{os.cpu_count()}"
    return models_root() / "speeds" / f"{machine}.json"
