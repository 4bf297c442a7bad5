"""A gigabyte for any route: refused with a sentence, kept nowhere; others are served meanwhile."""

import socket
import threading
import time
from collections.abc import Callable
from http.client import HTTPResponse
from urllib.parse import urlsplit

import pytest
from support.socket_client import Window
from support.watched_server import Server

from explorer.serving.delivery import MOST_BYTES, MOST_LARGE

A_GB = 1 << 30
BLOCK = bytes(1 << 20)

# What comes is held until it is too much, once more while it grows.
MOST_MEGABYTES = 2.5 * MOST_BYTES / 2**20


def upload(
    server: Server, window: Window, path: str, *, method: str, length: int | None, size: int = A_GB
) -> bytes:
    """Send that much, of a length that is told or not; the answer."""
    address = urlsplit(server.url)
    cookies = "; ".join(f"{each.name}={each.value}" for each in window.cookies)
    how = f"Content-Length: {length}" if length else "Transfer-Encoding: chunked"
    head = f"{method} {path} HTTP/1.1\r\nHost: {address.netloc}\r\nCookie: {cookies}\r\n{how}\r\n"
    with socket.create_connection((address.hostname, address.port), timeout=120) as connection:
        connection.sendall(f"{head}\r\n".encode())
        for _ in range(size // len(BLOCK)):
            connection.sendall(BLOCK if length else b"%x\r\n%b\r\n" % (len(BLOCK), BLOCK))
        connection.sendall(b"" if length else b"0\r\n\r\n")
        answer = HTTPResponse(connection)
        answer.begin()
        return b"%d %b" % (answer.status, answer.read())


@pytest.fixture
def others_are_served(server: Server, window: Window) -> Callable[[], float]:
    """The longest that a request of somebody else has waited meanwhile, in seconds."""
    longest, ended = [0.0], threading.Event()

    def ask() -> None:
        while not ended.is_set():
            began = time.monotonic()
            assert window.http.open(f"{server.url}/_stcore/health").status == 200
            longest.append(time.monotonic() - began)
            time.sleep(0.05)

    asking = threading.Thread(target=ask)
    asking.start()

    def told() -> float:
        ended.set()
        asking.join()
        return max(longest)

    return told


@pytest.mark.parametrize("length", [None, A_GB], ids=["length untold", "length told"])
@pytest.mark.parametrize(
    ("method", "path", "says"),
    [
        ("POST", "EVENTS", b'413 {"error":"That is more than a page sends at once."}'),
        ("PUT", "/_stcore/upload_file/session/file", b"404 This app takes no files in this way"),
        ("POST", "/", b"405 Method Not Allowed"),
    ],
    ids=["events", "files", "a page"],
)
def test_a_gigabyte_is_refused_and_not_kept(
    server: Server,
    window: Window,
    others_are_served: Callable[[], float],
    method: str,
    path: str,
    says: bytes,
    length: int | None,
) -> None:
    path = path.replace("EVENTS", urlsplit(window.events_url).path)
    with server.may_grow_by(MOST_MEGABYTES):
        answer = upload(server, window, path, method=method, length=length)
    assert answer.startswith(says)
    assert others_are_served() < 10
    window.do("sample_data", "select", ids=[1], mode="add")


def test_many_uploads_at_once_wait_for_each_other(server: Server, window: Window) -> None:
    path = urlsplit(window.events_url).path
    answers: list[bytes] = []

    def send() -> None:
        answers.append(
            upload(server, window, path, method="POST", length=None, size=2 * MOST_BYTES)
        )

    senders = [threading.Thread(target=send) for _ in range(10)]
    with server.may_grow_by(1.3 * MOST_LARGE * MOST_BYTES / 2**20):
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
    assert all(answer.startswith(b"413") for answer in answers)
