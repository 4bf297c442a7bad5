"""Who is let in: whoever knows the token that is printed when the server starts, as in Jupyter.

A browser shows it once, in the address or on a page that asks for it, and gets a cookie. To be on
the machine, or to reach its port, is not enough: other people may have accounts there, and pages
from anywhere are open in the same browser.
"""

import logging
import secrets
import sys
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, quote, unquote_plus, urlsplit

import streamlit as st
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from explorer import environment
from explorer.serving import started
from explorer.serving.signing import cookie, given, signed, text_of

DOOR = "door"
A_MONTH = 30 * 24 * 3600  # seconds
SHORTEST = 16  # characters of a token that cannot be guessed
MOST_BYTES = 4096  # of what the page that asks for the token sends
WRONG = "That is not the token of this start."

_LOG = logging.getLogger(__name__)
_PAGE = Path(__file__).with_name("door.html").read_text("utf-8")
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)


def _given_token() -> str:
    """The token that whoever starts the server chose, if it can be one; else an empty text."""
    chosen = environment.value_of(environment.TOKEN)
    if chosen and len(chosen) < SHORTEST:
        _LOG.warning("%s is not used: it has less than %s characters.", environment.TOKEN, SHORTEST)
        return ""
    return chosen


GIVEN = _given_token()
TOKEN = GIVEN or secrets.token_urlsafe(24)


def asks() -> bool:
    """Whether a token is asked for at all."""
    return not started.has("--no-token")


def announce() -> None:
    """Say where the app is. The server does, since it alone knows when it listens, and where."""
    tells = "Explorer is open to all who reach it (--no-token):"
    query = ""
    if asks():
        tells, query = "Open Explorer, with this start's token:", f"?token={quote(TOKEN, safe='')}"
    sys.stderr.write(f"\n  {tells}\n  {_address()}{query}\n\n")
    sys.stderr.flush()


def _address() -> str:
    host = str(st.get_option("server.address") or "")
    host = "127.0.0.1" if host in ("", "0.0.0.0", "::") else host
    scheme = "https" if st.get_option("server.sslCertFile") else "http"
    host = f"[{host}]" if ":" in host else host
    return f"{scheme}://{host}:{st.get_option('server.port')}{base_path()}/"


def base_path() -> str:
    """What stands before all paths of the app, as in "/photos"; mostly nothing."""
    path = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{path}" if path else ""


def is_token(text: str) -> bool:
    """Whether it is the token of this start. It takes as long for every text of a length."""
    return secrets.compare_digest(text.encode(errors="replace"), TOKEN.encode())


def now() -> int:
    """Seconds since 1970: a pass ends at a date, whichever server then reads it."""
    return int(datetime.now(UTC).timestamp())


def pass_for(is_secure: bool) -> str:
    """The header that lets a browser in from now on."""
    value = signed(_purpose(), str(now() + A_MONTH))
    return cookie(DOOR, value, max_age=A_MONTH, is_secure=is_secure)


def is_let_in(connection: HTTPConnection) -> bool:
    """Whether a browser has shown the token, less than a month ago."""
    ends = text_of(_purpose(), given(DOOR, connection.cookies))
    return ends is not None and now() < int(ends)


def _purpose() -> str:
    """What a pass is signed for: who changes a token of their own, shuts the door to all again."""
    return f"{DOOR} {GIVEN}"


class Door:
    """Middleware that lets nobody pass who has not shown the token; but for the question whether
    the server is alive. And nothing passes that comes from a page of another origin."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        refusal: Response | None = None
        if is_foreign(connection):
            refusal = PlainTextResponse("This comes from a page of another origin.", 403)
        elif asks() and scope["path"] != f"{base_path()}/_stcore/health":
            refusal = await _at_the_door(connection, receive)
        if refusal is None:
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            refusal.headers["Cache-Control"] = "no-store"
            await refusal(scope, receive, send)


def is_foreign(connection: HTTPConnection) -> bool:
    """Whether it would do something for a page of another host or port.

    Asked here, Streamlit need not: it would look up on the internet what its own address is.
    """
    origin = connection.headers.get("origin")
    if origin is None or connection.scope.get("method") in ("GET", "HEAD", "OPTIONS"):
        return False
    return urlsplit(origin).netloc.lower() != connection.headers.get("host", "").lower()


async def _at_the_door(connection: HTTPConnection, receive: Receive) -> Response | None:
    """What somebody is answered instead of what they asked for; None lets them pass."""
    method = connection.scope.get("method")
    is_page = "text/html" in connection.headers.get("accept", "")
    tokens = connection.query_params.getlist("token")
    if method == "POST" and is_page:
        return await _answer_form(Request(connection.scope, receive))
    if method == "GET" and tokens and is_token(tokens[-1]):
        return _without_token(connection, lets_in=True)
    if is_let_in(connection):
        # Of an earlier start: it does not stay in the address either.
        return _without_token(connection) if method == "GET" and tokens else None
    if method == "GET" and is_page:
        return _page(WRONG if tokens else "")
    return PlainTextResponse("Open the address that was printed where Explorer was started.", 403)


async def _answer_form(request: Request) -> Response:
    """Somebody has pasted the token, or the whole address with it."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            return _page(WRONG)
    pasted = parse_qs(body.decode("ascii", "replace")).get("token", [""])[-1].strip()
    _, is_address, rest = pasted.partition("token=")
    token = unquote_plus(rest.partition("&")[0]) if is_address else pasted
    return _without_token(request, lets_in=True) if is_token(token) else _page(WRONG)


def _without_token(connection: HTTPConnection, *, lets_in: bool = False) -> Response:
    """On to the same page without the token; the address is relative, so it leads nowhere else."""
    kept = [
        part
        for part in connection.scope["query_string"].decode("latin-1").split("&")
        if part and part.partition("=")[0] != "token"
    ]
    here = "./" + quote(connection.scope["path"].rpartition("/")[2], safe="")
    there = "?".join(filter(None, [here, "&".join(kept)]))
    answer = Response(status_code=303, headers={"Location": there})
    if lets_in:
        is_secure = connection.url.scheme == "https"
        answer.headers.append("Set-Cookie", pass_for(is_secure))
    return answer


def _page(says: str) -> Response:
    """The page that asks for the token."""
    page = _PAGE.replace("{says}", says).replace("{hidden}", "" if says else "hidden")
    return HTMLResponse(page, 403, {"Content-Security-Policy": _POLICY})
