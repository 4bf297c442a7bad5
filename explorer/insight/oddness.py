"""The measures of oddness, by what they look at, and what each says of one image."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from explorer.analysis import FAULTS, OUTLIERS
from explorer.insight.columns import label_of, numbers
from explorer.store import Space, cached_per_snapshot

FAULT = "picture_fault"  # a column of names, not of numbers


@dataclass(frozen=True)
class Measure:
    """A column by which images are ranked; `upwards`: high values are odd, else low ones.

    title and finds: what it is called and what it finds and misses; by default what the column
    says of itself.
    """

    column: str
    upwards: bool = True
    title: str = ""
    finds: str = ""


@dataclass(frozen=True)
class MeasureGroup:
    """Measures that look at the same thing, and the question that they answer."""

    asks: str
    measures: tuple[Measure, ...]


def far_out(space: Space) -> float:
    """The outlier score from which the analysis counts an image as an outlier."""
    return OUTLIERS.settings_of(space.made_by("outlier_score").parameters).outlier


def stand_apart(space: Space) -> npt.NDArray[np.bool_]:
    """Which images the analysis counts as outliers, (n,)."""
    return numbers(space, "outlier_score") >= far_out(space)


FAMILIES = {
    "Company": MeasureGroup(
        "Does anything else look like it?",
        (Measure("outlier_score"), Measure("isolation"), Measure("local_sparsity")),
    ),
    "The whole": MeasureGroup(
        "How far is it from what is usual here?",
        (Measure("centre_distance"), Measure("mahalanobis"), Measure("pca_residual")),
    ),
    "Its label": MeasureGroup("Is it like the others of its label?", (Measure("odd_for_label"),)),
    "The picture": MeasureGroup(
        "Is it spoilt, whatever it shows?",
        (
            Measure(FAULT, title="Faults"),
            Measure(
                "brightness",
                upwards=False,
                title="Darkest",
                finds="Mean light, the darkest first. Finds underexposed pictures and nights; "
                "misses dark pictures with one bright spot.",
            ),
            Measure(
                "brightness",
                title="Brightest",
                finds="Mean light, the brightest first. Finds overexposed pictures, and objects "
                "on white; misses a burnt-out sky over a dark ground.",
            ),
            Measure(
                "sharpness",
                upwards=False,
                title="Most blurred",
                finds="How much another blur would take away, the least first. Finds what is out "
                "of focus, shaken or empty; misses what is soft only at full size.",
            ),
            Measure(
                "information",
                upwards=False,
                title="Emptiest",
                finds="Bits per pixel, the fewest first. Finds blank pictures, drawings and "
                "screenshots; misses noise, which counts as information.",
            ),
        ),
    ),
}

# Each of these is said of one image, whose value in the column is `v`.
SAYINGS: dict[str, Callable[[float], str]] = {
    "isolation": lambda v: f"its neighbours are only {1 - v:.2f} alike",
    "local_sparsity": lambda v: f"{v:.1f} times emptier than around its neighbours",
    "centre_distance": lambda v: f"{1 - v:.2f} alike to the average image",
    "mahalanobis": lambda v: f"{v:.1f} standard deviations from the average",
    "pca_residual": lambda v: f"{v:.0%} of it not explained by the main directions",
    "brightness": lambda v: f"mean light {v:.0%}",
    "sharpness": lambda v: f"sharpness {v:.2f}",
    "information": lambda v: f"{v:.1f} bits per pixel",
}

# By which column a fault is judged, and whether high values of it are bad.
JUDGED_BY = {
    "blank": ("contrast", False),
    "dark": ("highlights", False),
    "bright": ("shadows", True),
    "little information": ("information", False),
    "blurred": ("sharpness", False),
}


def families(space: Space) -> dict[str, list[Measure]]:
    """The measures that a space has, by family; families without any are left out."""
    here = set(space.column_names)
    found = {
        name: [each for each in family.measures if each.column in here]
        for name, family in FAMILIES.items()
    }
    return {name: measures for name, measures in found.items() if measures}


def titled(space: Space, measure: Measure) -> tuple[str, str]:
    """What a measure is called, and what it finds and misses."""
    meta = space.column_meta(measure.column)
    return measure.title or meta.title, measure.finds or meta.explains


def reason(space: Space, column: str, row: int) -> str:
    """Why an image is listed, in a few words."""
    if column == "outlier_score":
        # The score itself says little to people: what that view says which finds the image odder.
        views = [name for name in ("isolation", "local_sparsity") if name in space.column_names]
        worst = max(views, key=lambda name: _ranks(space, name)[row], default="")
        return reason(space, worst, row) if worst else ""
    if column == FAULT:
        return _reason_of_fault(space, row)
    value = float(numbers(space, column)[row])
    if column == "odd_for_label":
        return f"{1 - value:.2f} alike to other “{label_of(space, row)}”"
    if column == "mahalanobis":  # in many directions nothing is near the average
        return f"{SAYINGS[column](value)}, where {_usual(space, column):.1f} are usual"
    return SAYINGS[column](value)


def _reason_of_fault(space: Space, row: int) -> str:
    fault = faults(space)[row]
    if fault in JUDGED_BY:
        column = JUDGED_BY[fault][0]
        title = space.column_meta(column).title.lower()
        return f"{fault}: {title} {numbers(space, column)[row]:.2g}"
    width, height = (int(numbers(space, name)[row]) for name in ("width", "height"))
    return f"{fault}: {width} × {height}"


@cached_per_snapshot(4)
def faults(space: Space) -> list[str]:
    """The gravest fault of every picture, "" for none."""
    return [fault or "" for fault in space.column(FAULT).tolist()]


def faulty_rows(space: Space, kinds: list[str]) -> npt.NDArray[np.int64]:
    """The rows with one of some faults, the gravest fault first, and of each the worst first."""
    found = np.array(faults(space), object)
    parts = []
    for fault in FAULTS:
        rows = np.flatnonzero(found == fault) if fault in kinds else np.empty(0, np.int64)
        if fault in JUDGED_BY and len(rows):
            column, upwards = JUDGED_BY[fault]
            values = numbers(space, column)[rows]
            rows = rows[np.argsort(-values if upwards else values, kind="stable")]
        parts.append(rows)
    return np.concatenate(parts)


@cached_per_snapshot(8)
def _usual(space: Space, name: str) -> float:
    return float(np.nanmedian(numbers(space, name)))


@cached_per_snapshot(8)
def _ranks(space: Space, name: str) -> npt.NDArray[np.int64]:
    return np.argsort(np.argsort(numbers(space, name), kind="stable"), kind="stable")
