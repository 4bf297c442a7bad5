"""Requests and links that no page makes: each is refused, and nothing of the machine comes back.

`EXPLORER_REQUESTS=1500` tries more of them than the few of an ordinary test run.
"""

import os
import random
import re
from collections.abc import Callable
from http.client import HTTPConnection
from urllib.parse import quote, urlencode, urlsplit

from support.socket_client import Window
from support.watched_server import Server

from explorer.serving.downloads import DOWNLOADS
from explorer.serving.routes import ROUTES
from explorer.ui.address import ADDRESS, SELECTION, WHERE

REQUESTS = int(os.environ.get("EXPLORER_REQUESTS", "400"))
MORE_PATHS = [
    "/x/{token}/events/{window}",
    "/_stcore/{name}",
    "/media/{name}",
    "/static/{name}",
    "/component/{name}/{key}",
    "/{name}",
]
METHODS = ["GET", "GET", "GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "NONSENSE"]
WORDS = [
    "sample_data",
    "efficientnet-lite0",
    "label",
    "..",
    "../" * 12 + "etc/passwd",
    "..%2f" * 12 + "etc%2fpasswd",
    "%252e%252e%252f" * 8 + "etc%252fpasswd",
    "..\\..\\..\\windows\\win.ini",
    "/etc/passwd",
    "file:///etc/passwd",
    "%00",
    "%ff%fe",
    "%0d%0aX-Injected:%20yes",
    quote("<script>alert(1)</script>"),
    quote("' OR 1=1; DROP TABLE sets; --"),
    quote("{{7*7}}${7*7}"),
    quote("𝔘𝔫𝔦𝔠𝔬𝔡𝔢\u202e"),
    "-7",
    "0",
    "5",
    "99999999999999999999999999",
    "1e999",
    "NaN",
    "a" * 4000,
    "",
]
HEADERS = [
    {},
    {"Range": "bytes=0-99999999999999999999"},
    {"Range": "bytes=-1,5-2,,"},
    {"Content-Length": "-5"},
    {"Cookie": "explorer_session_x=" + "b" * 3000},
    {"Accept-Encoding": "gzip;q=nan, *"},
    {"If-None-Match": '"' + "x" * 3000 + '"'},
    {"Content-Type": "multipart/form-data; boundary="},
]
Record = Callable[[str, object], None]


def test_what_no_page_asks_for_gets_nothing(
    server: Server, window: Window, chance: random.Random, record_property: Record
) -> None:
    token, opened = urlsplit(window.events_url).path.split("/")[2::2]
    paths = [route.path for route in [*ROUTES, *DOWNLOADS]] + MORE_PATHS
    cookies = "; ".join(f"{each.name}={each.value}" for each in window.cookies)
    with server.may_grow_by(100):
        for _ in range(REQUESTS):
            known = {"token": token, "window": opened} if chance.random() < 0.7 else {}
            path = re.sub(
                r"\{(\w+)(:\w+)?\}",
                lambda found: known.get(found[1], chance.choice(WORDS)),  # noqa: B023
                chance.choice(paths),
            )
            if chance.random() < 0.3:
                path += f"?{chance.choice(WORDS)}={chance.choice(WORDS)}"
            headers = {"Cookie": cookies} | chance.choice(HEADERS)
            body = random.Random(path).randbytes(200) if chance.random() < 0.3 else None
            status, answer = ask(server, chance.choice(METHODS), path, headers, body)
            assert status < 500, (path, headers, answer[:300])
            assert b"root:x:0" not in answer, path
            assert b"Traceback" not in answer, path
            assert b"<script>alert(1)</script>" not in answer, path
    record_property("requests fuzzed", REQUESTS)
    window.do("sample_data", "select", ids=[1], mode="add")
    window.run()


def ask(
    server: Server, method: str, path: str, headers: dict[str, str], body: bytes | None
) -> tuple[int, bytes]:
    address = urlsplit(server.url)
    connection = HTTPConnection(str(address.hostname), address.port, timeout=60)
    try:
        connection.putrequest(method, path, skip_accept_encoding=True)
        for name, value in headers.items():
            connection.putheader(name, value)
        if body and "Content-Length" not in headers:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        answer = connection.getresponse()
        return answer.status, answer.read(1 << 20)
    finally:
        connection.close()


BOMB = "length(repeat('x', 900000000)) > 0"
ODD = [
    "../../etc/passwd",
    "<img src=x onerror=alert(1)>",
    "-7",
    "1e999",
    "99999999999999999999",
    "NaN",
    "\x00",
    "\u202e",
    BOMB,
    "'; DROP TABLE images; --",
    '{"a": [',
    "a" * 5000,
]
KEYS = [*ADDRESS, "filter", WHERE, SELECTION]


def test_no_link_breaks_a_page(
    server: Server, chance: random.Random, record_property: Record
) -> None:
    count = REQUESTS // 10
    for page in ("", "map", "neighbours", "selection", "labels"):
        window = Window(server.url, page)
        for _ in range(count // 5):
            keys = chance.sample(KEYS, 3)
            query = urlencode([(key, chance.choice(ODD)) for key in keys])
            with server.may_grow_by(150):
                sent = window.run(query)
            broken = [
                message.delta.new_element.exception.message
                for message in sent
                if message.delta.new_element.WhichOneof("type") == "exception"
            ]
            assert not broken, (page, query, broken)
        window.close()
    record_property("links fuzzed", count // 5 * 5)
