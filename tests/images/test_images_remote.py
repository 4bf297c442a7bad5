"""Sources behind URLs: fsspec's memory file system, and web servers on this machine."""

from __future__ import annotations

import contextlib
import functools
import http.server
import io
import threading
import time
import tracemalloc
import zipfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from archive_files import ENDINGS, make_tar, make_zip, shard

from explorer.errors import ImageError, SourceError
from explorer.images import Listing, large_files, open_source, reasons, remote

FILES = {"cats/1.jpg": b"one", "dogs/a b.png": b"two", "dogs/notes.txt": b"", "top.webp": b"top"}
IMAGES = {path: data for path, data in FILES.items() if not path.endswith(".txt")}


@pytest.fixture
def memory():
    fs = fsspec.filesystem("memory")
    fs.pipe({f"/photos/{path}": data for path, data in FILES.items()})
    yield fs
    fs.rm("/", recursive=True)


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


@pytest.fixture
def server(tmp_path):
    folder = tmp_path / "www"
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


def contents(url: str, **options: str) -> tuple[Listing, dict[str, bytes]]:
    source = open_source(url, **options)
    found = source.list()
    return found, {ref.path: source.read(ref.path) for ref in found.refs}


# Folders


@pytest.mark.parametrize("url", ["memory://photos", "memory://photos/", "memory:///photos"])
def test_a_folder(memory, url):
    found, data = contents(url)
    assert data == IMAGES
    assert [ref.label for ref in found.refs] == ["cats", "dogs", None]
    assert [ref.size for ref in found.refs] == [3, 3, 3]
    assert all(ref.tells_changes for ref in found.refs)
    assert (found.ignored, found.refused) == (1, [])
    assert open_source(url).name == "photos"
    assert contents(open_source(url).uri)[1] == IMAGES


def test_a_change_is_seen(memory):
    before = {ref.path: ref for ref in open_source("memory://photos").list().refs}
    time.sleep(0.002)
    memory.pipe("/photos/top.webp", b"new")
    after = {ref.path: ref for ref in open_source("memory://photos").list().refs}
    assert {path for path in after if after[path] != before[path]} == {"top.webp"}


def test_a_folder_on_a_web_server(server):
    found, data = contents(f"{server.url}/photos/")
    assert data == {path.replace(" ", "%20"): content for path, content in IMAGES.items()}
    assert [ref.label for ref in found.refs] == ["cats", "dogs", None]
    assert [ref.size for ref in found.refs] == [3, 3, 3]
    status = (server.folder / "photos/top.webp").stat()
    assert found.refs[2].mtime_ns == int(status.st_mtime) * 10**9
    assert (found.ignored, found.refused) == (1, [])
    assert open_source(f"{server.url}/photos").name == "photos"


def test_an_image_is_fetched_by_one_request(server):
    source = open_source(f"{server.url}/photos")
    server.asked.clear()
    assert source.read("top.webp") == b"top"
    assert server.asked == {("GET", "/photos/top.webp"): 1}


@pytest.mark.parametrize(
    "links", [["../", "./", "../photos/", "/photos/"], ["/", "http://h/x.jpg"]]
)
def test_links_up_and_elsewhere_lead_nowhere(server, links):
    page = "".join(f'<a href="{link}">x</a>' for link in [*links, "top.webp"]).encode()
    server.answers["/photos"] = server.answers["/photos/"] = (
        200,
        {"Content-Type": "text/html", "Content-Length": str(len(page))},
        page,
    )
    assert contents(f"{server.url}/photos")[1] == {"top.webp": b"top"}


def test_folders_without_end_are_left_at_some_depth(server):
    page = b'<a href="deeper/">x</a>'
    answer = (200, {"Content-Type": "text/html", "Content-Length": str(len(page))}, page)
    for depth in range(50):
        server.answers["/photos" + "/deeper" * depth] = answer
    found = open_source(f"{server.url}/photos").list()
    assert found.refs == []
    assert [reason for _, reason in found.refused] == ["The folder lies too deep within others."]


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("memory://nowhere", "no such file"),
        ("memory://nowhere/list.csv", "no such file"),
        ("memory://nowhere/a.zip", "no such file"),
        ("nonsense://bucket/photos", "Protocol not known: nonsense"),
        ("http://127.0.0.1:1/photos", "cannot be read"),
        ("http://127.0.0.1:1/list.csv", "cannot be read"),
    ],
)
def test_what_is_not_there_is_an_error(url, reason):
    with pytest.raises(SourceError, match=reason):
        open_source(url).list()


