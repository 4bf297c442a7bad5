"""The front door of searching: one question in, images out."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from explorer.errors import BadValueError, ImageError, NotAnalyzedError
from explorer.images import open_source
from explorer.search.crop import Crop
from explorer.search.examples import Accept, Examples, by_examples
from explorer.search.query import Hit, embed_image, hits, read_image
from explorer.search.settings import LESS
from explorer.search.words import Words, by_words, read_words
from explorer.store import Dataset, Ids, Space

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Question:
    """What is asked of a space: by images, files and ids, or by words; see `search`.

    Raises `UsageError` for what cannot be asked together.
    """

    space: Space
    image: str | Path | None = None
    ids: Sequence[int] = ()
    minus: Sequence[int] = ()
    text: str | None = None
    crop: Crop | None = None
    less: float = LESS

    def __post_init__(self) -> None:
        if self.text is not None:
            if self.image is not None or self.crop or len(self.ids) or len(self.minus):
                raise BadValueError("Search by words or by images, one at a time.")
        elif self.image is None and not len(self.ids):
            raise BadValueError(
                "Nothing to search for: give an image file, the id of an image, or words."
            )
        if self.crop and (self.image is not None) + len(self.ids) != 1:
            raise BadValueError("A crop is of one image: give one file or one id with it.")
        for image_id in (*self.ids, *self.minus):
            self.space.dataset.row(image_id)  # one that does not exist, or one without a vector

    @cached_property
    def words(self) -> Words | None:
        """What the words mean to the space; None without words."""
        return None if self.text is None else read_words(self.space, self.text)

    @cached_property
    def examples(self) -> Examples:
        """The images that are asked by."""
        if self.image is not None:
            vectors = (self._embed(read_image(self.image), str(self.image)),)
            return Examples(self.ids, self.minus, vectors, less=self.less)
        if self.crop is None:
            return Examples(self.ids, self.minus, less=self.less)
        dataset, image_id = self.space.dataset, self.ids[0]
        path = dataset.relative_path(image_id)
        vector = self._embed(open_source(dataset.source).read(path), path)
        return Examples((), self.minus, (vector,), less=self.less, known=(image_id,))

    def _embed(self, data: bytes, name: str) -> npt.NDArray[np.float32]:
        try:
            return embed_image(self.space, data, crop=self.crop)
        except ImageError as error:
            raise ImageError(f"{name} cannot be used: {error}") from error

    def answers(self, k: int, accept: Accept | None = None) -> list[Hit]:
        """The `k` best answers that `accept` lets pass, best first."""
        if k < 1:
            raise BadValueError(f"k is {k}; ask for at least one image.")
        if self.words:
            return hits(self.space.dataset, *by_words(self.space, self.words, k, accept=accept))
        return hits(self.space.dataset, *by_examples(self.space, self.examples, k, accept=accept))


def search(
    dataset: Dataset,
    *,
    image: str | Path | None = None,
    ids: Sequence[int] = (),
    minus: Sequence[int] = (),
    text: str | None = None,
    crop: Box | None = None,
    less: float = LESS,
    among: npt.ArrayLike | None = None,
    duplicates: bool = True,
    k: int = 10,
    space: str | None = None,
) -> list[Hit]:
    """The `k` images most like the query, nearest first.

    >>> for hit in search(dataset, ids=[3], k=2):
    ...     print(f"{hit.similarity:.1f} {hit.path}")
    0.7 ancient_ruin/wonders_greatWallofChina.jpg
    0.6 ancient_ruin/india_ajantaCave.jpg
    >>> search(dataset, text="screwdriver", k=1)[0].label
    'screwdriver'

    The query is an image file, or one or more images of the dataset by id, or both; several are
    averaged, and `minus` are images to move away from, which count `less` (Rocchio 1971: the mean
    of the wanted minus `less` times the mean of the unwanted, on unit vectors). Of a single image
    `crop` may name a part: left, top, right, bottom as shares of its width and height. Or the query
    is a `text` (see `by_words`). Images of the query itself are not among the answers.

    Only images `among` some ids are answers, if given (such as those of `explorer.where`), and
    without `duplicates` only the best of near-identical ones, and no copy of the query.

    Raises `UsageError` when nothing or an unknown id is asked for, `ImageError` when the file
    cannot be read.
    """
    seen = dataset.space(space)
    box = Crop(*crop) if crop is not None else None
    question = Question(seen, image, tuple(ids), tuple(minus), text, box, less)
    return question.answers(k, acceptable(seen, ids, among=among, duplicates=duplicates))


def acceptable(
    space: Space, asked: Sequence[int], *, among: npt.ArrayLike | None, duplicates: bool
) -> Accept | None:
    """Says which images may be answers; None when all may."""
    if among is None and duplicates:
        return None
    allowed = np.ones(len(space), bool)
    if among is not None:
        allowed &= np.isin(space.image_ids, np.asarray(among, np.int64))
    if not duplicates:
        allowed &= ~surplus_copies(space, asked)

    def accept(ids: Ids) -> npt.NDArray[np.bool_]:
        return np.asarray(allowed[np.searchsorted(space.image_ids, ids)])

    return accept


def surplus_copies(space: Space, asked: Sequence[int] = ()) -> npt.NDArray[np.bool_]:
    """Which images have a better copy elsewhere, or are copies of those asked for: (n,) bool.

    Raises `NotAnalyzedError` when the space has not been searched for duplicates.
    """
    if "duplicate_group" not in space.column_names:
        raise NotAnalyzedError(
            f"Near-duplicates in {space.id!r} are not known yet.", dataset=space.dataset.name
        )
    groups = space.column("duplicate_group")
    theirs = [groups[space.row(image_id)] for image_id in asked]
    found = np.asarray(space.column("duplicate_surplus") == 1)
    return found | np.isin(groups, [group for group in theirs if group >= 0])
