"""Which folders of the server's computer the app reads and writes for whoever is looking.

All that its own user may, if that is who is looking: the server listens on this machine only, has
asked for its token, and no proxy passes on what comes from elsewhere. For anybody else, those that
were allowed when the server was started (`--allow-add DIR`, `--allow-export DIR`).
"""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import streamlit as st

from explorer.errors import UnknownNameError, UsageError
from explorer.serving import door, started

ADD, EXPORT = "--allow-add", "--allow-export"
PASSED_ON = {"forwarded", "via", "x-real-ip"}  # and all that begin with x-forwarded


@dataclass(frozen=True)
class Folders:
    """Any folder, or those that lie in `within`; `option` is what allows one."""

    option: str
    within: tuple[Path, ...] | None

    @property
    def is_none(self) -> bool:
        """Whether none will do."""
        return self.within == ()

    def source(self, text: str) -> str:
        """Where images are to be read from, without links. Raises `UsageError` if it may not be.

        A pattern or a URL is no place in a folder.
        """
        if self.within is None:
            return text
        place = self._place(text, is_there=True)
        if not any(place.is_relative_to(folder) for folder in self.within):
            raise self._refused(text)
        return str(place)

    def target(self, text: str) -> Path:
        """Where an export is to go, without links. Raises `UsageError` if it may not be.

        It grows beside its place, so the allowed folder itself is none.
        """
        if self.within is None:
            return Path(text)
        place = self._place(text, is_there=False)
        if not any(folder in place.parents for folder in self.within):
            raise self._refused(text)
        return place

    def _place(self, text: str, *, is_there: bool) -> Path:
        try:
            return Path(text).expanduser().resolve(strict=is_there)
        except (OSError, ValueError, RuntimeError):
            raise self._refused(text) from None

    def _refused(self, text: str) -> UsageError:
        """Not there and not allowed are one answer: it does not tell what else there is."""
        listed = ", ".join(map(str, self.within or ()))
        return UnknownNameError(f"{text!r} is nothing in a folder that is allowed here ({listed}).")


def folders(option: str) -> Folders:
    """The folders that whoever is looking may have read (ADD) or written to (EXPORT)."""
    if is_own_user(st.context.headers, str(st.get_option("server.address"))):
        return Folders(option, None)
    allowed = (Path(each).expanduser().resolve() for each in started.values_of(option))
    return Folders(option, tuple(allowed))


def is_own_user(headers: Mapping[str, str], address: str) -> bool:
    """Whether it can only be the user who started the server.

    headers: what came with the connection; address: where the server listens.
    """
    named = {name.lower(): value for name, value in headers.items()}
    is_passed_on = any(name in PASSED_ON or name.startswith("x-forwarded") for name in named)
    host = urlsplit(f"//{named.get('host', '')}").hostname
    return door.asks() and is_loopback(address) and is_loopback(host or "") and not is_passed_on


def is_loopback(host: str) -> bool:
    """Whether an address is reached from the machine itself alone.

    >>> [is_loopback(host) for host in ("127.0.0.1", "::1", "localhost", "0.0.0.0", "10.0.0.7")]
    [True, True, True, False, False]
    """
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
