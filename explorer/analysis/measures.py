"""Each picture by itself: how bright it is, how sharp, how much there is on it. No model is asked.

What is measured, and how, is told where it is measured: explorer/images/measures.py.
"""

from __future__ import annotations

import numpy as np

from explorer.analysis.declaration import Analysis, Column, Inputs, Result, number
from explorer.analysis.ranges import Settings
from explorer.analysis.vectors import Floats, Ints


def aspect_ratio(sizes: Ints) -> Floats:
    """Width by height of (n, 2) sizes: (n,) float32, NaN for what has no size."""
    width, height = sizes.T.astype(np.float64)
    known = (width > 0) & (height > 0)
    ratio = np.full(len(sizes), np.nan)
    return np.divide(width, height, out=ratio, where=known).astype(np.float32)


def _run(inputs: Inputs, settings: Settings) -> Result:  # noqa: ARG001
    assert inputs.pictures is not None
    assert inputs.sizes is not None
    measured = inputs.pictures()
    columns = {
        column.name: number(measured[column.name])
        for column in MEASURES.columns
        if column.kind == "number" and column.name in measured
    }
    columns["aspect_ratio"] = number(aspect_ratio(inputs.sizes))
    return Result(columns | {"picture_hash": measured["hash"]})


MEASURES = Analysis(
    name="measures",
    version=2,
    title="Picture measures",
    explains="What can be measured of each picture by itself, on its thumbnail.",
    settings=Settings(),
    needs=("pictures", "sizes"),
    columns=(
        Column("brightness", "number", "Brightness", "Mean light, 0 is black and 1 is white."),
        Column(
            "shadows",
            "number",
            "Shadows",
            "The light that 1 % of the pixels stay below, 0 to 1: high where nothing is dark.",
        ),
        Column(
            "highlights",
            "number",
            "Highlights",
            "The light that 1 % of the pixels exceed, 0 to 1: low where nothing is bright.",
        ),
        Column(
            "contrast",
            "number",
            "Contrast",
            "How much light differs between pixels (standard deviation), 0 to 0.5: 0 is one grey.",
        ),
        Column(
            "sharpness",
            "number",
            "Sharpness",
            "How much another blur would take away, 0 to 1: low is blurred, out of focus or empty. "
            "Seen at the size of a thumbnail: a photo that is soft only at full size is sharp.",
        ),
        Column(
            "information",
            "number",
            "Information",
            "Bits per pixel that tell its greys apart (entropy), 0 to 8: most photos have 6 to 8, "
            "things on white, drawings and screenshots less, an empty picture near 0.",
        ),
        Column("aspect_ratio", "number", "Aspect ratio", "Width divided by height."),
        Column(
            "picture_hash",
            "text",
            "Picture hash",
            "64 bits of how the picture looks, as hex digits (pHash): versions of one picture "
            "differ in few. None where there is too little in the picture.",
        ),
    ),
    run=_run,
)
