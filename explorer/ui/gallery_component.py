"""The gallery, as Python sees it: photos to look at, tick and tag."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from explorer.ui.component import own_component, reaction


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
class GalleryTag:
    """A tag, its colour `#rrggbb`, and those of the gallery's images that have it."""

    name: str
    colour: str
    ids: Sequence[int]


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
    tags: Sequence[GalleryTag] = ()  # a digit on the keyboard gives the first nine
    strip: bool = False  # all photos in one line, which is scrolled to the side


@dataclass(frozen=True)
class GalleryEvent:
    """What the user did in the gallery since the last run, in image ids."""

    opened: int | None = None
    ticked: tuple[int, ...] = field(default=())
    unticked: tuple[int, ...] = field(default=())
    acted: tuple[str, int] | None = None  # the key of an action, and on which image
    tagged: tuple[tuple[int, int], ...] = ()  # the place of a tag, and the image it was given to
    untagged: tuple[tuple[int, int], ...] = ()


_gallery = own_component("gallery")


def gallery(
    data: GalleryData,
    *,
    key: str,
    height: int = 520,
    on_event: Callable[[GalleryEvent], None] | None = None,
) -> GalleryEvent:
    """Show images in a grid, `height` pixels high at most; it scrolls."""
    react = reaction(key, gallery_event, on_event)
    wire = gallery_wire(data) | {"height": height, "key": key}
    return gallery_event(
        _gallery(
            data=wire,
            key=key,
            height=height,
            on_open_change=react,
            on_tick_change=react,
            on_act_change=react,
            on_tag_change=react,
        )
    )


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
        "tags": [[tag.name, tag.colour, [int(each) for each in tag.ids]] for tag in data.tags],
        "strip": data.strip,
    }


def _item_wire(item: GalleryItem) -> list[Any]:
    values = [int(item.id), item.caption, item.badge, item.tone, item.note]
    while not values[-1] and len(values) > 1:
        values.pop()
    return values


def gallery_event(result: Mapping[str, Any]) -> GalleryEvent:
    """What the browser sent, checked."""
    tick = result.get("tick") or {"on": [], "off": []}
    tag = result.get("tag") or {"on": [], "off": []}
    act = result.get("act")
    return GalleryEvent(
        result.get("open"),
        tuple(tick["on"]),
        tuple(tick["off"]),
        acted=(str(act["action"]), int(act["id"])) if act else None,
        tagged=tuple(_mark(each) for each in tag["on"]),
        untagged=tuple(_mark(each) for each in tag["off"]),
    )


def _mark(sent: str) -> tuple[int, int]:
    """ "tag:image" as the browser sends it."""
    tag, image_id = sent.split(":")
    return int(tag), int(image_id)
