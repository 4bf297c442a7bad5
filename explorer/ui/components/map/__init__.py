"""The map, as Python sees it: points to look at, click and draw around."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from explorer.insight.palette import CATEGORIES, OTHER, RAMP
from explorer.serving.bits import pack_rows
from explorer.serving.urls import set_url
from explorer.store import Rows
from explorer.ui.components.common import own_component, show_component

MOST_NAMES = 500  # of categories; rarer ones are shown by number
INLINE_BYTES = 4096  # larger sets of rows go by URL, so that a rerun moves kilobytes

MAP_HINT = (
    "Click: neighbours · Drag: select · With Shift both add, with Alt subtract · "
    "Wheel: zoom · Space and drag: move"
)


@dataclass(frozen=True)
class Category:
    """One entry of the legend; its place in the list is its code in the column.

    color: `#rrggbb`; without one it gets its own by its place.
    """

    name: str
    count: int
    color: str = ""


@dataclass(frozen=True)
class Color:
    """What the points are coloured by: categories, or numbers from `low` to `high`.

    missing: what to call images without a value.
    """

    url: str
    title: str
    kind: Literal["category", "number"]
    categories: Sequence[Category] = ()
    low: float = 0.0
    high: float = 1.0
    missing: str = "none"


@dataclass(frozen=True)
class Label:
    """A name at the place of a row; where two would overlap the larger `size` is kept."""

    row: int
    text: str
    size: float


@dataclass(frozen=True)
class MapData:
    """What the map shows. Arrays go by URL (see `server.column_url`), all with `n` rows.

    thumb: a URL with {id} in it.
    z: a third dimension: the map can be turned.
    query: a row.
    neighbors: rows.
    selected: what the selection is called.
    filter: the rows to show; None shows all.
    look: a row to move to, and a number that is new each time.
    link: maps of the same name light up the same images.
    """

    n: int
    x: str
    y: str
    ids: str
    dataset: str
    color: Color
    thumb: str
    z: str | None = None
    query: int | None = None
    neighbors: Sequence[int] = ()
    selection: Rows | None = None
    selected: str = "selected"
    filter: Rows | None = None
    labels: Sequence[Label] = ()
    look: tuple[int, int] | None = None
    link: str | None = None


_map = own_component("map")


def map_view(
    data: MapData, *, key: str, label: str = "Map of the images", height: int = 640
) -> None:
    """Show the map, `height` pixels high; `label` is its name for screen readers."""
    wire = map_wire(data) | {"height": height, "label": label, "hint": MAP_HINT}
    show_component(_map, wire, dataset=data.dataset, key=key, height=height)


def map_wire(data: MapData) -> dict[str, object]:
    """The map's data as JSON."""
    return vars(data) | {
        "color": _color_wire(data.color),
        "neighbors": [int(row) for row in data.neighbors],
        "selection": _set_wire(data.selection, data.n),
        "filter": _set_wire(data.filter, data.n),
        "labels": [vars(label) for label in data.labels],
    }


def _color_wire(color: Color) -> dict[str, object]:
    wire: dict[str, object] = {
        "url": color.url,
        "kind": color.kind,
        "title": color.title,
        "missing": color.missing,
    }
    if color.kind == "number":
        return wire | {"range": [color.low, color.high], "ramp": RAMP}
    named = color.categories[:MOST_NAMES]
    shades = [*CATEGORIES, *[OTHER] * len(named)]
    return wire | {
        "distinct": len(color.categories),
        "categories": [
            {"name": category.name, "count": category.count, "color": category.color or shade}
            for category, shade in zip(named, shades, strict=False)
        ],
    }


def _set_wire(rows: Rows | None, n: int) -> dict[str, object] | None:
    if rows is None:
        return None
    bits = pack_rows(rows, n)
    if len(bits) > INLINE_BYTES:
        return {"url": set_url(bits)}
    return {"bits": b64encode(bits).decode()}