def test_a_404_says_so(server):
    for path in ("nowhere", "nowhere.csv"):
        with pytest.raises(SourceError, match=f"{path} cannot be read: .*(404|no such file)"):
            open_source(f"{server.url}/{path}")


@pytest.mark.parametrize(
    ("url", "package"), [("s3://bucket/photos", "s3fs"), ("gs://bucket/list.csv", "gcsfs")]
)
def test_a_missing_package_is_named(monkeypatch, url, package):
    import sys

    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(SourceError, match=f"needs the Python package {package}: pip install"):
        open_source(url)


# Reading


def test_what_a_web_server_refuses_is_one_image_less(server):
    source = open_source(f"{server.url}/photos")
    server.answers["/photos/top.webp"] = (503, {}, b"")
    with pytest.raises(ImageError, match="the server answers 503"):
        source.read("top.webp")
    with pytest.raises(ImageError, match=r"cannot be read: .*(404|no such file)"):
        source.read("gone.jpg")


def test_a_file_is_not_read_beyond_the_limit(server, memory, monkeypatch):
    monkeypatch.setattr(reasons, "MAX_FILE_BYTES", 1000)
    memory.pipe("/photos/big.jpg", bytes(1001))
    server.answers["/photos/big.jpg"] = (200, {}, bytes(1001))  # of no length that it tells
    for url in ("memory://photos", f"{server.url}/photos"):
        with pytest.raises(ImageError, match="the limit is"):
            open_source(url).read("big.jpg")


def test_a_file_that_is_cut_short(server):
    server.answers["/photos/top.webp"] = (200, {"Content-Length": "1000"}, b"short")
    with pytest.raises(ImageError, match="cannot be read"):
        open_source(f"{server.url}/photos").read("top.webp")


@pytest.mark.parametrize(
    ("limit", "pause"), [("SILENCE", 3), ("TIME_LIMIT", 0.1)], ids=["silent", "a trickle"]
)
def test_a_server_that_is_too_slow_costs_its_image(server, monkeypatch, limit, pause):
    monkeypatch.setattr(remote, limit, 1.0)
    source = open_source(f"{server.url}/photos")
    server.answers["/photos/slow.jpg"] = (200, {}, Endless(b"x", pause))
    began = time.monotonic()
    with pytest.raises(ImageError, match="its server is too slow; it may take"):
        source.read("slow.jpg")
    assert time.monotonic() - began < 20
    assert source.read("top.webp") == b"top"


def test_threads_share_one_budget_for_files_without_end(server, monkeypatch):
    monkeypatch.setattr(reasons, "MAX_FILE_BYTES", 48 << 20)
    monkeypatch.setattr(large_files, "LARGE", 2 << 20)
    source = open_source(f"{server.url}/photos")
    server.answers["/photos/endless.jpg"] = (200, {}, Endless(bytes(1 << 20)))

    def read(_: int) -> str:
        with large_files.one_large_file_at_a_time():
            try:
                source.read("endless.jpg")
            except ImageError as error:
                return str(error)
        return ""

    tracemalloc.start()
    with ThreadPoolExecutor(6) as pool:
        said = list(pool.map(read, range(6)))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert all("the limit is 48 MiB" in each for each in said)
    assert peak < 3 * 48 << 20  # and not six times: one is large, the others wait
    assert source.read("top.webp") == b"top"


# Lists


