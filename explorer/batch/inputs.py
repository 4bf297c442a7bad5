"""What the analyses may look at: gathered from a space and its dataset, each with a fingerprint."""

import hashlib
import json
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, fields
from functools import cache, partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc

from explorer import extractors
from explorer.analysis import Classes, read_alpha
from explorer.batch.progress import Progress, Report
from explorer.errors import ExtractorError, ImageError
from explorer.extractors import Classifier
from explorer.images import Measures, measure_jpeg
from explorer.store import Columns, Dataset, Space, Values

# Raise it when `measure_jpeg` would measure the same thumbnail otherwise.
MEASURES_VERSION = 2
CHUNK = 512  # thumbnails per report of progress


class Given:
    """The inputs that the dataset has: `inputs` by name, their `fingerprints`, codes' `names`."""

    def __init__(self, space: Space, on_progress: Report) -> None:
        dataset = space.dataset
        ids = space.image_ids
        wanted = ["label", "split", "content_hash", "width", "height", "alpha_means"]
        table = dataset.table(wanted).take(np.searchsorted(dataset.image_ids, ids))
        self.names: dict[str, list[str]] = {}
        self.inputs: dict[str, Any] = {}
        self.fingerprints: dict[str, str] = {}
        for column, name in (("label", "labels"), ("split", "splits"), ("content_hash", "content")):
            codes, self.names[name] = _codes(table[column].to_pylist())
            if codes is not None:
                self._give(name, codes, rows=ids, names="\n".join(self.names[name]))
        sides = [pc.fill_null(table[name], 0).to_numpy() for name in ("width", "height")]
        self._give("sizes", np.stack(sides, axis=1).astype(np.int64), rows=ids)
        if table["alpha_means"].null_count < len(table):  # early datasets know none
            self._give("alpha", read_alpha(table["alpha_means"].to_pylist()), rows=ids)
        self.inputs["pictures"] = cache(partial(measure_pictures, dataset, ids, on_progress))
        content = self.fingerprints.get("content", "")
        self.fingerprints["pictures"] = digest({"content": content, "version": MEASURES_VERSION})
        if "labels" not in self.inputs and (classes := _classes(space)):
            self.inputs["classes"] = classes
            self.fingerprints["classes"] = digest({"weights": space.info.weights_hash})

    def _give(self, name: str, values: Values, *, rows: Values, names: str = "") -> None:
        self.inputs[name] = values
        found = hashlib.sha256(rows.tobytes() + values.tobytes()).hexdigest()
        self.fingerprints[name] = digest({"rows": found, "names": names})


def _codes(values: list[str | None]) -> tuple[npt.NDArray[np.int64] | None, list[str]]:
    """Names as codes from 0 in alphabetical order, -1 where missing; None when all are."""
    names = sorted({value for value in values if value is not None})
    if not names:
        return None, names
    code = {name: number for number, name in enumerate(names)}
    return np.array([-1 if value is None else code[value] for value in values], np.int64), names


def _classes(space: Space) -> Classes | None:
    """What the space's extractor tells apart by itself, if it does and is the one that made it."""
    try:
        extractor = extractors.get(
            space.info.extractor,
            device="cpu",
            precision="fp32",
            weights=space.info.weights_file or None,
        )
    except ExtractorError:
        return None  # made elsewhere, or no longer installed
    made_it = extractor.weights_hash == space.info.weights_hash
    if not (made_it and isinstance(extractor, Classifier)):
        return None
    return Classes(extractor.class_names, extractor.classify)


def measure_pictures(
    dataset: Dataset, image_ids: npt.NDArray[np.int64], on_progress: Report
) -> dict[str, Values]:
    """What can be measured of the thumbnails of images, by name.

    NaN, or None for the hash, where there is no sound thumbnail; also where there is too little
    in the picture for a hash.
    """
    found: list[Measures | None] = []
    with ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="measure") as pool:
        for start in range(0, len(image_ids), CHUNK):
            chunk = image_ids[start : start + CHUNK].tolist()
            found.extend(pool.map(partial(_measure, dataset), chunk))
            on_progress(Progress("Measuring pictures", len(found), len(image_ids)))
    rows = [asdict(each) if each else {} for each in found]
    numbers = {
        name: np.array([row.get(name, np.nan) for row in rows], np.float32)
        for name in (field.name for field in fields(Measures) if field.name != "hash")
    }
    hashes = np.array([row.get("hash") for row in rows], object)
    return {**numbers, "hash": hashes}


def _measure(dataset: Dataset, image_id: int) -> Measures | None:
    try:
        return measure_jpeg(dataset.thumbnail(image_id))
    except (KeyError, ImageError):  # `explorer verify` tells of it
        return None


def last_values(before: Columns, space: Space, name: str) -> Values | None:
    """A column of the last run, for the images of the space as it is now.

    -1 or NaN where there was none, or where the image is another one now.
    """
    values = before.values.get(name)
    if values is None or values.dtype.kind not in "if":
        return None
    missing = np.nan if values.dtype.kind == "f" else -1
    found = np.full(len(space), missing, values.dtype)
    _, now, then = np.intersect1d(space.image_ids, before.image_ids, return_indices=True)
    found[now] = values[then]
    found[space.written_since(before.analyses["graph"].parts or 0)] = missing
    return found


def digest(parts: Mapping[str, object]) -> str:
    """16 hex digits that change with any of the parts."""
    return hashlib.sha256(json.dumps(dict(parts), sort_keys=True).encode()).hexdigest()[:16]
