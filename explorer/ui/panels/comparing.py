"""Two photos one over the other, and how much alike those of a group are."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from explorer.insight.columns import label_of
from explorer.insight.markup import piece
from explorer.insight.spaces import similarities
from explorer.insight.wording import counted
from explorer.serving.urls import image_url, thumb_url
from explorer.store import Dataset, Space
from explorer.ui.charts.style import ACCENT
from explorer.ui.components.compare import photos_to_compare
from explorer.ui.html import show
from explorer.ui.view import View

MOST_IN_MATRIX = 16


def compare_photos(dataset: Dataset, first: int, second: int, *, key: str) -> None:
    """Two images of a dataset, by id: swipe, difference, side by side."""
    photos_to_compare(_photo(dataset, first), _photo(dataset, second), key=key)


def _photo(dataset: Dataset, image_id: int) -> dict[str, str]:
    image = dataset.image(image_id)
    facts = [f"#{image_id}", f"{image['width']} × {image['height']}", image["format"]]
    facts += [f"{image['bytes']:,} bytes", image["label"] or ""]
    return {
        "url": image_url(dataset, image_id),
        "name": image["path"],
        "facts": " · ".join(filter(None, facts)),
    }


@st.dialog("Compare", width="large")
def compare_dialog(view: View, rows: Sequence[int]) -> None:
    """The first of some images over any other of them."""
    first, *others = (int(view.space.image_ids[row]) for row in rows)
    second = others[0]
    if len(others) > 1:
        second = st.selectbox(
            f"Compare #{first} with",
            others,
            format_func=lambda image_id: f"#{image_id}  {view.dataset.image(image_id)['path']}",
            key=f"compare_with_{first}",
            help="Any other image of the group.",
        )
    compare_photos(view.dataset, first, second, key="compare")


@st.dialog("Similarities", width="large")
def similarity_dialog(view: View, rows: Sequence[int]) -> None:
    """How much alike the images of a group are, each to each."""
    shown = list(rows)[:MOST_IN_MATRIX]
    show(
        "p",
        "Cosine similarity of each to each; 1 is the same to the extractor. The first is the one "
        "to keep.",
        classes="hint",
    )
    st.html(similarity_table(view.space, shown))
    if len(rows) > len(shown):
        left_out = counted(len(rows) - len(shown), "image")
        show("p", "{} more are not shown.", left_out, classes="facts")


def similarity_table(space: Space, rows: Sequence[int]) -> str:
    """The similarities of some rows as an HTML table with their photos at its edges."""
    values = similarities(space.vectors(rows))
    off = values[~np.eye(len(rows), dtype=bool)]
    low, high = float(off.min(initial=1)), float(off.max(initial=1))
    photos = [_thumbnail(space, row) for row in rows]
    lines = ["<tr><td></td>" + "".join(f'<th scope="col">{photo}</th>' for photo in photos)]
    for place, photo in enumerate(photos):
        cells = [
            _cell(float(value), low, high) if other != place else "<td>–</td>"
            for other, value in enumerate(values[place])
        ]
        lines.append(f'<tr><th scope="row">{photo}</th>' + "".join(cells))
    return '<table class="similarities">' + "".join(f"{line}</tr>" for line in lines) + "</table>"


def _thumbnail(space: Space, row: int) -> str:
    image_id = int(space.image_ids[row])
    name = f"#{image_id} {label_of(space, row)}".strip()
    return piece("img", src=thumb_url(space.dataset, image_id), alt=name, title=name)


def _cell(value: float, low: float, high: float) -> str:
    share = 100 * (value - low) / max(high - low, 1e-6)
    tint = f"background:color-mix(in srgb, {ACCENT} {8 + 0.4 * share:.0f}%, transparent)"
    return piece("td", "{}", f"{value:.3f}", style=tint)
