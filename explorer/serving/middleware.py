"""What every request to the app passes through before it is answered."""

import json

import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from explorer.serving.door import Door, base_path
from explorer.serving.sessions import new_session, session_in

# No other page may hold the app in a frame, take its answers for something else, or be told which
# address it was reached from.
HEADERS = {
    "Content-Security-Policy": "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}


UPLOADS = "/_stcore/upload_file/"
REFUSED = "This app takes no files in this way: drop a photo on a page, or use “Add images”."


def _hosts() -> list[str]:
    """Names this server answers to: against pages that reach for it by DNS rebinding."""
    named = [st.get_option("server.address"), st.get_option("browser.serverAddress")]
    allowed = [*(st.get_option("server.allowedHosts") or []), *filter(None, named)]
    return ["localhost", "127.0.0.1", "[::1]", "::1", *allowed]


class _Layer:
    """What a request passes through on its way to an app."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app


class SafeHeaders(_Layer):
    """Middleware that gives every answer the headers above, but for those that it has."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_with_headers)


class SessionCookie(_Layer):
    """Middleware that gives every browser its cookie with the first page."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not _is_new_visitor(scope):
            await self.app(scope, receive, send)
            return

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = new_session(is_secure=scope["scheme"] == "https")
                MutableHeaders(scope=message).append("Set-Cookie", given)
            await send(message)

        await self.app(scope, receive, send_with_cookie)


class BaseAddress(_Layer):
    """Middleware that tells Streamlit's client where its server is.

    Untold, it first looks for it below the address of the page, which answers 404.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not _is_for_a_page(scope):
            await self.app(scope, receive, send)
            return
        # Not compressed: it is written into, and small.
        kept = [pair for pair in scope["headers"] if pair[0].lower() != b"accept-encoding"]
        scope = dict(scope, headers=kept)
        begun: list[Message] = []
        parts: list[bytes] = []

        async def send_with_address(message: Message) -> None:
            if message["type"] == "http.response.start" and _is_plain_html(message):
                begun.append(message)
            elif not begun or message["type"] != "http.response.body":
                await send(message)
            else:
                parts.append(message.get("body", b""))
                if not message.get("more_body", False):
                    page = b"".join(parts).replace(b"<head>", b"<head>" + _base_script(), 1)
                    MutableHeaders(scope=begun[0])["Content-Length"] = str(len(page))
                    await send(begun[0])
                    await send({"type": "http.response.body", "body": page})

        await self.app(scope, receive, send_with_address)


class NoUploads(_Layer):
    """Middleware that refuses Streamlit's own uploads, whoever asks.

    No page has any, and it would keep in memory what it is sent.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_upload = scope["type"] == "http" and UPLOADS in scope["path"]
        answer = PlainTextResponse(REFUSED, 404) if is_upload else self.app
        await answer(scope, receive, send)


def _base_script() -> bytes:
    base = f"location.origin + {json.dumps(base_path() or '/')}"
    return f"<script>window.__streamlit = {{ BACKEND_BASE_URL: {base} }}</script>".encode()


def _is_plain_html(start: Message) -> bool:
    headers = Headers(raw=start["headers"])
    is_html = headers.get("content-type", "").startswith("text/html")
    return start["status"] == 200 and is_html and "content-encoding" not in headers


def _is_for_a_page(scope: Scope) -> bool:
    is_html = "text/html" in Headers(scope=scope).get("accept", "") if "headers" in scope else False
    return scope["type"] == "http" and scope["method"] == "GET" and is_html


def _is_new_visitor(scope: Scope) -> bool:
    if scope["type"] != "http" or "text/html" not in Headers(scope=scope).get("accept", ""):
        return False
    return session_in(HTTPConnection(scope).cookies) is None


MIDDLEWARE = [
    Middleware(SafeHeaders),
    Middleware(TrustedHostMiddleware, allowed_hosts=_hosts(), www_redirect=False),
    Middleware(Door),
    Middleware(SessionCookie),
    Middleware(BaseAddress),
    Middleware(NoUploads),
]
