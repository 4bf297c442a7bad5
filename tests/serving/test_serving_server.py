import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient
from support.fake_dataset import BROKEN_ID, FIRST_ID, GONE_ID, FakeDataset, FakeSpace

import explorer
from explorer.errors import UsageError
from explorer.serving import door
from explorer.serving.assets import asset_url
from explorer.serving.middleware import MIDDLEWARE
from explorer.serving.registry import find, open_space, serve
from explorer.serving.routes import ROUTES
from explorer.serving.urls import MOST_SETS, TOKEN, column_url, image_url, set_url, thumb_template

N = 50


@pytest.fixture
def dataset(tmp_path: Path) -> FakeDataset:
    made = FakeDataset(N)
    serve(made)
    return made


@pytest.fixture
def space(dataset: FakeDataset) -> FakeSpace:
    return open_space(dataset, FakeSpace.id)


@pytest.fixture
def client(dataset: FakeDataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    """A browser that has been let in."""
    monkeypatch.setenv("EXPLORER_CACHE", str(tmp_path))
    app = Starlette(routes=ROUTES, middleware=MIDDLEWARE)
    opened = TestClient(app, base_url="http://localhost")
    opened.get("/x/", params={"token": door.TOKEN})
    return opened


def thumb_url(dataset: FakeDataset, image_id: int) -> str:
    return thumb_template(dataset).replace("{id}", str(image_id))


def test_a_thumbnail_is_the_stored_jpeg_and_may_be_kept(
    client: TestClient, dataset: FakeDataset
) -> None:
    answer = client.get(thumb_url(dataset, FIRST_ID))
    assert answer.content == dataset.thumbnail(FIRST_ID)
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert "access-control-allow-origin" not in answer.headers


def test_a_photo_is_scaled_to_the_screen(client: TestClient, dataset: FakeDataset) -> None:
    answer = client.get(image_url(dataset, FIRST_ID))
    picture = Image.open(io.BytesIO(answer.content))
    assert (picture.format, picture.size) == ("JPEG", (1600, 800))


@pytest.mark.parametrize(
    ("name", "dtype"), [("map_x", "<f4"), ("score", "<f4"), ("label", "<u2"), ("image_id", "<i4")]
)
def test_columns_are_raw_arrays(
    client: TestClient, space: FakeSpace, name: str, dtype: str
) -> None:
    answer = client.get(column_url(space, name))
    assert answer.headers["content-encoding"] == "identity"
    values = np.frombuffer(answer.content, dtype)
    assert len(values) == N
    if name in ("map_x", "image_id"):
        np.testing.assert_array_equal(values, space.columns[name].to_numpy())


def test_a_set_of_rows_is_served_until_many_others_came(client: TestClient) -> None:
    url = set_url(b"bits")
    assert client.get(url).content == b"bits"
    for number in range(MOST_SETS):
        set_url(str(number).encode())
    assert client.get(url).status_code == 404


def test_every_module_of_the_components_is_served(client: TestClient) -> None:
    here = Path(explorer.__file__).parent / "ui" / "components"
    files = [path for path in here.glob("*/*.*") if path.suffix not in (".py", ".pyc")]
    assert {file.suffix for file in files} == {".js", ".css"}
    for file in files:
        answer = client.get(asset_url(file.relative_to(here).as_posix()))
        assert answer.content == file.read_bytes()
        assert answer.headers["content-type"].startswith("text/")


def test_unknown_things_are_not_found(
    client: TestClient, dataset: FakeDataset, space: FakeSpace
) -> None:
    good = column_url(space, "map_x")
    token = TOKEN
    addresses = [
        thumb_url(dataset, FIRST_ID + N),
        thumb_url(dataset, BROKEN_ID),
        thumb_url(dataset, -1),
        thumb_url(dataset, 10**30),
        image_url(dataset, GONE_ID),
        f"/x/{token}/thumb/nope/{FIRST_ID}.jpg",
        f"/x/{token}/thumb/{dataset.name}/{FIRST_ID}.jpg",
        good.replace("map_x", "nope"),
        good.replace("fake", "nope"),
        good.split("?")[0],
        f"{good}x",
        asset_url("map/map.js").replace("map.js", "nope.js"),
        "/x/assets/000000000000/map/map.js",
        f"/x/{token}/set/nope",
        f"/x/{token}/thumb",
        "/x/",
        "/x/nope",
    ]
    for address in addresses:
        assert client.get(address).status_code == 404, address


@pytest.mark.parametrize(
    "path",
    [
        "/x/{token}/thumb/..%2f..%2fetc%2fpasswd",
        "/x/{token}/thumb/%2e%2e/1000.jpg",
        "/x/{token}/column/..%2f..%2f..%2fetc/passwd/x",
        "/x/{token}/image/%252e%252e%252f/1000",
        "/x/assets/{version}/..%2fframe.py",
        "/x/assets/{version}/%2e%2e/frame.py",
        "/x/assets/{version}/map/..%2f..%2fframe.py",
        "/x/assets/{version}//etc/passwd",
    ],
)
def test_no_path_in_an_address_reaches_the_file_system(client: TestClient, path: str) -> None:
    version = asset_url("map/map.js").split("/")[3]
    assert client.get(path.format(token=TOKEN, version=version)).status_code in (400, 404)


def test_without_the_token_nothing_is_served(client: TestClient, dataset: FakeDataset) -> None:
    for wrong in ("", "x" * len(TOKEN), "é"):
        url = thumb_url(dataset, FIRST_ID).replace(TOKEN, wrong)
        assert client.get(url).status_code == 404


def test_other_host_names_are_refused(client: TestClient, dataset: FakeDataset) -> None:
    url = thumb_url(dataset, FIRST_ID)
    assert client.get(url, headers={"host": "127.0.0.1:8501"}).status_code == 200
    assert client.get(url, headers={"host": "evil.example"}).status_code == 400


def test_a_newer_snapshot_takes_over_and_old_columns_are_gone(
    client: TestClient, dataset: FakeDataset, space: FakeSpace
) -> None:
    before = column_url(space, "map_x")
    (dataset.root / "dataset.json").write_text("{}")
    newer = FakeDataset(N + 1)
    newer.root = dataset.root
    serve(newer)
    assert find(dataset.name).dataset is newer
    assert client.get(before).status_code == 404
    after = column_url(open_space(newer, FakeSpace.id), "map_x")
    assert len(client.get(after).content) == 4 * (N + 1)


def test_only_what_the_app_opened_is_known() -> None:
    with pytest.raises(UsageError, match="not open"):
        find("/etc")


def test_a_browser_gets_its_cookie_with_the_first_page_and_keeps_it(client: TestClient) -> None:
    page = {"accept": "text/html,*/*"}
    assert "set-cookie" not in client.get("/x/").headers  # no page
    given = client.get("/x/", headers=page).headers["set-cookie"]
    assert "HttpOnly" in given
    assert "SameSite=Lax" in given
    assert "set-cookie" not in client.get("/x/", headers=page).headers
    name, value = given.partition(";")[0].split("=")
    for forged in ("../../etc", value.partition(".")[0], f"x{value}"):
        client.cookies.delete(name)
        client.cookies.set(name, forged)
        assert "set-cookie" in client.get("/x/", headers=page).headers  # that is none of ours
