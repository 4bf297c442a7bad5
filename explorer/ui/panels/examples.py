"""What the user asks for: like these images, unlike those, like a photo from outside."""

from base64 import b64encode
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import streamlit as st

from explorer.errors import ExplorerError
from explorer.images import SafeDecoder, thumbnail
from explorer.search import LESS, MOST_LESS, Examples, embed_image
from explorer.serving.registry import original_bytes
from explorer.serving.windows import here
from explorer.ui.asked import SIDES, is_in
from explorer.ui.components.drop import photo_drop
from explorer.ui.html import warn
from explorer.ui.panels.cropping import crop_of_query, crop_vector
from explorer.ui.state import ARRIVED, WORDS, View

Side = Literal["like", "unlike"]

PREVIEW = 512  # pixels


@dataclass(frozen=True)
class Upload:
    """A photo from outside: its name, a picture of it, and its vector (d,) in one space."""

    name: str
    preview: str  # a data URL
    space: str  # the fingerprint
    data: bytes
    vector: npt.NDArray[np.float32]


def chosen(view: View, side: Side) -> tuple[int, ...]:
    """The images the answers shall be like, or unlike, besides the query; those still there."""
    return tuple(image_id for image_id in _kept(side) if is_in(view.space, image_id))


def choose(side: Side, image_id: int) -> None:
    """More like this one, or less. It takes the place of words."""
    here().view[WORDS] = None
    take_out(image_id)
    _keep(side, [*_kept(side), image_id])


def take_out(image_id: int) -> None:
    """It counts neither for nor against any more."""
    for side in SIDES:
        _keep(side, [other for other in _kept(side) if other != image_id])


def _kept(side: str) -> list[int]:
    asked = (here().view.get(side) or "").split(",")
    return [*dict.fromkeys(int(part) for part in asked if part.isdecimal())]


def _keep(side: str, ids: list[int]) -> None:
    here().view[side] = ",".join(map(str, ids)) or None


def asked_for(view: View) -> Examples | None:
    """All images that are asked for together; None when none are."""
    uploaded = upload(view)
    query = () if view.query is None else (view.query,)
    vectors = (uploaded.vector,) if uploaded else ()
    known: tuple[int, ...] = ()
    if (part := _part(view, uploaded)) is not None:
        query, vectors, known = (), (part,), query
    like = tuple(dict.fromkeys((*query, *chosen(view, "like"))))
    if not (like or vectors):
        return None
    return Examples(like, chosen(view, "unlike"), vectors, less=how_much_less(), known=known)


def _part(view: View, uploaded: Upload | None) -> npt.NDArray[np.float32] | None:
    """The vector of the part of the query photo that is asked for; None without one."""
    crop = crop_of_query()
    if crop and uploaded:
        return crop_vector(view, crop, uploaded.name, uploaded.data)
    if crop and view.query is not None:
        data = original_bytes(view.dataset, view.query)
        return crop_vector(view, crop, f"#{view.query}", data)
    return None


def how_much_less() -> float:
    """What the images count that the answers shall not be like."""
    try:
        asked = float(here().view.get("less") or LESS)
    except ValueError:
        asked = LESS  # what a link said
    return asked if 0 <= asked <= MOST_LESS else LESS


def less_slider() -> None:
    """How much the images count that the answers shall not be like."""

    def keep() -> None:
        here().view["less"] = f"{st.session_state['less_slider']:g}"

    st.slider(
        "How much less",
        0.0,
        MOST_LESS,
        how_much_less(),
        0.1,
        key="less_slider",
        on_change=keep,
        help="0: not at all; 1: as much as what the photos shall be like.",
    )


def take_in(view: View) -> None:
    """Make a photo that has come from outside the query, and draw the page again; if one has."""
    looks = here().view
    if not (waiting := looks.get(ARRIVED)):
        return
    made = _seen_through(view, *waiting)
    if looks.get(ARRIVED) is waiting:  # else something has been asked for meanwhile
        looks.update({ARRIVED: None, "_upload": made})
        if made:
            looks.update(image=None, crop=None, words=None)
    st.rerun()


def upload(view: View) -> Upload | None:
    """The photo from outside, seen through the present space."""
    looks = here().view
    kept: Upload | None = looks.get("_upload")
    if kept is None or kept.space == view.space.fingerprint:
        return kept
    made = _seen_through(view, kept.name, kept.data)
    if looks.get("_upload") is kept:
        looks.update(_upload=made, crop=None)
    return made


def _seen_through(view: View, name: str, data: bytes) -> Upload | None:
    """A photo from outside with its vector in the space; one that cannot be used is told."""
    here().view["_upload_failed"] = None
    try:
        with SafeDecoder() as decoder:
            small = thumbnail(decoder.decode(data, min_side=PREVIEW // 2).image, side=PREVIEW)
        preview = f"data:image/jpeg;base64,{b64encode(small).decode()}"
        vector = embed_image(view.space, data)
    except ExplorerError as error:
        here().view["_upload_failed"] = f"{name}: {error}"
        return None
    return Upload(name, preview, view.space.fingerprint, data, vector)


def place_for_photo(view: View) -> None:
    """The place for a photo from outside, and why the last one could not be used."""
    photo_drop(here().view.get("_uploads", 0), dataset=view.dataset.name)
    if failed := here().view.get("_upload_failed"):
        warn(failed)


def receive(name: str, data: bytes) -> None:
    """Keep a photo from outside for the next run, which makes it the query."""
    looks = here().view
    looks.update({ARRIVED: (name, data), "_uploads": looks.get("_uploads", 0) + 1})
