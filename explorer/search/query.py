"""Asking a space for what is alike: by an image of the dataset, by a new image, by a vector."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from explorer import extractors
from explorer.analysis import unit_rows
from explorer.errors import ExtractorError, ImageError, NotPossibleError
from explorer.images import SafeDecoder
from explorer.search.crop import Crop
from explorer.store import Dataset, Ids, Space

Similarities = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Hit:
    """One answer: an image of the dataset and its cosine similarity to the query (-1 to 1).

    Asked by words in a space that knows them by classes, `similarity` is the probability that the
    image shows what they say (see `by_words`).
    """

    image_id: int
    path: str
    similarity: float
    label: str | None


def by_image(space: Space, image_id: int, k: int) -> tuple[Ids, Similarities]:
    """Neighbours of an image of the dataset: from the stored graph as far as that reaches."""
    stored = space.neighbors(image_id, k)
    if len(stored[0]) >= min(k, len(space) - 1):
        return stored
    return by_vector(space, space.vector(image_id), k=k, leave_out=[image_id])


def by_vector(
    space: Space, vector: npt.NDArray[np.float32], *, k: int, leave_out: Sequence[int] = ()
) -> tuple[Ids, Similarities]:
    """The `k` images nearest to a vector (d,) by cosine: ids and similarities, nearest first."""
    query = unit_rows(vector[None])
    similarities, ids = space.index().search(query, min(k + len(leave_out), len(space)))
    keep = (ids[0] >= 0) & ~np.isin(ids[0], leave_out) & np.isin(ids[0], space.image_ids)
    return ids[0][keep][:k], np.clip(similarities[0][keep][:k], -1, 1)


def rocchio(
    wanted: Sequence[npt.NDArray[np.float32]],
    unwanted: Sequence[npt.NDArray[np.float32]],
    *,
    less: float,
) -> npt.NDArray[np.float32]:
    """One query vector (d,) from examples for and against (Rocchio 1971; `less` is his γ)."""
    vector = unit_rows(wanted).mean(axis=0)
    if unwanted:
        vector = vector - less * unit_rows(unwanted).mean(axis=0)
    return np.asarray(vector, np.float32)


def read_image(path: str | Path) -> bytes:
    """The bytes of an image file. Raises `ImageError` when it cannot be read."""
    try:
        return Path(path).expanduser().read_bytes()
    except OSError as error:
        raise ImageError(f"{path} cannot be read: {error.strerror}.") from error


def embed_image(space: Space, data: bytes, *, crop: Crop | None = None) -> npt.NDArray[np.float32]:
    """The vector (d,) of an image file's bytes, or of a part of it, made as the space's own were.

    Raises `ImageError` when it is not an image, `UsageError` when the crop is less than a pixel,
    `ExtractorError` when the extractor is not the one that made the space.
    """
    extractor = extractor_of(space)
    side = extractor.input_size
    with SafeDecoder() as decoder:
        image = decoder.decode(data, min_side=crop.min_side(side) if crop else side).image
    if crop:
        image = crop.cut(image)
    with extractors.blaming(space.id, "the image"):
        return extractor.extract(extractor.prepare(image)[None])[0]


def extractor_of(space: Space, *, device: str = "auto") -> extractors.Extractor:
    """The extractor that made a space. Raises `ExtractorError` when it is another one by now.

    Raises `NotPossibleError` for vectors that were imported.
    """
    if space.info.imported:
        raise NotPossibleError(
            f"The vectors of {space.id!r} were imported, so a new image cannot be placed among "
            "them. Search by an image of the dataset instead."
        )
    weights = space.info.weights_file or None
    extractor = _extractor(space.id, space.info.precision, device, weights)
    if (extractor.version, extractor.weights_hash) != (space.info.version, space.info.weights_hash):
        raise ExtractorError(
            f"The extractor {space.id!r} has changed since the space was made, so a new image "
            f"cannot be compared with it. Remove {space.root} and embed again."
        )
    return extractor


@lru_cache(maxsize=4)
def _extractor(
    extractor_id: str, precision: str, device: str, weights: str | None
) -> extractors.Extractor:
    """Kept, because those who ask once ask again, and loading a model takes a second."""
    return extractors.get(extractor_id, precision=precision, device=device, weights=weights)


def hits(dataset: Dataset, ids: Ids, similarities: Similarities) -> list[Hit]:
    """Ids and similarities with what people want to read beside them."""
    told = dataset.table(["path", "label"])
    found = []
    for image_id, similarity in zip(ids.tolist(), similarities.tolist(), strict=True):
        (image,) = told.slice(dataset.row(image_id), 1).to_pylist()
        found.append(Hit(image_id, image["path"], similarity, image["label"]))
    return found
