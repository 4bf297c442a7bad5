"""Whether the dataset knows anything like what is asked for."""

import numpy as np

from explorer.search.examples import Examples, by_examples
from explorer.store import Space, cached_per_snapshot

LONELY = 1  # percent of the dataset's own images: those with the least like company


@cached_per_snapshot(8)
def usual_likeness(space: Space) -> float:
    """The cosine similarity that 99 % of the images reach with their nearest; -1 without others."""
    nearest = space.graph().similarities[:, :1]
    return float(np.percentile(nearest, LONELY)) if nearest.size else -1.0


def unfamiliar(space: Space, examples: Examples) -> str:
    """A sentence when nothing in the dataset is much like a new image; empty when something is.

    Only for one vector alone: what several are like together, no image has to be like.
    """
    if len(examples.vectors) != 1 or len(examples.like) or len(examples.unlike):
        return ""
    _, similarities = by_examples(space, examples, 1)
    usual = usual_likeness(space)
    if not len(similarities) or similarities[0] >= usual:
        return ""
    return (
        f"Nothing here is much like it: the nearest has a similarity of {similarities[0]:.2f}, "
        f"while {100 - LONELY}% of the images here have another at {usual:.2f} or more."
    )
