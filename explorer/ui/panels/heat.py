"""Heat maps over photos: small pictures that the browser stretches, laid over thumbnails."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from explorer.errors import ExplorerError
from explorer.insight.heat import Floats, heat_picture
from explorer.insight.markup import piece
from explorer.search import Sight, look
from explorer.serving.registry import original_bytes
from explorer.serving.swallowed import log_once
from explorer.ui.view import View


@dataclass(frozen=True)
class Heated:
    """A photo with the heat over it: (rows, columns) values up to `most`; none shows it plain.

    caption and note: what is written under it.
    """

    url: str
    size: tuple[int, int]
    caption: str
    note: str
    heat: Floats | None
    field: tuple[float, float, float, float]
    most: float


@st.cache_resource(max_entries=16, show_spinner="Looking closely …")
def _looked(key: str, ids: tuple[int, ...], _view: View) -> list[Sight | None]:  # noqa: ARG001
    files = []
    for image_id in ids:
        try:
            files.append(original_bytes(_view.dataset, image_id))
        except (ExplorerError, OSError) as error:
            log_once("heat", _view.dataset.name, error)
            files.append(b"")  # the file has moved: no image, and so nothing to see
    return look(_view.space, files)


def sights(view: View, ids: Sequence[int]) -> list[Sight | None]:
    """What the view's extractor finds at every place of some images; None where one is gone."""
    return _looked(view.space.fingerprint, tuple(ids), view)


def heat_grid(photos: Sequence[Heated], *, label: str, wide: bool = False) -> None:
    """Photos with their heat, as many side by side as there is room for; `wide`: two."""
    figures = "".join(_figure(photo) for photo in photos)
    classes = "heats wide" if wide else "heats"
    st.html(f'<div class="{classes}" role="group" aria-label="{label}">{figures}</div>')


def _figure(photo: Heated) -> str:
    width, height = photo.size
    alt = f"{photo.caption} {photo.note}"
    inside = piece("img", src=photo.url, alt=alt, loading="lazy")
    if photo.heat is not None:
        left, top, across, down = (f"{100 * share:.2f}%" for share in photo.field)
        place = f"left:{left};top:{top};width:{across};height:{down}"
        inside += piece(
            "img", src=heat_picture(photo.heat, photo.most), alt="", classes="heat", style=place
        )
    words = piece("figcaption", "{}", photo.caption)
    words = words.replace("</figcaption>", piece("span", "{}", photo.note) + "</figcaption>")
    return f'<figure><div style="aspect-ratio:{width}/{height}">{inside}</div>{words}</figure>'
