"""Picture faults: what is wrong with a picture whatever it shows.

Light, sharpness and information are judged by fixed bounds, since a dataset of nothing but dark
pictures is a dataset of dark pictures; size and shape against the dataset itself, since no size is
wrong but an odd one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from explorer.analysis.declaration import Analysis, Column, Inputs, Result, category
from explorer.analysis.ranges import Settings, within
from explorer.analysis.vectors import Bools, Codes, Doubles, Ints, Values

FAULTS = ("blank", "dark", "bright", "little information", "blurred", "odd shape", "odd size")
"""The gravest first: a picture is named by the first of its faults."""

_SIZE_FACTOR = 4.0  # in pixels: half or twice the usual width and height is nothing odd
_SHAPE_FACTOR = 2.0


@dataclass(frozen=True, slots=True)
class FaultSettings(Settings):
    """blank: contrast below this. dark: highlights below this. bright: shadows above this.

    little_information: bits per pixel below this. blurred: sharpness below this. fence: how many
    interquartile ranges outside the quartiles a size or a shape is odd (3 is Tukey's "far out").
    """

    prefix = "picture_faults"
    blank: float = within(0.02, 0, 1)
    dark: float = within(0.3, 0, 1)
    bright: float = within(0.7, 0, 1)
    little_information: float = within(1.2, 0, 8)
    blurred: float = within(0.5, 0, 1)
    fence: float = within(3.0, 0, 1000)


def picture_faults(
    measured: Mapping[str, Values], sizes: Ints, settings: FaultSettings = FaultSettings()
) -> Codes:
    """The gravest fault of every picture: (n,) int32, a place in FAULTS, -1 for none.

    measured: (n,) contrast, highlights, shadows, information and sharpness, NaN where not known,
    which is no fault; sizes: (n, 2) width and height.
    """
    width, height = sizes.T.astype(np.float64)
    shape = np.maximum(width, height) / np.maximum(np.minimum(width, height), 1)
    flags = (
        measured["contrast"] < settings.blank,
        measured["highlights"] < settings.dark,
        measured["shadows"] > settings.bright,
        measured["information"] < settings.little_information,
        measured["sharpness"] < settings.blurred,
        odd(shape, factor=_SHAPE_FACTOR, fence=settings.fence),
        odd(width * height, factor=_SIZE_FACTOR, fence=settings.fence),
    )
    found = np.full(len(sizes), -1, dtype=np.int32)
    for code in reversed(range(len(FAULTS))):
        found[flags[code]] = code
    return found


def odd(values: Doubles, *, factor: float, fence: float) -> Bools:
    """Which of (n,) values are far outside what is usual among them, by their logarithms.

    Only positive values count. Far outside is by more than `fence` interquartile ranges outside the
    quartiles (Tukey, "Exploratory data analysis", 1977), and by more than `factor` from the median:
    where nearly all are the same, a small difference is nothing odd.
    """
    found = np.zeros(len(values), dtype=bool)
    known = values > 0
    if known.any():
        logs = np.log(values[known])
        first, middle, third = np.percentile(logs, [25, 50, 75])
        beyond = np.maximum(logs - third, first - logs) > fence * (third - first)
        found[known] = beyond & (np.abs(logs - middle) > np.log(factor))
    return found


def _run(inputs: Inputs, settings: FaultSettings) -> Result:
    assert inputs.sizes is not None
    found = picture_faults(inputs.columns, inputs.sizes, settings)
    return Result({"picture_fault": category(found)}, {"picture_faults": float((found >= 0).sum())})


PICTURE_FAULTS = Analysis(
    name="picture_faults",
    version=1,
    title="Picture faults",
    explains="Pictures that are spoilt, whatever they show.",
    settings=FaultSettings(),
    needs=("measures", "sizes"),
    columns=(
        Column(
            "picture_fault",
            "category",
            "Picture fault",
            "The gravest of: blank, too dark, too bright, little information (drawings, "
            "screenshots), blurred, and a shape or size that is odd in this dataset. Bounds are "
            "settings; a dark or soft picture may well be meant.",
            names=FAULTS,
        ),
    ),
    run=_run,
)
