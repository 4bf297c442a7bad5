"""A box drawn in the query photo: the part of it that is asked for."""

import numpy as np
import numpy.typing as npt
import streamlit as st

from explorer.errors import ExplorerError, UsageError
from explorer.search import Crop, embed_image
from explorer.serving.windows import here, tell
from explorer.ui.components.crop import photo_with_box
from explorer.ui.state import View

CROP = "crop"  # in the session and in the URL


def crop_of_query() -> Crop | None:
    """The part of the query photo that is asked for; None for all of it, or when it is no box."""
    text = here().view.get(CROP)
    if not text:
        return None
    try:
        return Crop.read(text)
    except UsageError:
        here().view[CROP] = None  # what a link said
        return None


def photo_to_crop(view: View, source: str, alt: str) -> None:
    """The query photo, in which a part can be chosen."""
    photo_with_box(source, alt, crop_of_query(), dataset=view.dataset.name)


def choose_part(crop: Crop | None) -> None:
    """Ask for a part of the query photo; None: for all of it."""
    here().view[CROP] = str(crop) if crop else None


def crop_vector(view: View, crop: Crop, name: str, data: bytes) -> npt.NDArray[np.float32] | None:
    """The vector (d,) of a part of a file; without a vector the crop is dropped with a message."""
    key = (view.space.fingerprint, name, str(crop))
    known, vector = st.session_state.get("_crop_vector", (None, None))
    if known != key:
        try:
            vector = embed_image(view.space, data, crop=crop)
        except ExplorerError as error:
            tell(f"This part cannot be searched by: {error}")
            here().view[CROP] = None
            return None
        st.session_state["_crop_vector"] = (key, vector)
    return vector
