"""The two components of our own, as Python sees them: the map and the gallery.

Both take what to show as a frozen dataclass and return what the user just did. With `on_event` the
same is handed to a function before the page runs, so that all of the page already shows the change.
"""

from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar, get_args

import streamlit as st

from explorer.errors import UsageError
from explorer.ui.bits import Mode, Rows, decode_rows, pack_rows
from explorer.ui.palette import CATEGORIES, OTHER, RAMP
from explorer.ui.server import asset_url, set_url

MOST_NAMES = 500  # of categories; rarer ones are shown by number
INLINE_BYTES = 4096  # larger sets of rows go by URL, so that a rerun moves kilobytes

MAP_HINT = (
    "Click: neighbours · Drag: select (Shift adds, Alt subtracts) · "
    "Wheel: zoom · Space and drag: move"
)


@dataclass(frozen=True)
class Category:
    """One entry of the legend; its place in the list is its code in the column."""

    name: str
    count: int


@dataclass(frozen=True)
class Colour:
    """What the points are coloured by: categories, or numbers from `low` to `high`."""

    url: str
    title: str
    kind: Literal["category", "number"]
    categories: Sequence[Category] = ()
    low: float = 0.0
    high: float = 1.0
    missing: str = "none"  # what to call images without a value


@dataclass(frozen=True)
class Label:
    """A name at the place of a row; where two would overlap the larger `size` is kept."""

    row: int
    text: str
    size: float


@dataclass(frozen=True)
class MapData:
    """What the map shows. Arrays go by URL (see `server.column_url`), all with `n` rows."""

    n: int
    x: str
    y: str
    ids: str
    colour: Colour
    thumb: str  # a URL with {id} in it
    z: str | None = None  # a third dimension: the map can be turned
    query: int | None = None  # a row
    neighbours: Sequence[int] = ()  # rows
    selection: Rows | None = None
    filter: Rows | None = None  # the rows to show; None shows all
    labels: Sequence[Label] = ()
    look: tuple[int, int] | None = None  # a row to move to, and a number that is new each time


@dataclass(frozen=True)
class Lasso:
    """Rows that were drawn around, and what that does to the selection (see `combine_rows`)."""

    rows: Rows
    mode: Mode


@dataclass(frozen=True)
class MapEvent:
    """What the user did on the map since the last run: nothing, a click or a lasso."""

    clicked: int | None = None  # an image id
    lasso: Lasso | None = None


@dataclass(frozen=True)
class GalleryItem:
    """One image: what is written under it, on it (a few characters) and beside it (on hover)."""

    id: int
    caption: str = ""
    badge: str = ""
    tone: Literal["", "good", "warn", "bad"] = ""  # of the badge
    note: str = ""


@dataclass(frozen=True)
class Action:
    """A button on every photo; its sign, one character, is also its key on the keyboard."""

    key: str
    name: str
    sign: str


@dataclass(frozen=True)
class GalleryData:
    """What a gallery shows, `label` being its name for screen readers."""

    items: Sequence[GalleryItem]
    thumb: str  # a URL with {id} in it
    label: str
    ticked: Sequence[int] = ()  # image ids
    empty: str = "There is nothing to show here."
    size: int = 144  # pixels of a cell, until the user moves the slider
    toolbar: bool = True  # count, tick all, whole photos, size
    actions: Sequence[Action] = ()


@dataclass(frozen=True)
class GalleryEvent:
    """What the user did in the gallery since the last run, in image ids."""

    opened: int | None = None
    ticked: tuple[int, ...] = field(default=())
    unticked: tuple[int, ...] = field(default=())
    acted: tuple[str, int] | None = None  # the key of an action, and on which image


def own_component(name: str) -> Any:
    """A component whose code comes by URL: the browser keeps it, and a rerun does not move it."""
    module = asset_url(f"{name}/{name}.js")
    return st.components.v2.component(
        f"explorer.{name}",
        html='<div class="mount"></div>',
        js=(
            "export default async function (component) {\n"
            f"  const module = await import(new URL('{module}', location.origin).href);\n"
            "  return module.default(component);\n"
            "}\n"
        ),
    )


Event = TypeVar("Event", MapEvent, GalleryEvent)

_map = own_component("map")
_gallery = own_component("gallery")


