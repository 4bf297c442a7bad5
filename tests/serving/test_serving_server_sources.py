"""Photos that are not files in a folder are shown like those that are."""

import io
import tarfile
import zipfile

import fsspec
import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient
from support.fakes import analyzed, fill, image_bytes

from explorer.serving.registry import serve
from explorer.serving.routes import ROUTES
from explorer.serving.urls import image_url

FILES = {f"{'ab'[i % 2]}/{i}.jpg": i for i in range(4)}


@pytest.fixture(params=["list", "zip", "tar", "url"])
def source(request, tmp_path):
    """The same photos, each time from another kind of source."""
    if request.param == "url":
        fs = fsspec.filesystem("memory")
        fs.pipe({f"/shown/{path}": image_bytes(number) for path, number in FILES.items()})
        yield "memory://shown"
        fs.rm("/shown", recursive=True)
        return
    folder = fill(tmp_path / "folder", FILES)
    path = tmp_path / f"photos.{request.param}"
    if request.param == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            for name in FILES:
                archive.write(folder / name, name)
    elif request.param == "tar":
        with tarfile.open(path, "w") as archive:
            archive.add(folder, arcname="photos")
    else:
        path = folder / "list.txt"
        path.write_text("\n".join(FILES))
    yield path


def test_a_photo_is_shown(source, tmp_path):
    dataset = analyzed(source, tmp_path / "cache")
    serve(dataset)
    client = TestClient(Starlette(routes=ROUTES))
    for image_id in dataset.image_ids.tolist():
        answer = client.get(image_url(dataset, image_id))
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")
        assert Image.open(io.BytesIO(answer.content)).size == (24, 20)
    assert client.get(image_url(dataset, 99)).status_code == 404


def test_a_photo_that_is_gone_is_not_found(tmp_path):
    path = tmp_path / "photos.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, number in FILES.items():
            archive.writestr(name, image_bytes(number))
    dataset = analyzed(path, tmp_path / "cache")
    serve(dataset)
    path.unlink()
    client = TestClient(Starlette(routes=ROUTES))
    assert client.get(image_url(dataset, 0)).status_code == 404
