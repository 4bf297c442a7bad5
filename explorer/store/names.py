"""Names of datasets and spaces as names of folders, and where the cache is."""

from pathlib import Path
from urllib.parse import quote, unquote

from explorer.environment import CACHE, value_of
from explorer.errors import BadValueError


def cache_folder(cache: Path | str | None = None) -> Path:
    """The folder that holds the datasets: the one given, else `$EXPLORER_CACHE`, else `./cache`."""
    return Path(cache or value_of(CACHE) or "cache").expanduser().resolve()


def folder_name(name: str) -> str:
    """`name` with every character that could not stand in a file name percent-encoded.

    >>> folder_name("timm:vit_small_patch14_dinov2.lvd142m")
    'timm%3Avit_small_patch14_dinov2.lvd142m'
    """
    if not name.strip():
        raise BadValueError("A name must hold at least one character that is not a space.")
    encoded = quote(name, safe=" @+,=()", errors="surrogateescape")
    # A leading dot would hide the folder, and `..` would leave the cache.
    if encoded.startswith("."):
        encoded = "%2E" + encoded[1:]
    if len(encoded.encode()) > 200:
        raise BadValueError(f"The name {name[:40]!r}… is too long; choose a shorter one.")
    return encoded


def name_of(folder: str) -> str:
    """The inverse of `folder_name`."""
    return unquote(folder, errors="surrogateescape")
