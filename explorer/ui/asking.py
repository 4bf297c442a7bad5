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
from explorer.search import Examples, embed_image
from explorer.store import Space
from explorer.ui.components import own_component
from explorer.ui.html import warn
from explorer.ui.state import View

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
    return tuple(image_id for image_id in ids if _is_here(view.space, image_id))


def _is_here(space: Space, image_id: int) -> bool:
    row = int(np.searchsorted(space.image_ids, image_id))
    return row < len(space) and int(space.image_ids[row]) == image_id


def choose(view: View, side: Side, image_id: int) -> None:
    """More like this one, or less."""
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
    """All that is asked for together; None when nothing is."""
    uploaded = upload(view)
    query = () if view.query is None else (view.query,)
    like = tuple(dict.fromkeys((*query, *chosen(view, "like"))))
    vectors = (uploaded.vector,) if uploaded else ()
    if not (like or vectors):
        return None
    return Examples(like, chosen(view, "unlike"), vectors)


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
    st.session_state.update(image=None, _upload=made, _upload_failed=None)
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
