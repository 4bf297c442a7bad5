"""The colours of tags: the one that was given, or the next of the palette."""

from collections.abc import Mapping

import numpy as np

from explorer.insight.palette import CATEGORIES
from explorer.store import BETWEEN, Dataset


def tag_colors(dataset: Dataset) -> dict[str, str]:
    """The colour of each tag, `#rrggbb`, in the order of the tags."""
    return {
        tag.name: tag.color or CATEGORIES[place % len(CATEGORIES)]
        for place, tag in enumerate(dataset.tagging.sets)
    }


def mixed(tags: str, colors: Mapping[str, str]) -> str:
    """The colour of an image that has one tag or several, which is between theirs.

    >>> mixed("a|b", {"a": "#ff0000", "b": "#0000ff"})
    '#800080'
    """
    shades = [bytes.fromhex(colors[name].removeprefix("#")) for name in tags.split(BETWEEN)]
    mean = np.ceil(np.mean([list(shade) for shade in shades], axis=0)).astype(np.uint8)
    return f"#{mean.tobytes().hex()}"
