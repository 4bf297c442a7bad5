"""Asking a space for what is alike: by images of the dataset, by a new image, by a vector."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from explorer import extractors
from explorer.errors import ExtractorError, ImageError, UsageError
from explorer.images import SafeDecoder
from explorer.store import Dataset, Space


@dataclass(frozen=True)
class Hit:
    """One answer: an image of the dataset and its cosine similarity to the query (-1 to 1)."""

    image_id: int
    path: str
    similarity: float
    label: str | None


def search(
    dataset: Dataset,
    *,
    image: str | Path | None = None,
    ids: Sequence[int] = (),
    minus: Sequence[int] = (),
    k: int = 10,
    space: str | None = None,
) -> list[Hit]:
    """The `k` images most like the query, nearest first.

    >>> for hit in search(dataset, ids=[3], k=2):
    ...     print(f"{hit.similarity:.1f} {hit.path}")
    0.7 ancient_ruin/wonders_greatWallofChina.jpg
    0.6 ancient_ruin/india_ajantaCave.jpg

    The query is an image file, or one or more images of the dataset by id; several are averaged,
    and `minus` are images to move away from (Rocchio 1971: mean of the wanted minus half the mean
    of the unwanted, on unit vectors). Images of the query itself are not among the answers.

    Raises `UsageError` when nothing or an unknown id is asked for, `ImageError` when the file
    cannot be read.
    """
    seen = dataset.space(space)
    if k < 1:
        raise UsageError(f"k is {k}; ask for at least one image.")
    if image is None and not ids:
        raise UsageError("Nothing to search for: give an image file or the id of an image.")
    for image_id in (*ids, *minus):
        dataset.row(image_id)  # an id that does not exist is one thing, a vector not there another
    if image is None and len(ids) == 1 and not minus:
        answers = by_image(seen, ids[0], k)
    else:
        wanted = [seen.vector(image_id) for image_id in ids]
        if image is not None:
            wanted.append(_embed_file(seen, image))
        unwanted = [seen.vector(image_id) for image_id in minus]
        answers = by_vector(seen, rocchio(wanted, unwanted), k=k, leave_out=[*ids, *minus])
    return hits(dataset, *answers)


def by_image(
    space: Space, image_id: int, k: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    """Neighbours of an image of the dataset: from the stored graph as far as that reaches."""
    stored = space.neighbors(image_id, k)
    if len(stored[0]) >= min(k, len(space) - 1):
        return stored
    return by_vector(space, space.vector(image_id), k=k, leave_out=[image_id])


def by_vector(
    space: Space, vector: npt.NDArray[np.float32], *, k: int, leave_out: Sequence[int] = ()
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    """The `k` images nearest to a vector (d,) by cosine: ids and similarities, nearest first."""
    query = unit(vector)[None, :]
    similarities, ids = space.index().search(query, min(k + len(leave_out), len(space)))
    keep = (ids[0] >= 0) & ~np.isin(ids[0], leave_out) & np.isin(ids[0], space.image_ids)
    return ids[0][keep][:k], np.clip(similarities[0][keep][:k], -1, 1)


def rocchio(
    wanted: Sequence[npt.NDArray[np.float32]], unwanted: Sequence[npt.NDArray[np.float32]]
) -> npt.NDArray[np.float32]:
    """One query vector (d,) from examples for and against (Rocchio 1971, γ = 0.5)."""
    vector = np.mean([unit(each) for each in wanted], axis=0)
    if unwanted:
        vector = vector - 0.5 * np.mean([unit(each) for each in unwanted], axis=0)
    return np.asarray(vector, np.float32)


def unit(vector: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """`vector` at length 1; a zero vector stays what it is."""
    return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-12), np.float32)


def read_image(path: str | Path) -> bytes:
    """The bytes of an image file. Raises `ImageError` when it cannot be read."""
    try:
        return Path(path).expanduser().read_bytes()
    except OSError as error:
        raise ImageError(f"{path} cannot be read: {error.strerror}.") from error


def _embed_file(space: Space, path: str | Path) -> npt.NDArray[np.float32]:
    data = read_image(path)
    try:
        return embed_image(space, data)
    except ImageError as error:
        raise ImageError(f"{path} cannot be used: {error}") from error


def embed_image(space: Space, data: bytes) -> npt.NDArray[np.float32]:
    """The vector (d,) of an image file's bytes, made as the space's own vectors were.

    Raises `ImageError` when it is not an image, `ExtractorError` when the extractor is not the one
    that made the space.
    """
    extractor = extractor_of(space)
    with SafeDecoder() as decoder:
        decoded = decoder.decode(data, min_side=extractor.input_size)
    with extractors.blaming(space.id, "the image"):
        return extractor.extract(extractor.prepare(decoded.image)[None])[0]


def extractor_of(space: Space, *, device: str = "auto") -> extractors.Extractor:
    """The extractor that made a space. Raises `ExtractorError` when it is another one by now.

    Raises `UsageError` for vectors that were imported.
    """
    if space.info.get("imported"):
        raise UsageError(
            f"The vectors of {space.id!r} were imported, so a new image cannot be placed among "
            "them. Search by an image of the dataset instead."
        )
    weights = space.info.get("weights_file") or None
    extractor = _extractor(space.id, space.info["precision"], device, weights)
    if (extractor.version, extractor.weights_hash) != (
        space.info["version"],
        space.info.get("weights_hash"),
    ):
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


def hits(
    dataset: Dataset, ids: npt.NDArray[np.int64], similarities: npt.NDArray[np.float32]
) -> list[Hit]:
    """Ids and similarities with what people want to read beside them."""
    found = []
    for image_id, similarity in zip(ids.tolist(), similarities.tolist(), strict=True):
        image = dataset.image(image_id)
        found.append(Hit(image_id, image["path"], similarity, image["label"]))
    return found