def test_a_list_of_urls(server, tmp_path):
    etag = {"ETag": '"abc"', "Content-Length": "3"}
    server.answers["/photos/etag"] = (200, etag, b"tag")
    server.answers["/photos/flaky"] = (500, {}, b"")
    names = ["cats/1.jpg", "etag", "gone.jpg", "flaky", "dogs/a%20b.png", "cats/"]
    rows = "".join(f"{server.url}/photos/{name},{i}\n" for i, name in enumerate(names))
    (tmp_path / "list.csv").write_text("url,label\n" + rows)
    source = open_source(tmp_path / "list.csv")
    found = source.list()
    base = f"{server.url}/photos/"
    assert [ref.path.removeprefix(base) for ref in found.refs] == [
        "cats/1.jpg",
        "etag",
        "flaky",  # it may be there; the job will see
        "dogs/a%20b.png",
        "cats/",
    ]
    assert found.refused == [
        (f"{base}gone.jpg", "It cannot be read: the server answers 404 File not found.")
    ]
    assert found.refs[1].etag == '"abc"'
    assert not found.refs[2].tells_changes
    assert source.read(found.refs[1].path) == b"tag"


def test_a_list_behind_a_url(server, memory):
    text = f"path,label\ncats/1.jpg,cat\ndogs/a b.png,dog\n../photos/top.webp,{'x' * 9}\nno.jpg,\n"
    memory.pipe("/photos/list.csv", text.encode())
    (server.folder / "photos/list.csv").write_text(text)
    for url in ("memory://photos/list.csv", f"{server.url}/photos/list.csv"):
        found, data = contents(url)
        assert list(data.values()) == list(IMAGES.values())
        assert [ref.label for ref in found.refs] == ["cat", "dog", "xxxxxxxxx"]
        assert [path for path, _ in found.refused] == ["no.jpg"]
        assert open_source(url).name == "list"


def test_a_parquet_list_with_urls_of_its_place(memory):
    out = io.BytesIO()
    table = pa.table({"uri": ["memory://photos/top.webp", "file:///etc/passwd"], "n": [1.5, 2.5]})
    pq.write_table(table, out)
    memory.pipe("/list.parquet", out.getvalue())
    found, data = contents("memory://list.parquet")
    assert data == {"memory://photos/top.webp": b"top"}
    assert found.columns.to_pydict() == {"n": [1.5]}
    assert found.refused == [
        ("file:///etc/passwd", "A list from elsewhere may not name files of this machine.")
    ]


# Archives


@pytest.mark.parametrize("kind", ["zip", "tar", "tar.gz"])
def test_an_archive(server, memory, kind):
    name = f"a.{kind}"
    path = server.folder / name
    make_zip(path, FILES) if kind == "zip" else make_tar(path, FILES, ENDINGS[kind])
    memory.pipe(f"/{name}", path.read_bytes())
    for url in (f"memory://{name}", f"{server.url}/{name}"):
        _, data = contents(url)
        assert data == {f"{name}/{path}": content for path, content in IMAGES.items()}
        assert open_source(url).name == "a"


def test_an_archive_on_a_server_that_sends_only_whole_files(server):
    path = make_zip(server.folder / "a.zip", FILES)
    length = {"Content-Length": str(path.stat().st_size)}
    server.answers["/a.zip"] = (200, length, path.read_bytes())
    with pytest.raises(SourceError, match="does not hand out parts of a file; download it first"):
        open_source(f"{server.url}/a.zip").list()


def test_shards(memory, tmp_path):
    for number in range(3):
        path = make_tar(tmp_path / f"s-{number}.tar", shard(10 * number, 2))
        memory.pipe(f"/shards/{path.name}", path.read_bytes())
    expected = [f"s-{n}.tar/{10 * n + i:06d}.jpg" for n in range(3) for i in range(2)]
    for url in ("memory://shards", "memory://shards/s-{0..2}.tar", "memory://shards/s-*.tar"):
        found, data = contents(url)
        assert list(data) == expected
        assert found.refs[0].label == "0"
        assert data["s-1.tar/000011.jpg"] == b"image 11"


def test_a_damaged_archive(memory):
    memory.pipe("/a.zip", b"PK\x03\x04 but no more")
    with pytest.raises(SourceError, match=r"memory://a\.zip: The archive cannot be read"):
        open_source("memory://a.zip").list()


def test_threads_read_one_archive(memory, tmp_path):
    files = {f"{n}.jpg": bytes([n]) * 5000 for n in range(100)}
    path = make_zip(tmp_path / "a.zip", files, zipfile.ZIP_STORED)
    memory.pipe("/a.zip", path.read_bytes())
    source = open_source("memory://a.zip")
    paths = [ref.path for ref in source.list().refs]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(source.read, paths)) == list(files.values())
