"""Heat maps over photos: small pictures that the browser stretches, laid over thumbnails."""

import io
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import streamlit as st
from PIL import Image

from explorer.errors import ExplorerError
from explorer.insight.columns import caption_of
from explorer.insight.markup import piece
from explorer.insight.palette import RAMP
from explorer.search import Sight, look
from explorer.serving.registry import original_bytes
from explorer.serving.swallowed import log_once
from explorer.serving.urls import image_url, thumb_url
from explorer.ui.view import View

STRONGEST = 0.82  # opacity of the hottest place
Floats = npt.NDArray[np.float32]


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


def heat_grid(
    view: View,
    ids: Sequence[int],
    found: Sequence[Sight | None],
    heats: Sequence[Floats | None],
    notes: Sequence[str],
    *,
    label: str,
    wide: bool = False,
) -> None:
    """Photos with their heat, as many side by side as there is room for; `wide`: two, and large.

    For each id: what the extractor found there, the heat of its places, and what is noted of it.
    """
    most = max((float(heat.max()) for heat in heats if heat is not None), default=0.0)
    figures = []
    for image_id, sight, heat, note in zip(ids, found, heats, notes, strict=True):
        image = view.dataset.image(image_id)
        photo = Heated(
            (image_url if wide else thumb_url)(view.dataset, image_id),
            (image["width"], image["height"]),
            caption_of(view.space, image_id),
            note,
            heat,
            sight.field if sight else (0, 0, 1, 1),
            most,
        )
        figures.append(_figure(photo))
    classes = "heats wide" if wide else "heats"
    inside = "".join(figures)
    st.html(f'<div class="{classes}" role="group" aria-label="{label}">{inside}</div>')


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


def heat_picture(heat: Floats, most: float) -> str:
    """Heat as a tiny PNG in a data URL: nothing where it is 0 or less, brightest at `most`."""
    share = np.clip(heat / max(most, 1e-12), 0, 1)
    pixels = np.empty((*share.shape, 4), np.uint8)
    stops = np.linspace(0, 1, len(RAMP))
    for channel in range(3):
        ramp = [int(color[1 + 2 * channel : 3 + 2 * channel], 16) for color in RAMP]
        pixels[..., channel] = np.interp(share, stops, ramp)
    pixels[..., 3] = np.round(255 * STRONGEST * share**0.8)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return f"data:image/png;base64,{b64encode(out.getvalue()).decode()}"
