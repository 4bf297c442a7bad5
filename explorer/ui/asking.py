"""What the user asks for: like these images, unlike those, like a photo from outside."""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import streamlit as st

from explorer.errors import ExplorerError, ImageError
from explorer.images import SafeDecoder, thumbnail
from explorer.search import LESS, MOST_LESS, Examples, embed_image
from explorer.ui.asked import is_in
from explorer.ui.components import own_component
from explorer.ui.cropping import crop_of_query, crop_vector
from explorer.ui.html import warn
from explorer.ui.server import original_bytes
from explorer.ui.state import WORDS, View

Side = Literal["like", "unlike"]

_drop = own_component("drop")
PREVIEW = 512  # pixels
DROP_HEIGHT = 68
DROP_TEXT = "Drop a photo here, paste one, or click to choose: what is like it? It is not kept."


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
    asked = [part for part in (st.session_state.get(side) or "").split(",") if part.isdecimal()]
    ids = dict.fromkeys(map(int, asked))
    return tuple(image_id for image_id in ids if is_in(view.space, image_id))


def choose(view: View, side: Side, image_id: int) -> None:
    """More like this one, or less. It takes the place of words."""
    st.session_state[WORDS] = None
    for each in ("like", "unlike"):
        others = [str(other) for other in chosen(view, each) if other != image_id]
        _keep(each, [*others, str(image_id)] if each == side else others)


def take_out(view: View, image_id: int) -> None:
    """It counts neither for nor against any more."""
    for side in ("like", "unlike"):
        _keep(side, [str(other) for other in chosen(view, side) if other != image_id])


def _keep(side: str, ids: list[str]) -> None:
    st.session_state[side] = ",".join(ids) or None


def examples(view: View) -> Examples | None:
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
        asked = float(st.session_state.get("less") or LESS)
    except ValueError:
        asked = LESS  # what a link said
    return asked if 0 <= asked <= MOST_LESS else LESS


def less_slider() -> None:
    """How much the images count that the answers shall not be like."""

    def keep() -> None:
        st.session_state["less"] = f"{st.session_state['less_slider']:g}"

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


def upload(view: View) -> Upload | None:
    """The photo from outside, seen through the present space."""
    kept: Upload | None = st.session_state.get("_upload")
    if kept is None or kept.space == view.space.fingerprint:
        return kept
    return take_in(view, kept.name, kept.data)


def take_in(view: View, name: str, data: bytes) -> Upload | None:
    """Make a photo from outside the query; one that cannot be used leaves a message."""
    try:
        with SafeDecoder() as decoder:
            small = thumbnail(decoder.decode(data, min_side=PREVIEW // 2).image, side=PREVIEW)
        preview = f"data:image/jpeg;base64,{b64encode(small).decode()}"
        vector = embed_image(view.space, data)
    except ExplorerError as error:
        st.session_state.update(_upload=None, _upload_failed=f"{name}: {error}")
        return None
    made = Upload(name, preview, view.space.fingerprint, data, vector)
    st.session_state.update(image=None, crop=None, words=None, _upload=made, _upload_failed=None)
    return made


def photo_drop(view: View) -> None:
    """The place for a photo from outside."""

    def react() -> None:
        sent: Mapping[str, Any] | None = st.session_state["drop"].get("photo")
        if sent:
            st.session_state["_uploads"] = st.session_state.get("_uploads", 0) + 1
            take_in(view, str(sent["name"]), _bytes(sent))

    # The number is new with each photo, so that the component says again what it is for.
    data = {"text": DROP_TEXT, "turn": st.session_state.get("_uploads", 0)}
    _drop(data=data, key="drop", height=DROP_HEIGHT, on_photo_change=react)
    if failed := st.session_state.get("_upload_failed"):
        warn(failed)


def _bytes(sent: Mapping[str, Any]) -> bytes:
    try:
        return b64decode(sent["bytes"], validate=True)
    except (KeyError, ValueError) as error:
        raise ImageError("What the browser sent is not a file.") from error
