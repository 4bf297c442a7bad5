"""The layouts of the map: their columns, what each tells, and how far it can be trusted."""

from dataclasses import dataclass

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


def settings_in_use(space: Space) -> dict[str, float]:
    defaults = {"n_neighbors": 15, "min_dist": 0.1, "dimensions": 2, "seed": 0}
    if "map_x" not in space.column_names:
        return defaults
    return defaults | space.column_meta("map_x")["parameters"]


def map_quality(space: Space) -> str:
    figures = space.figures.get("map_quality", {})
    trust = figures.get("map_trustworthiness")
    kept = figures.get("map_neighbor_preservation")
    if trust is None or kept is None:
        return "How true the map is has not been measured yet."
    return (
        f"The map {map_verdict(trust)}: trustworthiness {trust:.2f} of 1. "
        f"{kept:.0%} of each image's nearest neighbours are also its nearest on the map."
    )
