"""Values that only this app can have given to a browser: they carry a signature.

The key lies in the cache: all servers that show it share it, and it outlives each of them. The
names of cookies carry the cache's fingerprint, since browsers send a host's cookies to all its
ports.
"""

import hashlib
import hmac
import logging
import secrets
from collections.abc import Mapping
from functools import lru_cache

from explorer.environment import CACHE, value_of
from explorer.errors import StoreError
from explorer.store import cache_folder, server_key

_LOG = logging.getLogger(__name__)


def cookie_name(purpose: str) -> str:
    """What the cookie for a purpose is called for the present cache."""
    return f"explorer_{purpose}_{_mac('the name of a cookie', purpose)[:12]}"


def signed(purpose: str, text: str) -> str:
    """A text, of letters that may stand in a cookie and no point, with its signature."""
    return f"{text}.{_mac(purpose, text)}"


def text_of(purpose: str, value: str) -> str | None:
    """The text that was signed for this purpose; None for what was not."""
    text, _, signature = value.partition(".")
    is_ours = hmac.compare_digest(signature.encode(), _mac(purpose, text).encode())
    return text if is_ours else None


def cookie(purpose: str, value: str, *, max_age: int, is_secure: bool) -> str:
    """The header that gives a browser a cookie, which no script of a page can read."""
    ending = "; Secure" if is_secure else ""
    return (
        f"{cookie_name(purpose)}={value}; Path=/; Max-Age={max_age}; HttpOnly; SameSite=Lax{ending}"
    )


def given(purpose: str, cookies: Mapping[str, str]) -> str:
    """What a browser brings as the cookie for a purpose, true or not."""
    return cookies.get(cookie_name(purpose), "") if cookies else ""


def _mac(purpose: str, text: str) -> str:
    message = f"{purpose}\n{text}".encode()
    return hmac.new(_key(value_of(CACHE)), message, hashlib.sha256).hexdigest()


@lru_cache
def _key(cache: str) -> bytes:
    """The key of a cache, by the name it has: to look where that lies takes longer than to sign."""
    try:
        return server_key(cache_folder(cache))
    except StoreError as error:
        _LOG.warning("What browsers are given ends with this server, for want of a key: %s", error)
        return secrets.token_bytes(32)
