"""The map with all that is drawn on it."""

import numpy as np

from explorer.errors import StoreError
from explorer.insight.clustering import (
    DEFAULT_GRANULARITY,
    GRANULARITIES,
    cluster_names,
    truly_named,
)
from explorer.insight.columns import categories, is_category, numbers
from explorer.insight.layouts import LAYOUTS
from explorer.insight.tag_colors import mixed, tag_colors
from explorer.serving.urls import column_url, thumb_template
from explorer.store import MY_GROUP, MY_TAGS, Space
from explorer.ui.components.map import Category, Color, Label, MapData, map_view
from explorer.ui.panels.layouts import chosen_layout
from explorer.ui.view import View, map_target


def draw_map(view: View, *, key: str, height: int, selected: str = "selected") -> None:
    """The map component; clicks make the query, a lasso changes the selection.

    selected: what the images that stand out as the view's selection are called.
    """
    space = view.space
    chosen = chosen_layout(view)
    if chosen is None:
        raise StoreError(
            f"There is no map of {space.id!r} yet. Run `explorer analyze {view.dataset.name}`."
        )
    axes = [column_url(space, axis) for axis in LAYOUTS[chosen].axes]

    neighbors = []
    if view.query is not None:
        neighbors = np.searchsorted(space.image_ids, view.neighbors[0]).tolist()
    named = view.color if view.color in (*GRANULARITIES, MY_GROUP) else DEFAULT_GRANULARITY
    data = MapData(
        n=len(space),
        x=axes[0],
        y=axes[1],
        z=axes[2] if len(axes) > 2 else None,
        ids=column_url(space, "image_id"),
        dataset=space.dataset.name,
        color=color_of(space, view.color),
        thumb=thumb_template(view.dataset),
        query=view.query_row,
        neighbors=neighbors,
        selection=view.rows if len(view.selection) else None,
        selected=selected,
        filter=view.shown,
        labels=map_labels(view, named),
        look=map_target(space),
    )
    map_view(data, key=key, height=height)


def color_of(space: Space, name: str) -> Color:
    """How the map shows a column."""
    meta = space.column_meta(name)
    if is_category(space, name):
        found = categories(space, name)
        called = cluster_names(space, name) if name in GRANULARITIES else {}
        colors = tag_colors(space.dataset) if name == MY_TAGS else {}
        listed = [
            Category(called.get(each, each), count, mixed(each, colors) if colors else "")
            for each, count in zip(found.names, found.counts, strict=True)
        ]
        return Color(column_url(space, name), meta.title, "category", listed)
    values = numbers(space, name)
    known = values[np.isfinite(values)]
    # A few extreme values would take all the colours: the scale ends at the last percents.
    low, high = np.percentile(known, [1, 99]).tolist() if len(known) else (0.0, 1.0)
    if low == high:
        low, high = low - 0.5, high + 0.5
    return Color(column_url(space, name), meta.title, "number", low=low, high=high)


def map_labels(view: View, column: str) -> list[Label]:
    """The names of the clusters in a column at their most typical image that is shown."""
    return [
        Label(int(each.medoid), each.name, float(each.size))
        for each in truly_named(view.space, column, view.filter)
    ]
