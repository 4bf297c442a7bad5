"""The layouts of the map: their columns, what each tells, and how far it can be trusted."""

from dataclasses import dataclass
from math import isnan

from explorer.analysis import MAP, MapSettings
from explorer.insight.summary import map_verdict
from explorer.store import Space


@dataclass(frozen=True)
class Layout:
    """A way to place the images: its columns, two or three, and what to make of it."""

    title: str
    axes: tuple[str, ...]
    explains: str


LAYOUTS = {
    "map": Layout(
        "UMAP",
        ("map_x", "map_y"),
        "Near points are alike. How far apart two groups stand, and how large a group is, "
        "says little.",
    ),
    "space": Layout(
        "UMAP 3-D",
        ("map_3d_x", "map_3d_y", "map_3d_z"),
        "In three dimensions: drag to turn it. It has more room, so it tears fewer "
        "neighbours apart.",
    ),
    "main": Layout(
        "PCA",
        ("pca_x", "pca_y"),
        "The two directions in which the images differ most. What is far apart here is far "
        "apart in truth; much that differs falls together.",
    ),
}


def available_layouts(space: Space) -> list[str]:
    """The names of the layouts that have been computed."""
    return [name for name, layout in LAYOUTS.items() if set(layout.axes) <= set(space.column_names)]


def settings_in_use(space: Space) -> MapSettings:
    made_with = space.made_by("map_x").parameters if "map_x" in space.column_names else {}
    return MAP.settings_of(made_with)


def map_quality(space: Space) -> str:
    trust = space.figures.of("map_trustworthiness")
    kept = space.figures.of("map_neighbor_preservation")
    if isnan(trust) or isnan(kept):
        return "How true the map is has not been measured yet."
    return (
        f"The map {map_verdict(trust)}: trustworthiness {trust:.2f} of 1. "
        f"{kept:.0%} of each image's nearest neighbours are also its nearest on the map."
    )
