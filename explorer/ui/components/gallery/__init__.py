"""The gallery, as Python sees it: photos to look at, tick and tag."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from explorer.ui.components.common import own_component, show_component


@dataclass(frozen=True)
class GalleryItem:
    """One image: what is written under it, on it (a few characters) and beside it (on hover).

    tone: of the badge.
    """

    id: int
    caption: str = ""
    badge: str = ""
    tone: Literal["", "good", "warn", "bad"] = ""
    note: str = ""


@dataclass(frozen=True)
class Action:
    """A button on every photo; its sign, one character, is also its key on the keyboard.

    `key` is the name of the event that it sends.
    """

    key: str
    name: str
    sign: str


@dataclass(frozen=True)
class GalleryTag:
    """A tag by its id, its colour `#rrggbb`, and those of the gallery's images that have it."""

    id: int
    name: str
    color: str
    ids: Sequence[int]


@dataclass(frozen=True)
class GalleryData:
    """What a gallery shows, `label` being its name for screen readers.

    thumb: a URL with {id} in it.
    ticked: image ids.
    size: pixels of a cell, until the user moves the slider.
    toolbar: count, tick all, whole photos, size.
    tags: a digit on the keyboard gives the first nine.
    strip: all photos in one line, which is scrolled to the side.
    opens: the event of a click on a photo.
    """

    items: Sequence[GalleryItem]
    thumb: str
    label: str
    dataset: str
    ticked: Sequence[int] = ()
    empty: str = "There is nothing to show here."
    size: int = 144
    toolbar: bool = True
    actions: Sequence[Action] = ()
    tags: Sequence[GalleryTag] = ()
    strip: bool = False
    opens: str = "ask"


_gallery = own_component("gallery")


def gallery(data: GalleryData, *, key: str, height: int = 520) -> None:
    """Show images in a grid, `height` pixels high at most; it scrolls."""
    wire = gallery_wire(data) | {"height": height, "key": key}
    show_component(_gallery, wire, dataset=data.dataset, key=key, height=height)


def gallery_wire(data: GalleryData) -> dict[str, object]:
    """The gallery's data as JSON: items as short lists, because there may be thousands."""
    return vars(data) | {
        "items": [_item_wire(item) for item in data.items],
        "ticked": [int(image_id) for image_id in data.ticked],
        "actions": [[action.key, action.name, action.sign] for action in data.actions],
        "tags": [
            [tag.id, tag.name, tag.color, [int(each) for each in tag.ids]] for tag in data.tags
        ],
    }


def _item_wire(item: GalleryItem) -> list[int | str]:
    values: list[int | str] = [int(item.id), item.caption, item.badge, item.tone, item.note]
    while not values[-1] and len(values) > 1:
        values.pop()
    return values
