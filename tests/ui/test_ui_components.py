import json
from base64 import b64encode

import numpy as np

from explorer.insight.palette import CATEGORIES, OTHER
from explorer.serving.bits import pack_rows
from explorer.serving.urls import set_url
from explorer.ui.components.gallery import GalleryData, GalleryItem, gallery_wire
from explorer.ui.components.map import Category, Color, Label, MapData, map_wire

NUMBER = Color("/colour", "Score", "number", low=1.0, high=2.0)


def map_data(**changes: object) -> MapData:
    return MapData(
        n=10, x="/x", y="/y", ids="/ids", dataset="set", color=NUMBER, thumb="/{id}.jpg", **changes
    )


def test_the_map_data_is_json_whatever_numpy_types_it_holds() -> None:
    wire = map_wire(
        map_data(
            query=3,
            neighbors=np.array([1, 2]),
            selection=np.array([0, 9]),
            labels=[Label(5, "<b>cats</b>", 3.0)],
        )
    )
    back = json.loads(json.dumps(wire))
    assert back["neighbors"] == [1, 2]
    assert back["color"]["range"] == [1.0, 2.0]
    assert back["selection"] == {"bits": b64encode(pack_rows([0, 9], 10)).decode()}
    assert back["filter"] is None
    assert back["labels"] == [{"row": 5, "text": "<b>cats</b>", "size": 3.0}]


def test_a_large_selection_goes_by_url() -> None:
    wire = map_wire(
        MapData(
            n=1_000_000,
            x="/x",
            y="/y",
            ids="/ids",
            dataset="set",
            color=NUMBER,
            thumb="",
            selection=np.arange(9),
        )
    )
    assert len(json.dumps(wire)) < 2000
    assert wire["selection"] == {"url": set_url(pack_rows(np.arange(9), 1_000_000))}


def test_categories_past_the_palette_are_grey() -> None:
    names = [Category(str(number), 1) for number in range(70)]
    color = Color("/colour", "Label", "category", names)
    entries = map_wire(MapData(10, "/x", "/y", "/ids", "set", color, ""))["color"]["categories"]
    assert [entry["color"] for entry in entries] == [*CATEGORIES, *[OTHER] * 6]
    assert len(set(CATEGORIES)) == 64


def test_gallery_items_are_short_lists() -> None:
    items = [GalleryItem(5), GalleryItem(6, "cat", "0.9"), GalleryItem(7, note="odd")]
    wire = gallery_wire(GalleryData(items, "/{id}.jpg", "Found", "set", ticked=np.array([6])))
    assert wire["items"] == [[5], [6, "cat", "0.9"], [7, "", "", "", "odd"]]
    assert json.loads(json.dumps(wire))["ticked"] == [6]
