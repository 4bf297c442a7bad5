"""A small app around the two components, on synthetic images. The browser tests drive it.

Run by hand: streamlit run tests/ui/components_app.py -- 250000
"""

import io
import sys
import tempfile
from functools import lru_cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import streamlit as st
from PIL import Image, ImageDraw

from explorer.ui import components, server
from explorer.ui.bits import combine_rows
from explorer.ui.columns import categories, is_category, numbers

EVIL = '<img src=x onerror="window.hacked=1">"quoted" 🦉 ' + "x" * 300
NAMES = [EVIL, *[f"class {number:02d}" for number in range(1, 80)]]


class FakeSpace:
    """As much of a `Space` as the routes and the map need."""

    id = "fake:model/one"

    def __init__(self, dataset: "FakeDataset") -> None:
        rng = np.random.default_rng(0)
        n = dataset.n
        self.dataset = dataset
        self.image_ids = np.arange(n, dtype=np.int64) + 1000
        centres = rng.uniform(-10, 10, (40, 2))
        groups = np.minimum(rng.geometric(0.07, n) - 1, 39)
        noise = rng.standard_normal((n, 2)) * (0.3 + rng.random(40)[groups, None])
        place = (centres[groups] + noise).astype(np.float32)
        self.columns = {
            "image_id": pa.array(self.image_ids),
            "map_x": pa.array(place[:, 0]),
            "map_y": pa.array(place[:, 1]),
            "label": pa.DictionaryArray.from_arrays(groups, NAMES).cast(pa.string()),
            "cluster": pa.array(np.where(groups > 30, -1, groups)),
            "score": pa.array(np.where(rng.random(n) < 0.05, np.nan, place[:, 0] ** 2)),
        }
        self.column_names = list(self.columns)
        self.groups, self.centres = groups, centres

    def column_meta(self, name: str) -> dict[str, str]:
        kind = "category" if name in ("label", "cluster") else "number"
        return {"kind": kind, "title": name.capitalize(), "explains": ""}

    def arrow_column(self, name: str) -> pa.ChunkedArray:
        return pa.chunked_array([self.columns[name]])


class FakeDataset:
    """As much of a `Dataset` as the routes and the map need."""

    name = "fake é/set"
    space_ids = (FakeSpace.id,)

    def __init__(self, n: int) -> None:
        self.n = n
        self.root = Path(tempfile.mkdtemp())
        self.photo = self.root / "photo.png"
        Image.effect_mandelbrot((2400, 1200), (-2, -1, 1, 1), 60).convert("RGB").save(self.photo)

    def space(self, space_id: str) -> FakeSpace:
        return FakeSpace(self)

    def thumbnail(self, image_id: int) -> bytes:
        if not 1000 <= image_id < 1000 + self.n or image_id == 1013:
            raise KeyError(image_id)
        return _thumbnail(image_id % 97)

    def image_path(self, image_id: int) -> Path:
        self.thumbnail(image_id)
        return self.photo if image_id != 1001 else self.root / "gone.png"


@lru_cache
def _thumbnail(number: int) -> bytes:
    rng = np.random.default_rng(number)
    picture = Image.new("RGB", (256, 192), tuple(int(part) for part in rng.integers(40, 220, 3)))
    pen = ImageDraw.Draw(picture)
    for _ in range(8):
        x, y = (int(part) for part in rng.integers(0, 200, 2))
        fill = tuple(int(part) for part in rng.integers(0, 255, 3))
        pen.ellipse([x, y, x + 70, y + 60], fill=fill)
    pen.text((8, 8), f"#{number}", fill="white", font_size=48, stroke_width=3, stroke_fill="black")
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG")
    return buffer.getvalue()


@st.cache_resource
def open_fake(n: int) -> FakeDataset:
    dataset = FakeDataset(n)
    server.serve(dataset)
    return dataset


def colour_of(space: FakeSpace, name: str) -> components.Colour:
    url, title = server.column_url(space, name), name.capitalize()
    if is_category(space, name):
        found = categories(space, name)
        entries = [components.Category(*entry) for entry in zip(found.names, found.counts, strict=True)]
        return components.Colour(url, title, "category", entries)
    values = numbers(space, name)
    low, high = np.nanpercentile(values, [1, 99])
    return components.Colour(url, title, "number", low=float(low), high=float(high))


def map_page(space: FakeSpace) -> None:
    state = st.session_state
    colour = st.segmented_control("Colour by", ["label", "cluster", "score"], default="label")
    filtered = st.toggle("Only the first half")
    state.setdefault("rows", np.empty(0, np.int64))

    def react(event: components.MapEvent) -> None:
        if event.clicked is not None:
            state.query = event.clicked
        if event.lasso is not None:
            state.rows = combine_rows(state.rows, event.lasso.rows, event.lasso.mode)

    query = state.query - 1000 if "query" in state else None
    found = np.arange(query + 1, min(query + 9, len(space.image_ids))) if query is not None else []
    data = components.MapData(
        n=len(space.image_ids),
        x=server.column_url(space, "map_x"),
        y=server.column_url(space, "map_y"),
        ids=server.column_url(space, "image_id"),
        colour=colour_of(space, colour or "label"),
        thumb=server.thumb_template(space.dataset),
        query=query,
        neighbours=found,
        selection=state.rows if len(state.rows) else None,
        filter=np.arange(len(space.image_ids) // 2) if filtered else None,
        labels=[
            components.Label(float(x), float(y), NAMES[group], float(40 - group))
            for group, (x, y) in enumerate(space.centres)
        ],
    )
    components.map_view(data, key="map", on_event=react)
    st.text(f"Query: {state.get('query')}")
    st.text(f"Selected: {len(state.rows)}")


def gallery_page(space: FakeSpace) -> None:
    state = st.session_state
    state.setdefault("ticked", {1002})
    count = st.number_input("How many", 0, 100_000, 5000)

    def react(event: components.GalleryEvent) -> None:
        state.opened = event.opened
        state.ticked = (state.ticked | set(event.ticked)) - set(event.unticked)

    tones = ["", "good", "warn", "bad"]
    items = [
        components.GalleryItem(
            1000 + number,
            caption=NAMES[number % 80] if number % 7 == 5 else f"photo {number}",
            badge=f"{1 - number / 5000:.3f}",
            tone=tones[number % 4],
        )
        for number in range(int(count))
    ]
    thumb = server.thumb_template(space.dataset)
    data = components.GalleryData(items, thumb, "Neighbours", ticked=sorted(state.ticked))
    components.gallery(data, key="gallery", on_event=react)
    st.text(f"Opened: {state.get('opened')}")
    st.text(f"Ticked: {len(state.ticked)}")


def main() -> None:
    st.set_page_config(layout="wide")
    space = server.open_space(
        open_fake(int(sys.argv[1]) if len(sys.argv) > 1 else 2000), FakeSpace.id
    )
    pages = {"Map": map_page, "Gallery": gallery_page}
    st.navigation(
        [
            st.Page(lambda page=page: page(space), title=title, url_path=title.lower())
            for title, page in pages.items()
        ]
    ).run()


app = st.App(__file__, routes=server.ROUTES, middleware=server.MIDDLEWARE)

if __name__ == "__main__":
    main()
