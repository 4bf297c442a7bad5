"""A box drawn in the query photo: the part of it that is asked for."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import streamlit as st

from explorer.errors import ExplorerError, UsageError
from explorer.search import Crop, embed_image
from explorer.ui.component import own_component, reaction
from explorer.ui.notes import tell
from explorer.ui.state import View

CROP = "crop"  # in the session and in the URL

_photo = own_component("crop")


def crop_of_query() -> Crop | None:
    """The part of the query photo that is asked for; None for all of it, or when it is no box."""
    text = st.session_state.get(CROP)
    if not text:
        return None
    try:
        return Crop.read(text)
    except UsageError:
        st.session_state[CROP] = None  # what a link said
        return None


def photo_to_crop(source: str, alt: str) -> None:
    """The query photo, in which a part can be chosen."""
    crop = crop_of_query()
    data = {"src": source, "alt": alt, "crop": crop.sides if crop else None}
    _photo(data=data, key="crop_photo", on_crop_change=reaction("crop_photo", _sides, _choose))


def _sides(sent: Mapping[str, Any]) -> Any:
    return (sent.get("crop") or {}).get("sides")


def _choose(sides: Any) -> None:
    try:
        st.session_state[CROP] = str(Crop(*map(float, sides))) if sides else None
    except (TypeError, ValueError, UsageError):
        st.session_state[CROP] = None  # no box that this component draws


def crop_vector(view: View, crop: Crop, name: str, data: bytes) -> npt.NDArray[np.float32] | None:
    """The vector (d,) of a part of a file; without a vector the crop is dropped with a message."""
    key = (view.space.fingerprint, name, str(crop))
    known, vector = st.session_state.get("_crop_vector", (None, None))
    if known != key:
        try:
            vector = embed_image(view.space, data, crop=crop)
        except ExplorerError as error:
            tell(f"This part cannot be searched by: {error}")
            st.session_state[CROP] = None
            return None
        st.session_state["_crop_vector"] = (key, vector)
    return vector
