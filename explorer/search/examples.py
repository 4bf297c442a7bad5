"""Asking by examples: like these, unlike those, and only what is acceptable."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from explorer.errors import BadValueError
from explorer.search.query import Similarities, by_image, by_vector, rocchio
from explorer.search.settings import LESS, MOST_LESS
from explorer.store import Ids, Space

Accept = Callable[[Ids], npt.NDArray[np.bool_]]
"""Says which of some images may be among the answers."""


@dataclass(frozen=True)
class Examples:
    """Images of the dataset by id, for and against, and vectors (d,) of new images.

    `less` is how much those against count, all together, while those for count 1. `known` are
    images that are not to be among the answers, besides the examples. Raises `UsageError` for a
    `less` that is not from 0 to 2.
    """

    like: Sequence[int] = ()
    unlike: Sequence[int] = ()
    vectors: Sequence[npt.NDArray[np.float32]] = ()
    less: float = LESS
    known: Sequence[int] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.less <= MOST_LESS:
            raise BadValueError(
                f"What is unwanted counts {self.less:g}: choose from 0 (not at all) to "
                f"{MOST_LESS:g}; 1 is as much as what is wanted."
            )


def by_examples(
    space: Space, examples: Examples, k: int, *, accept: Accept | None = None
) -> tuple[Ids, Similarities]:
    """The `k` images nearest to the examples among those that `accept` lets pass, nearest first.

    One example is its neighbours; several are combined by Rocchio's formula (see `search`). Looks
    further, ten times as far each time, until enough are accepted or all have been seen. Raises
    `UsageError` when there is nothing to be like.
    """
    if not (len(examples.like) or len(examples.vectors)):
        raise BadValueError("Nothing to search for: give at least one image to be like.")
    ask = _question(space, examples)
    reach = min(k, len(space))
    while True:
        ids, similarities = ask(reach)
        if accept is not None:
            passed = accept(ids)
            ids, similarities = ids[passed], similarities[passed]
        if len(ids) >= k or reach >= len(space):
            return ids[:k], similarities[:k]
        reach = min(10 * reach, len(space))


def _question(space: Space, examples: Examples) -> Callable[[int], tuple[Ids, Similarities]]:
    if len(examples.like) == 1 and not examples.unlike and not examples.vectors:
        return lambda reach: by_image(space, examples.like[0], reach)
    wanted = [*(space.vector(image_id) for image_id in examples.like), *examples.vectors]
    unwanted = [space.vector(image_id) for image_id in examples.unlike]
    query = rocchio(wanted, unwanted, less=examples.less)
    known = [*examples.like, *examples.unlike, *examples.known]
    return lambda reach: by_vector(space, query, k=reach, leave_out=known)
