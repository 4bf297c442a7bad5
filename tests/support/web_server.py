"""A web server of our own, which answers as it is told to."""

import contextlib
import functools
import http.server
import io
import threading
import time
from collections import Counter
from pathlib import Path

FILES = {"cats/1.jpg": b"one", "dogs/a b.png": b"two", "dogs/notes.txt": b"", "top.webp": b"top"}
IMAGES = {path: data for path, data in FILES.items() if not path.endswith(".txt")}


class Server(http.server.ThreadingHTTPServer):
    """Serves a folder; `answers` are other answers by path, `asked` counts methods and paths."""

    def __init__(self, folder) -> None:
        self.answers: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.asked: Counter[tuple[str, str]] = Counter()
        super().__init__(("127.0.0.1", 0), functools.partial(Handler, directory=str(folder)))
        self.url = f"http://127.0.0.1:{self.server_port}"


class Endless(io.RawIOBase):
    """An answer that does not end: `pause` seconds between two pieces."""

    def __init__(self, piece: bytes, pause: float = 0) -> None:
        self.piece, self.pause = piece, pause

    def read(self, size=-1):
        time.sleep(self.pause)
        return self.piece


class Handler(http.server.SimpleHTTPRequestHandler):
    server: Server

    def send_head(self):
        self.server.asked[self.command, self.path] += 1
        if self.path not in self.server.answers:
            return self.send_part() if "Range" in self.headers else super().send_head()
        status, headers, body = self.server.answers[self.path]
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        return body if isinstance(body, Endless) else io.BytesIO(body)

    def copyfile(self, source, outputfile):
        with contextlib.suppress(ConnectionError):  # whoever asked may have heard enough
            super().copyfile(source, outputfile)

    def send_part(self):
        start, end = map(int, self.headers["Range"].removeprefix("bytes=").split("-"))
        data = Path(self.translate_path(self.path)).read_bytes()
        part = data[start : end + 1]
        self.send_response(206)
        self.send_header("Content-Length", str(len(part)))
        self.send_header("Content-Range", f"bytes {start}-{start + len(part) - 1}/{len(data)}")
        self.end_headers()
        return io.BytesIO(part)

    def log_message(self, *args: object) -> None:
        pass


@contextlib.contextmanager
def running_server(folder):
    """The files above, in a folder "photos" of that server."""
    for path, data in FILES.items():
        (folder / "photos" / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / "photos" / path).write_bytes(data)
    server = Server(folder)
    server.folder = folder
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()
