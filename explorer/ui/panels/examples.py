"""What the user asks for: like these images, unlike those, like a photo from outside."""

from base64 import b64encode

import streamlit as st

from explorer.errors import ExplorerError
from explorer.images import SafeDecoder, thumbnail
from explorer.search import LESS, MOST_LESS, Crop, Examples, embed_image
from explorer.serving.hints import with_hint
from explorer.serving.registry import original_bytes
from explorer.serving.windows import tell
from explorer.ui.components.drop import photo_drop
from explorer.ui.html import warn
from explorer.ui.state import Side, Upload, now, value_of
from explorer.ui.view import View, is_in

PREVIEW = 512  # pixels


def take_in(view: View) -> None:
    """Make what has come from outside the query, and see the query's photo through the space.

    Draws the page again when a photo has come.
    """
    window = now()
    if waiting := window.arrived:
        made = _seen_through(view, *waiting)
        if window.arrived is waiting:  # else something has been asked for meanwhile
            window.arrived, window.upload = None, made
            if made:
                window.image = window.crop = window.words = None
        st.rerun()
    known = window.upload
    if known and known.space != view.space.fingerprint:
        made = _seen_through(view, known.name, known.data)
        if window.upload is known:
            window.upload, window.crop = made, None
    _take_in_part(view)


def _seen_through(view: View, name: str, data: bytes) -> Upload | None:
    """A photo from outside with its vector in the space; one that cannot be used is told."""
    window = now()
    window.upload_failed = None
    try:
        with SafeDecoder() as decoder:
            small = thumbnail(decoder.decode(data, min_side=PREVIEW // 2).image, side=PREVIEW)
        preview = f"data:image/jpeg;base64,{b64encode(small).decode()}"
        vector = embed_image(view.space, data)
    except ExplorerError as error:
        window.upload_failed = f"{name}: {with_hint(error)}"
        return None
    return Upload(name, preview, view.space.fingerprint, data, vector)


def _take_in_part(view: View) -> None:
    """The vector of the part of the query photo that is asked for; one without is let go."""
    window = now()
    crop, upload = window.crop, window.upload
    if not crop or not (upload or view.query is not None):
        return
    key = _part_key(view, crop, upload)
    if window.part and window.part[0] == key:
        return
    data = upload.data if upload else original_bytes(view.dataset, int(view.query or 0))
    try:
        window.part = (key, embed_image(view.space, data, crop=crop))
    except ExplorerError as error:
        tell(f"This part cannot be searched by: {with_hint(error)}")
        window.crop = None


def _part_key(view: View, crop: Crop, upload: Upload | None) -> tuple[str, str, str]:
    return view.space.fingerprint, upload.name if upload else f"#{view.query}", str(crop)


def asked_for(view: View) -> Examples | None:
    """All images that are asked for together; None when none are."""
    window, like, unlike = now(), chosen(view, "like"), chosen(view, "unlike")
    upload = window.upload  # once: an event may change it meanwhile
    query = () if view.query is None else (view.query,)
    vectors = (upload.vector,) if upload else ()
    known: tuple[int, ...] = ()
    crop, part = window.crop, window.part
    if crop and part and part[0] == _part_key(view, crop, upload):
        query, vectors, known = (), (part[1],), query
    like = tuple(dict.fromkeys((*query, *like)))
    if not (like or vectors):
        return None
    return Examples(like, unlike, vectors, less=how_much_less(), known=known)


def chosen(view: View, side: Side) -> tuple[int, ...]:
    """The images the answers shall be like, or unlike, besides the query; those in the space."""
    return tuple(each for each in getattr(now(), side) if is_in(view.space, each))


def how_much_less() -> float:
    """What the images count that the answers shall not be like."""
    asked = now().less
    return LESS if asked is None else asked


def less_slider() -> None:
    """How much the images count that the answers shall not be like."""

    def keep() -> None:
        now().less = value_of("less_slider")

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


def place_for_photo(view: View) -> None:
    """The place for a photo from outside, and why the last one could not be used."""
    # The number is new with each photo, so that the component says again what it is for.
    photo_drop(now().arrivals, dataset=view.dataset.name)
    if failed := now().upload_failed:
        warn(failed)