def map_view(
    data: MapData,
    *,
    key: str,
    label: str = "Map of the images",
    height: int = 640,
    on_event: Callable[[MapEvent], None] | None = None,
) -> MapEvent:
    """Show the map, `height` pixels high; `label` is its name for screen readers."""
    wire = map_wire(data) | {"height": height, "label": label, "hint": MAP_HINT}
    react = _reaction(key, map_event, on_event)
    return map_event(
        _map(data=wire, key=key, height=height, on_click_change=react, on_lasso_change=react)
    )


def gallery(
    data: GalleryData,
    *,
    key: str,
    height: int = 520,
    on_event: Callable[[GalleryEvent], None] | None = None,
) -> GalleryEvent:
    """Show images in a grid, `height` pixels high at most; it scrolls."""
    react = _reaction(key, gallery_event, on_event)
    wire = gallery_wire(data) | {"height": height, "key": key}
    return gallery_event(
        _gallery(
            data=wire,
            key=key,
            height=height,
            on_open_change=react,
            on_tick_change=react,
            on_act_change=react,
        )
    )


def _reaction(
    key: str,
    read: Callable[[Mapping[str, Any]], Event],
    on_event: Callable[[Event], None] | None,
) -> Callable[[], None]:
    """What Streamlit calls before a run in which something happened."""

    def react() -> None:
        if on_event is not None:
            on_event(read(st.session_state[key]))

    return react


def map_wire(data: MapData) -> dict[str, Any]:
    """The map's data as JSON."""
    return {
        "n": data.n,
        "x": data.x,
        "y": data.y,
        "z": data.z,
        "ids": data.ids,
        "colour": _colour_wire(data.colour),
        "thumb": data.thumb,
        "query": data.query,
        "neighbours": [int(row) for row in data.neighbours],
        "selection": _set_wire(data.selection, data.n),
        "filter": _set_wire(data.filter, data.n),
        "labels": [
            {"row": label.row, "text": label.text, "size": label.size} for label in data.labels
        ],
        "look": data.look,
    }


def _colour_wire(colour: Colour) -> dict[str, Any]:
    wire: dict[str, Any] = {
        "url": colour.url,
        "kind": colour.kind,
        "title": colour.title,
        "missing": colour.missing,
    }
    if colour.kind == "number":
        return wire | {"range": [colour.low, colour.high], "ramp": RAMP}
    named = colour.categories[:MOST_NAMES]
    shades = [*CATEGORIES, *[OTHER] * len(named)]
    return wire | {
        "distinct": len(colour.categories),
        "categories": [
            {"name": category.name, "count": category.count, "colour": shade}
            for category, shade in zip(named, shades, strict=False)
        ],
    }


def _set_wire(rows: Rows | None, n: int) -> dict[str, Any] | None:
    if rows is None:
        return None
    bits = pack_rows(rows, n)
    if len(bits) > INLINE_BYTES:
        return {"url": set_url(bits)}
    return {"bits": b64encode(bits).decode()}


def map_event(result: Mapping[str, Any]) -> MapEvent:
    """What the browser sent. Raises `UsageError` when no map would send that."""
    lasso = result.get("lasso")
    return MapEvent(result.get("click"), _lasso(lasso) if lasso else None)


def _lasso(sent: Any) -> Lasso:
    try:
        rows, mode = decode_rows(sent["bits"], sent["n"]), sent["mode"]
    except (KeyError, TypeError) as error:
        raise UsageError("The selection that the browser sent is damaged.") from error
    if mode not in get_args(Mode):
        raise UsageError(f"A lasso replaces, adds or subtracts; the browser sent {mode!r}.")
    return Lasso(rows, mode)


def gallery_wire(data: GalleryData) -> dict[str, Any]:
    """The gallery's data as JSON: items as short lists, because there may be thousands."""
    return {
        "items": [_item_wire(item) for item in data.items],
        "thumb": data.thumb,
        "label": data.label,
        "ticked": [int(image_id) for image_id in data.ticked],
        "empty": data.empty,
        "size": data.size,
        "toolbar": data.toolbar,
        "actions": [[action.key, action.name, action.sign] for action in data.actions],
    }


def _item_wire(item: GalleryItem) -> list[Any]:
    values = [int(item.id), item.caption, item.badge, item.tone, item.note]
    while not values[-1] and len(values) > 1:
        values.pop()
    return values


def gallery_event(result: Mapping[str, Any]) -> GalleryEvent:
    """What the browser sent, checked."""
    tick = result.get("tick") or {"on": [], "off": []}
    act = result.get("act")
    acted = (str(act["action"]), int(act["id"])) if act else None
    return GalleryEvent(result.get("open"), tuple(tick["on"]), tuple(tick["off"]), acted)
