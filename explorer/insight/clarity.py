"""What to say of clusters that are found in every graph: how much clearer than chance they are."""

import math

from explorer.store import Space

MUCH = 0.3  # of the way from chance to clusters without links between


def clusters_are_clear(space: Space) -> bool:
    """Whether the clusters are clearer than in data without any; False if it was not measured."""
    return space.figures.of("clusters_are_clear") == 1


def clearer_than_chance(space: Space) -> str:
    """ "much clearer than", "clearer than" or "no clearer than"; "" if it was not measured."""
    clarity = space.figures.of("cluster_clarity")
    if not math.isfinite(clarity):
        return ""
    if not clusters_are_clear(space):
        return "no clearer than"
    return "much clearer than" if clarity >= MUCH else "clearer than"


def modularities(space: Space) -> str:
    """The figures behind it: "modularity 0.63 against 0.42"."""
    own, chance = map(space.figures.of, ("cluster_modularity", "cluster_modularity_by_chance"))
    return f"modularity {own:.2f} against {max(chance, 0):.2f}"
