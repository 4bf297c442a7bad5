"""Bytes by URL: thumbnails, photos, columns, the components' code, beside Streamlit's own routes.

Nothing in a URL ever reaches the file system: datasets, spaces and columns are looked up among the
ones the app has opened, images by number. Own routes lie outside Streamlit's login and its guards,
so all but the public code carry a token that only a page of the app knows.

Every URL names the version of what it points to, so browsers may keep the answer for good.
"""

import hashlib
import io
import secrets
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache, wraps
from pathlib import Path
from urllib.parse import quote

import numpy as np
import numpy.typing as npt
from PIL import Image
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from explorer.errors import ExplorerError, UsageError
from explorer.images import SafeDecoder, Source, open_source
from explorer.store import CURATED, Dataset, Space, stamp
from explorer.ui.columns import categories, is_category, numbers

TOKEN = secrets.token_urlsafe(16)
LONGEST_SIDE = 1600  # pixels of a photo made for the screen
MOST_SETS = 64  # large selections kept for the maps that show them

_HEADERS = {
    "Cache-Control": "private, max-age=31536000, immutable",
    "Cross-Origin-Resource-Policy": "same-origin",
    # Floats do not shrink and JPEGs even less: keeps Streamlit's gzip away (it needs 0.2 s a MB).
    "Content-Encoding": "identity",
}
_BINARY = "application/octet-stream"
_TYPES = {".js": "text/javascript", ".css": "text/css"}


@dataclass
class _Served:
    """A snapshot that the app has opened, and what its URLs call it."""

    dataset: Dataset
    version: str
    spaces: dict[str, Space] = field(default_factory=dict)

    @cached_property
    def source(self) -> Source:
        """Where the photos are; opened once, since an archive is searched when it is opened."""
        return open_source(self.dataset.source)


_served: dict[str, _Served] = {}
_sets: OrderedDict[str, bytes] = OrderedDict()


def _read_assets() -> dict[str, bytes]:
    here = Path(__file__).parent
    files = [
        path
        for room in ("common", "map", "gallery", "compare", "crop", "drop", "keys", "matrix")
        for path in sorted((here / room).glob("*.*s"))
    ]
    return {path.relative_to(here).as_posix(): path.read_bytes() for path in files}


_ASSETS = _read_assets()
_ASSET_VERSION = hashlib.blake2b(repr(_ASSETS).encode(), digest_size=6).hexdigest()


# --- what pages call


def serve(dataset: Dataset) -> None:
    """Let the routes serve this dataset, instead of an older snapshot of the same name."""
    version = hashlib.blake2b(repr(stamp(dataset.root)).encode(), digest_size=6).hexdigest()
    _served[dataset.name] = _Served(dataset, version)


def current(dataset: Dataset) -> Dataset:
    """The dataset as it is served, with groups and tags as they are now.

    What is kept of a snapshot, by whoever asked for it, goes with the snapshot: so another step of
    the groups makes another one, that shares all that was read from the files.
    """
    served = _find(dataset.name)
    if not served.dataset.is_recent:
        served.dataset = served.dataset.recurated()
        served.spaces = {
            name: space.within(served.dataset) for name, space in served.spaces.items()
        }
    return served.dataset


def open_for_server(name: str) -> Dataset:
    """A dataset that the app has opened. Raises `UsageError` for any other name."""
    return _find(name).dataset


def original_bytes(dataset: Dataset, image_id: int) -> bytes:
    """The file of an image as it is. Raises `ImageError` when it cannot be read."""
    return _find(dataset.name).source.read(dataset.relative_path(image_id))


def open_space(dataset: Dataset, space_id: str) -> Space:
    """A space of a served dataset, opened once for pages and routes alike."""
    spaces = _find(dataset.name).spaces
    if space_id not in spaces:
        spaces[space_id] = dataset.space(space_id)
    return spaces[space_id]


def thumb_template(dataset: Dataset) -> str:
    """The URL of a thumbnail, with `{id}` where the image id goes."""
    return f"/x/{TOKEN}/thumb/{_segment(dataset.name)}/{{id}}.jpg?v={_find(dataset.name).version}"


def image_url(dataset: Dataset, image_id: int) -> str:
    """The URL of the photo itself, scaled to the screen."""
    version = _find(dataset.name).version
    return f"/x/{TOKEN}/image/{_segment(dataset.name)}/{image_id}?v={version}"


