"""Downloads: a prepared export as one zip file, for those who know its address."""

import io
import zipfile
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from support.fakes import fill

from explorer.serving import downloads
from explorer.serving.routes import ROUTES
from explorer.serving.urls import TOKEN

FILES = {"a/ü 🦉.jpg": b"\xff\xd8 photo", "images.csv": b"image_id\n1\n", "empty": b""}


@pytest.fixture
def client():
    return TestClient(
        Starlette(routes=[*downloads.DOWNLOADS, *ROUTES]), base_url="http://localhost"
    )


def prepared(files: dict[str, bytes]) -> Path:
    with downloads.new_download() as place:
        return fill(place, files)


def test_an_export_comes_as_one_zip_that_is_the_same_every_time(client):
    url = downloads.offer(prepared(FILES), "my “set”")
    answer = client.get(url)
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-disposition"].endswith("my%20%E2%80%9Cset%E2%80%9D.zip")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        found = {name: archive.read(name) for name in archive.namelist()}
    assert found == {f"my “set”/{name}": data for name, data in FILES.items()}
    assert client.get(url).content == answer.content


def test_links_are_followed_so_that_the_zip_stands_alone(tmp_path):
    folder = prepared({"a.txt": b"here"})
    (tmp_path / "photo").write_bytes(b"there")
    (folder / "b").symlink_to(tmp_path / "photo")
    data = b"".join(downloads.zipped(folder, "x"))
    assert zipfile.ZipFile(io.BytesIO(data)).read("x/b") == b"there"


def test_a_large_file_goes_in_pieces():
    folder = prepared({"large": bytes(3 * downloads.CHUNK)})
    pieces = list(downloads.zipped(folder, "x"))
    assert max(map(len, pieces)) < 2 * downloads.CHUNK


@pytest.mark.parametrize("url", ["/x/wrong/download/{key}", "/x/{token}/download/nope"])
def test_whoever_does_not_know_the_address_gets_nothing(client, url):
    key = downloads.offer(prepared(FILES), "set").rpartition("/")[2]
    answer = client.get(url.replace("{key}", key).replace("{token}", TOKEN))
    assert (answer.status_code, answer.text) == (404, "Not found")


def test_what_comes_to_nothing_takes_no_room():
    with downloads.new_download() as place:
        fill(place.parent / ".export.exporting", FILES)
    assert not place.parent.exists()


def test_only_the_last_few_are_kept(client):
    folders = [prepared(FILES) for _ in range(downloads.MOST_READY + 1)]
    urls = [downloads.offer(folder, "set") for folder in folders]
    assert [client.get(url).status_code for url in urls] == [404] + [200] * downloads.MOST_READY
    assert [downloads.is_offered(url) for url in urls[:2]] == [False, True]
    assert not folders[0].exists()
