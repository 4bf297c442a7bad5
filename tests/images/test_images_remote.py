"""Sources behind URLs: fsspec's memory file system, and web servers on this machine."""

from __future__ import annotations

import io
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.archive_files import ENDINGS, make_tar, make_zip, shard
from support.web_server import FILES, IMAGES, running_server

from explorer.errors import ImageError, SourceError
from explorer.images import Listing, open_source, reasons


@pytest.fixture
def memory():
    fs = fsspec.filesystem("memory")
    fs.pipe({f"/photos/{path}": data for path, data in FILES.items()})
    yield fs
    fs.rm("/", recursive=True)


@pytest.fixture
def server(tmp_path):
    with running_server(tmp_path / "www") as server:
        yield server


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
