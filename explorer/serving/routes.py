"""Bytes by URL: thumbnails, photos, columns, the components' code, beside Streamlit's own routes.

Nothing in a URL ever reaches the file system: datasets, spaces and columns are looked up among the
ones the app has opened, images by number. Own routes lie outside Streamlit's login and its guards,
so all but the public code carry a token that only a page of the app knows.
"""

import io
import secrets
from collections.abc import Callable
from functools import lru_cache, wraps
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from explorer.errors import ExplorerError
from explorer.images import SafeDecoder
from explorer.insight.columns import categories, is_category, numbers
from explorer.serving.assets import ASSETS, VERSION
from explorer.serving.registry import Served, find, open_space, served_names
from explorer.serving.swallowed import log_once
from explorer.serving.urls import TOKEN, column_version, meant, set_of
from explorer.store import Space

LONGEST_SIDE = 1600  # pixels of a photo made for the screen

_HEADERS = {
    "Cache-Control": "private, max-age=31536000, immutable",
    "Cross-Origin-Resource-Policy": "same-origin",
    # Floats do not shrink and JPEGs even less: keeps Streamlit's gzip away (it needs 0.2 s a MB).
    "Content-Encoding": "identity",
}
_BINARY = "application/octet-stream"
_TYPES = {".js": "text/javascript", ".css": "text/css"}

Endpoint = Callable[[Request], Response]


def guarded(endpoint: Endpoint) -> Endpoint:
    """404 for a wrong token and for everything that is not there."""

    @wraps(endpoint)
    def answer(request: Request) -> Response:
        given = request.path_params["token"].encode()
        if not secrets.compare_digest(given, TOKEN.encode()):
            return missing()
        try:
            return endpoint(request)
        except (ExplorerError, KeyError, OSError) as error:
            log_once(endpoint.__name__, request.path_params.get("dataset", ""), error)
            return missing()

    return answer


def missing() -> Response:
    return Response("Not found", 404, {"Cache-Control": "no-store"})


def _asked(request: Request) -> Served:
    return find(meant(request.path_params["dataset"], served_names()))


@guarded
def thumb(request: Request) -> Response:
    """A thumbnail as it is stored."""
    jpeg = _asked(request).dataset.thumbnail(request.path_params["image_id"])
    return Response(jpeg, 200, _HEADERS, "image/jpeg")


@guarded
def image(request: Request) -> Response:
    """The photo, decoded as carefully as in a job and never larger than a screen."""
    asked = _asked(request)
    data = asked.source.read(asked.dataset.relative_path(request.path_params["image_id"]))
    picture = _decoder().decode(data, min_side=LONGEST_SIDE // 2).image
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.BICUBIC)
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=88)
    return Response(buffer.getvalue(), 200, _HEADERS, "image/jpeg")


@lru_cache(maxsize=1)
def _decoder() -> SafeDecoder:
    return SafeDecoder()


@guarded
def column(request: Request) -> Response:
    """A column's raw values. 404 once the dataset has changed: its rows may be others now."""
    asked = _asked(request)
    known = meant(request.path_params["space"], asked.dataset.space_ids)
    space = open_space(asked.dataset, known)
    name = meant(request.path_params["name"], space.column_names)
    version = column_version(asked.version, space.dataset, name)
    if request.query_params.get("v") != version:
        raise KeyError(version)
    return Response(_values(space, name).tobytes(), 200, _HEADERS, _BINARY)


def _values(space: Space, name: str) -> npt.NDArray[np.generic]:
    if name == "image_id":
        return space.image_ids.astype("<i4")
    return categories(space, name).codes if is_category(space, name) else numbers(space, name)


@guarded
def row_set(request: Request) -> Response:
    """A set of rows, as bits."""
    return Response(set_of(request.path_params["key"]), 200, _HEADERS, _BINARY)


def asset(request: Request) -> Response:
    """The components' own code: public, like the app's."""
    name = request.path_params["name"]
    if request.path_params["version"] != VERSION or name not in ASSETS:
        return missing()
    public = _HEADERS | {"Cache-Control": "public, max-age=31536000, immutable"}
    return Response(ASSETS[name], 200, public, _TYPES[Path(name).suffix])


ROUTES = [
    Route("/x/{token}/thumb/{dataset}/{image_id:int}.jpg", thumb),
    Route("/x/{token}/image/{dataset}/{image_id:int}", image),
    Route("/x/{token}/column/{dataset}/{space}/{name}", column),
    Route("/x/{token}/set/{key}", row_set),
    Route("/x/assets/{version}/{name:path}", asset),
    # Without this an unknown address gets Streamlit's index page, with status 200.
    Route("/x/{rest:path}", lambda _: missing()),
]
