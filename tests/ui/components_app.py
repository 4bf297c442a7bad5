"""A small app around the two components, on synthetic images. The browser tests drive it.

Run by hand: streamlit run tests/ui/components_app.py -- 250000 --no-token
"""

import sys
from pathlib import Path

import numpy as np
import streamlit as st

sys.path.insert(0, str(Path(__file__).parents[1]))  # where `support` lies, when run by Streamlit

from support.fake_dataset import FIRST_ID, NAMES, FakeDataset, FakeSpace

from explorer.insight.columns import categories, is_category, numbers
from explorer.serving import registry, routes, urls
from explorer.serving.bits import decode_rows
from explorer.serving.delivery import Event, event_route
from explorer.serving.middleware import MIDDLEWARE
from explorer.serving.windows import begin_run, here
from explorer.store import combined
from explorer.ui.components.gallery import GalleryData, GalleryItem, gallery
from explorer.ui.components.map import Category, Color, Label, MapData, map_view


@st.cache_resource
def open_fake(n: int) -> FakeDataset:
    dataset = FakeDataset(n)
    registry.serve(dataset)
    return dataset


def color_of(space: FakeSpace, name: str) -> Color:
    url, title = urls.column_url(space, name), name.capitalize()
    if is_category(space, name):
        found = categories(space, name)
        entries = [Category(*entry) for entry in zip(found.names, found.counts, strict=True)]
        return Color(url, title, "category", entries)
    values = numbers(space, name)
    low, high = np.nanpercentile(values, [1, 99])
    return Color(url, title, "number", low=float(low), high=float(high))


def map_page(space: FakeSpace) -> None:
    state = here().keep(dict)
    color = st.segmented_control("Colour by", ["label", "cluster", "score"], default="label")
    layout = st.segmented_control("Layout", ["flat", "turned", "space"], default="flat")
    x, y = ("map_y", "map_x") if layout == "turned" else ("map_x", "map_y")
    filtered = st.toggle("Only the first half")
    rows = np.array(state.get("ids", ()), np.int64) - FIRST_ID
    query = state["query"] - FIRST_ID if "query" in state else None
    found = np.arange(query + 1, min(query + 9, len(space.image_ids))) if query is not None else []
    data = MapData(
        n=len(space.image_ids),
        x=urls.column_url(space, x),
        y=urls.column_url(space, y),
        z=urls.column_url(space, "map_z") if layout == "space" else None,
        ids=urls.column_url(space, "image_id"),
        dataset=space.dataset.name,
        color=color_of(space, color or "label"),
        thumb=urls.thumb_template(space.dataset),
        query=query,
        neighbors=found,
        selection=rows if len(rows) else None,
        filter=np.arange(len(space.image_ids) // 2) if filtered else None,
        labels=[
            Label(int(row), NAMES[group], float(40 - group))
            for group, row in zip(*np.unique(space.groups, return_index=True), strict=True)
        ],
    )
    map_view(data, key="map")
    st.text(f"Query: {state.get('query')}")
    st.text(f"Selected: {len(rows)}")


def gallery_page(space: FakeSpace) -> None:
    state = here().keep(dict)
    ticked = state.setdefault("ticked", {1002})
    count = st.number_input("How many", 0, 100_000, 5000)

    tones = ["", "good", "warn", "bad"]
    items = [
        GalleryItem(
            FIRST_ID + number,
            caption=NAMES[number % 80] if number % 7 == 0 else f"photo {number}",
            badge=f"{1 - number / 5000:.3f}",
            tone=tones[number % 4],
        )
        for number in range(int(count))
    ]
    thumb = urls.thumb_template(space.dataset)
    name = space.dataset.name
    data = GalleryData(items, thumb, "Neighbours", name, ticked=sorted(ticked), opens="open")
    gallery(data, key="gallery")
    st.text(f"Opened: {state.get('opened')}")
    st.text(f"Ticked: {len(ticked)}")


# --- what the events do here


def ask(event: Event) -> None:
    here().keep(dict)["query"] = event.values["image"]


def open_photo(event: Event) -> None:
    here().keep(dict)["opened"] = event.values["image"]


def lasso(event: Event) -> None:
    ids = decode_rows(event.values["bits"], event.values["n"])
    before = np.array(here().keep(dict).get("ids", ()), np.int64)
    here().keep(dict)["ids"] = combined(before, ids, event.values["mode"])


def select(event: Event) -> None:
    change, before = set(event.values["ids"]), here().keep(dict)["ticked"]
    here().keep(dict)["ticked"] = (
        before | change if event.values["mode"] == "add" else before - change
    )


def main() -> None:
    begin_run()
    st.set_page_config(layout="wide")
    space = registry.open_space(
        open_fake(int(sys.argv[1]) if len(sys.argv) > 1 else 2000), FakeSpace.id
    )
    pages = {"Map": map_page, "Gallery": gallery_page}
    st.navigation(
        [
            st.Page(lambda page=page: page(space), title=title, url_path=title.lower())
            for title, page in pages.items()
        ]
    ).run()


HANDLERS = {"ask": ask, "open": open_photo, "lasso": lasso, "select": select}
app = st.App(__file__, routes=[event_route(HANDLERS), *routes.ROUTES], middleware=MIDDLEWARE)

if __name__ == "__main__":
    main()
