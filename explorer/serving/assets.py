"""The components' own code, read once when the app starts."""

import hashlib
from pathlib import Path

_SUFFIXES = (".js", ".css")


def _read_assets() -> dict[str, bytes]:
    here = Path(__file__).parents[1] / "ui" / "components"
    files = (path for path in sorted(here.glob("*/*")) if path.suffix in _SUFFIXES)
    return {path.relative_to(here).as_posix(): path.read_bytes() for path in files}


ASSETS = _read_assets()
VERSION = hashlib.blake2b(repr(ASSETS).encode(), digest_size=6).hexdigest()


def asset_url(name: str) -> str:
    """The URL of a component's module, such as "map/map.js"; it changes with the code."""
    if name not in ASSETS:
        raise KeyError(name)
    return f"/x/assets/{VERSION}/{name}"
