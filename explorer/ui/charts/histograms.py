"""Histograms, as HTML."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from explorer.insight.markup import piece
from explorer.store import Values


def histogram(
    values: Values, threshold: float, *, ends: tuple[float, float], upwards: bool = True
) -> str:
    """How the values are spread between two ends; what the threshold lets through in the accent.

    Counts are on a logarithmic scale: the few that a threshold cuts off are what it is about.
    """
    edges = np.linspace(*ends, 49)
    counts, _ = np.histogram(np.clip(values.astype(np.float64), *ends), edges)
    meant = edges[1:] > threshold if upwards else edges[:-1] < threshold
    # A single image is a bar of half a decade.
    heights = np.where(counts, np.log10(np.maximum(counts, 1)) + 0.5, 0)
    says = [
        f"{low:.3g} to {high:.3g}: {count:,}"
        for (low, high), count in zip(pairwise(edges), counts.tolist(), strict=True)
    ]
    at = (threshold - ends[0]) / (ends[1] - ends[0])
    line = piece("b", style=f"left:{at:.1%}")
    return piece("div", _bars(heights, meant, says) + line, classes="histogram", **_PICTURE)


def range_histogram(
    values: Values, chosen: tuple[float, float], *, ends: tuple[float, float]
) -> str:
    """How values are spread between two ends, what lies in the chosen range in the accent."""
    edges = np.linspace(*ends, 41)
    counts, _ = np.histogram(values[np.isfinite(values)], edges)
    meant = (edges[1:] > chosen[0]) & (edges[:-1] <= chosen[1])
    # A single image among thousands can be seen, too.
    bars = _bars(np.sqrt(counts), meant, [f"{count:,}" for count in counts.tolist()])
    return piece("div", bars, classes="histogram low", **_PICTURE)


_PICTURE = {"role": "img", "aria-label": "How the values are spread"}


def _bars(heights: Values, meant: Values, says: Sequence[str]) -> str:
    """A bar for each height, as a share of the highest; in the accent where it is meant."""
    shares = heights / max(float(heights.max(initial=0)), 1e-9)
    return "".join(
        piece(
            "span",
            piece("i", style=f"height:{share:.1%}"),
            classes="meant" if accent else "",
            title=title,
        )
        for share, accent, title in zip(shares.tolist(), meant.tolist(), says, strict=True)
    )
