"""What every request to the app passes through before it is answered."""

import secrets
from collections.abc import MutableMapping
from typing import Any

import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from explorer.ui.sessions import COOKIE, is_session

A_YEAR = 365 * 24 * 3600  # seconds


def _hosts() -> list[str]:
    """Names this server answers to: against pages that reach for it by DNS rebinding."""
    named = [st.get_option("server.address"), st.get_option("browser.serverAddress")]
    allowed = [*(st.get_option("server.allowedHosts") or []), *filter(None, named)]
    return ["localhost", "127.0.0.1", "[::1]", "::1", *allowed]


class SessionCookie:
    """Middleware that gives every browser its cookie with the first page."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not _is_new_visitor(scope):
            await self.app(scope, receive, send)
            return

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).append(
                    "Set-Cookie",
                    f"{COOKIE}={secrets.token_urlsafe(16)}; Path=/; Max-Age={A_YEAR}; HttpOnly; "
                    "SameSite=Lax",
                )
            await send(message)

        await self.app(scope, receive, send_with_cookie)


def _is_new_visitor(scope: MutableMapping[str, Any]) -> bool:
    if scope["type"] != "http" or "text/html" not in Headers(scope=scope).get("accept", ""):
        return False
    return not is_session(HTTPConnection(scope).cookies.get(COOKIE, ""))


MIDDLEWARE = [
    Middleware(TrustedHostMiddleware, allowed_hosts=_hosts(), www_redirect=False),
    Middleware(SessionCookie),
]
