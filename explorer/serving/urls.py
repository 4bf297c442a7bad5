"""The addresses of all that the app serves by URL, and which name a part of an address means.

Every URL names the version of what it points to, so browsers may keep the answer for good.
"""

import hashlib
import secrets
from collections import OrderedDict
from collections.abc import Iterable
from urllib.parse import quote

from explorer.serving.registry import find
from explorer.store import CURATED, Dataset, Space

TOKEN = secrets.token_urlsafe(16)
MOST_SETS = 64  # large selections kept for the maps that show them

_sets: OrderedDict[str, bytes] = OrderedDict()


def thumb_template(dataset: Dataset) -> str:
    """The URL of a thumbnail, with `{id}` where the image id goes."""
    return f"/x/{TOKEN}/thumb/{segment(dataset.name)}/{{id}}.jpg?v={find(dataset.name).version}"


def thumb_url(dataset: Dataset, image_id: int) -> str:
    """The URL of a thumbnail."""
    return thumb_template(dataset).replace("{id}", str(image_id))


def image_url(dataset: Dataset, image_id: int) -> str:
    """The URL of the photo itself, scaled to the screen."""
    version = find(dataset.name).version
    return f"/x/{TOKEN}/image/{segment(dataset.name)}/{image_id}?v={version}"


def column_url(space: Space, name: str) -> str:
    """The URL of a column's values, in the order of `space.image_ids`, little-endian.

    int32 for `image_id`, uint16 codes for categories (65535: missing), float32 for numbers.
    """
    dataset = space.dataset
    path = "/".join(segment(part) for part in (dataset.name, space.id, name))
    version = column_version(find(dataset.name).version, dataset, name)
    return f"/x/{TOKEN}/column/{path}?v={version}"


def column_version(version: str, dataset: Dataset, name: str) -> str:
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


def set_of(key: str) -> bytes:
    """The set that a URL means. Raises `KeyError` when it is not kept any more."""
    return _sets[key]


def segment(name: str) -> str:
    """A name as one segment of a path that neither browsers nor proxies nor servers decode.

    >>> segment("timm:vit.small/1")
    'timm~3Avit~2Esmall~2F1'
    """
    quoted = quote(name, safe="", errors="surrogateescape").replace("~", "%7E")
    return quoted.replace(".", "%2E").replace("%", "~")


def meant(part: str, names: Iterable[str]) -> str:
    """The one of `names` that a part of an address means. Raises `KeyError` when it is none."""
    return {segment(name): name for name in names}[part]