def column_url(space: Space, name: str) -> str:
    """The URL of a column's values, in the order of `space.image_ids`, little-endian.

    int32 for `image_id`, uint16 codes for categories (65535: missing), float32 for numbers.
    """
    dataset = space.dataset
    path = "/".join(_segment(part) for part in (dataset.name, space.id, name))
    version = _column_version(_find(dataset.name).version, dataset, name)
    return f"/x/{TOKEN}/column/{path}?v={version}"


def _column_version(version: str, dataset: Dataset, name: str) -> str:
    """What the version of a column is called: what people change has one of its own."""
    return f"{version}-{dataset.curated_version(name)}" if name in CURATED else version


def set_url(bits: bytes) -> str:
    """The URL of a set of rows. Only the last few sets are kept."""
    key = hashlib.blake2b(bits, digest_size=12).hexdigest()
    _sets[key] = bits
    _sets.move_to_end(key)
    while len(_sets) > MOST_SETS:
        _sets.popitem(last=False)
    return f"/x/{TOKEN}/set/{key}"


def asset_url(name: str) -> str:
    """The URL of a component's module, such as "map/map.js"; it changes with the code."""
    if name not in _ASSETS:
        raise KeyError(name)
    return f"/x/assets/{_ASSET_VERSION}/{name}"


def _segment(name: str) -> str:
    """A name as one segment of a path that neither browsers nor proxies nor servers decode.

    >>> _segment("timm:vit.small/1")
    'timm~3Avit~2Esmall~2F1'
    """
    quoted = quote(name, safe="", errors="surrogateescape").replace("~", "%7E")
    return quoted.replace(".", "%2E").replace("%", "~")


def _find(name: str) -> _Served:
    if name not in _served:
        raise UsageError(f"The dataset {name!r} is not open in this app.")
    return _served[name]


# --- what browsers call

Endpoint = Callable[[Request], Response]


class _NotHere(Exception):
    """Whatever was asked for: the answer is 404 and does not say why."""


def guarded(endpoint: Endpoint) -> Endpoint:
    """404 for a wrong token and for everything that is not there."""

    @wraps(endpoint)
    def answer(request: Request) -> Response:
        given = request.path_params["token"].encode()
        if not secrets.compare_digest(given, TOKEN.encode()):
            return missing()
        try:
            return endpoint(request)
        except (ExplorerError, _NotHere, KeyError, OSError):
            return missing()

    return answer


def missing() -> Response:
    return Response("Not found", 404, {"Cache-Control": "no-store"})


def _known(segment: str, names: Iterable[str]) -> str:
    """The one of `names` that a URL means."""
    for name in names:
        if _segment(name) == segment:
            return name
    raise _NotHere(segment)


def _asked(request: Request) -> _Served:
    return _served[_known(request.path_params["dataset"], _served)]


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
    known = _known(request.path_params["space"], asked.dataset.space_ids)
    space = open_space(asked.dataset, known)
    name = _known(request.path_params["name"], space.column_names)
    version = _column_version(asked.version, space.dataset, name)
    if request.query_params.get("v") != version:
        raise _NotHere(version)
    return Response(_values(space, name).tobytes(), 200, _HEADERS, _BINARY)


def _values(space: Space, name: str) -> npt.NDArray[np.generic]:
    if name == "image_id":
        return space.image_ids.astype("<i4")
    return categories(space, name).codes if is_category(space, name) else numbers(space, name)


@guarded
def row_set(request: Request) -> Response:
    """A set of rows, as bits."""
    return Response(_sets[request.path_params["key"]], 200, _HEADERS, _BINARY)


def asset(request: Request) -> Response:
    """The components' own code: public, like the app's."""
    name = request.path_params["name"]
    if request.path_params["version"] != _ASSET_VERSION or name not in _ASSETS:
        return missing()
    public = _HEADERS | {"Cache-Control": "public, max-age=31536000, immutable"}
    return Response(_ASSETS[name], 200, public, _TYPES[Path(name).suffix])


ROUTES = [
    Route("/x/{token}/thumb/{dataset}/{image_id:int}.jpg", thumb),
    Route("/x/{token}/image/{dataset}/{image_id:int}", image),
    Route("/x/{token}/column/{dataset}/{space}/{name}", column),
    Route("/x/{token}/set/{key}", row_set),
    Route("/x/assets/{version}/{name:path}", asset),
    # Without this an unknown address gets Streamlit's index page, with status 200.
    Route("/x/{rest:path}", lambda _: missing()),
]
