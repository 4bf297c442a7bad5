"""Two maps side by side, linked in the browser: what is touched in one lights up in the other."""

import numpy as np
import numpy.typing as npt

from explorer.insight.columns import colorable
from explorer.insight.layouts import LAYOUTS, available_layouts
from explorer.search import Examples, by_examples
from explorer.serving.urls import column_url, thumb_template
from explorer.store import Space
from explorer.ui.components.map import Color, MapData, map_view
from explorer.ui.elements import split
from explorer.ui.html import show
from explorer.ui.panels.map import color_of
from explorer.ui.view import View

HEIGHT = 440
NEIGHBORS = 15


def linked_maps(view: View, pair: tuple[Space, Space]) -> None:
    """The maps of two spaces. Both are coloured by the same column, of the first if it is its own.

    A click asks for an image, and both show its neighbours, each its own.
    """
    show(
        "p",
        "Point at an image, or draw around some: the same images light up on the other side. "
        "Click one to see its neighbours in both.",
        classes="hint",
    )
    columns = split(1, 1, key="split_maps", gap="small")
    for column, space in zip(columns, pair, strict=True):
        with column:
            show("h3", "{}", space.id)
            _map(view, space, _color(view, pair, space))


def _color(view: View, pair: tuple[Space, Space], space: Space) -> Color:
    """The column that the view is coloured by; of the first space as long as rows are the same."""
    first = pair[0]
    same_rows = np.array_equal(first.image_ids, space.image_ids)
    source = first if same_rows else space
    names = colorable(source)
    if view.color in names:
        return color_of(source, view.color)
    return color_of(source, "label" if "label" in names else names[0])


def _map(view: View, space: Space, color: Color) -> None:
    layouts = available_layouts(space)
    if not layouts:
        says = "There is no map of {0} yet. Run explorer analyze {1} --space {0}."
        show("p", says, space.id, view.dataset.name, classes="empty")
        return
    axes = LAYOUTS[layouts[0]].axes[:2]

    query, neighbors = _query(view, space)
    data = MapData(
        n=len(space),
        x=column_url(space, axes[0]),
        y=column_url(space, axes[1]),
        ids=column_url(space, "image_id"),
        dataset=space.dataset.name,
        color=color,
        thumb=thumb_template(view.dataset),
        query=query,
        neighbors=neighbors,
        selection=_rows(space, view.selection) if len(view.selection) else None,
        filter=None if view.shown is None else _rows(space, view.space.image_ids[view.shown]),
        link="compare",
    )
    map_view(data, key=f"map_{space.id}", label=f"Map of {space.id}", height=HEIGHT)


def _query(view: View, space: Space) -> tuple[int | None, list[int]]:
    """The row of the query and of its neighbours in this space."""
    if view.query is None or not len(_rows(space, np.array([view.query]))):
        return None, []
    ids, _ = by_examples(space, Examples(like=(view.query,)), NEIGHBORS)
    return space.row(view.query), _rows(space, ids).tolist()


def _rows(space: Space, image_ids: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The rows of those images that the space holds."""
    return np.flatnonzero(np.isin(space.image_ids, image_ids))
