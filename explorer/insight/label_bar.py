"""The labels in a cluster as one bar, and in words."""

from explorer.insight.clustering import Cluster
from explorer.insight.markup import piece
from explorer.insight.palette import CATEGORIES, OTHER


def label_bar(cluster: Cluster) -> str:
    """The labels in a cluster as one bar, and in words."""
    parts = [*cluster.labels]
    rest = cluster.size - sum(count for _, count in parts)
    colors = dict(zip((label for label, _ in parts), CATEGORIES, strict=False))
    if rest:
        parts.append(("others", rest))
    bar = "".join(
        piece(
            "span",
            style=f"flex:{count};background:{colors.get(label, OTHER)}",
            title=f"{label}: {count}",
        )
        for label, count in parts
    )
    words = ", ".join(f"{label} {count}" for label, count in parts)
    return f'<div class="label-bar" aria-hidden="true">{bar}</div>' + piece(
        "p", "{}", words, classes="facts"
    )
