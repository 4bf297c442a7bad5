"""Web servers whose folders, files and silences do not end: they cost what they serve, no more."""

import time
import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import pytest
from support.web_server import Endless, running_server

from explorer.errors import ImageError
from explorer.images import large_files, open_source, reasons, remote


@pytest.fixture
def server(tmp_path):
    with running_server(tmp_path / "www") as server:
        yield server


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
    assert [ref.path for ref in open_source(f"{server.url}/photos").list().refs] == ["top.webp"]


def test_folders_without_end_are_left_at_some_depth(server):
    page = b'<a href="deeper/">x</a>'
    answer = (200, {"Content-Type": "text/html", "Content-Length": str(len(page))}, page)
    for depth in range(50):
        server.answers["/photos" + "/deeper" * depth] = answer
    found = open_source(f"{server.url}/photos").list()
    assert found.refs == []
    assert [reason for _, reason in found.refused] == ["The folder lies too deep within others."]


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
