"""Who is let in: a real server, asked as a browser and as somebody who should not get in."""

import http.client
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, expect
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from support.browser import TOKEN, OpenPage, running_app, with_token
from support.fakes import fill
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from explorer import batch
from explorer.serving import door, signing
from explorer.serving.middleware import MIDDLEWARE
from explorer.serving.sessions import session_in

PAGE = {"Accept": "text/html,*/*"}
SHUT = "Open the address that was printed"

# Loaded by every Python before anything else: what would leave the machine fails, and is noted.
WATCH = """
import ipaddress, os, sys
def watch(event, arguments):
    if event in ("socket.connect", "socket.sendto", "socket.getaddrinfo"):
        place = arguments[0] if event == "socket.getaddrinfo" else arguments[1]
        host = place[0] if isinstance(place, tuple) else place
        host = host.decode() if isinstance(host, bytes) else host
        try:
            inside = not host or host == "localhost" or ipaddress.ip_address(host).is_loopback
        except ValueError:
            inside = host.startswith("/")
        if not inside:
            with open(os.environ["WENT_OUT"], "a") as file:
                file.write(f"{event} {place}\\n")
            raise OSError(f"The network is shut: {place}")
sys.addaudithook(watch)
"""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    text: str

    def cookie(self, kind: str) -> str:
        """The cookie of a kind that it gives, as a browser sends it back."""
        found = re.search(rf"explorer_{kind}_\w+=[\w.-]+", self.headers.get("set-cookie", ""))
        return found[0] if found else ""


def ask(url: str, path: str = "/", method: str = "GET", body: str = "", **headers: str) -> Answer:
    """One request, to the letter."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, body.encode() or None, named)
    answer = connection.getresponse()
    text = answer.read().decode(errors="replace")
    connection.close()
    return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, text)


def cookies_of(url: str) -> str:
    """What a browser has after its first visit with the token."""
    passed = ask(url, f"/?token={TOKEN}").cookie("door")
    return "; ".join([passed, ask(url, "/", Cookie=passed, **PAGE).cookie("session")])


def stream(url: str, *, origin: str | None = None, **headers: str):
    """The websocket on which Streamlit's pages are drawn."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    address = f"ws{url.removeprefix('http')}/_stcore/stream"
    return connect(address, origin=origin, additional_headers=named, max_size=None)


def drawn(url: str, page: str, **headers: str) -> str:
    """All that a run of a page sends."""
    with stream(url, **headers) as socket:
        asked = BackMsg()
        asked.rerun_script.page_name = page
        socket.send(asked.SerializeToString())
        sent = []
        while True:
            message = ForwardMsg.FromString(socket.recv(timeout=60))
            sent.append(str(message))
            if message.WhichOneof("type") == "script_finished":
                return "".join(sent)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("door")
    photos = fill(folder / "photos", {f"{label}/{i}.jpg": i for label in "ab" for i in range(4)})
    settings = batch.EmbedSettings(extractors=("color-histogram",))
    batch.embed(photos, cache=folder / "cache", settings=settings)
    return folder / "cache"


@pytest.fixture(scope="module")
def went_out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the servers of these tests tried to reach outside."""
    folder = tmp_path_factory.mktemp("watch")
    (folder / "sitecustomize.py").write_text(WATCH)
    return folder / "went_out.txt"


@pytest.fixture(scope="module")
def environment(cache: Path, went_out: Path) -> dict[str, str]:
    known = {"WENT_OUT": str(went_out), "PYTHONPATH": str(went_out.parent)}
    return {"EXPLORER_CACHE": str(cache), **known}


@pytest.fixture(scope="module")
def url(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    log = tmp_path_factory.mktemp("app") / "log.txt"
    with running_app("explorer/app.py", (), log, env=environment) as address:
        yield address
    said = log.read_text()
    assert said.split() == [
        "Open",
        "Explorer,",
        "with",
        "this",
        "start's",
        "token:",
        *said.split()[6:7],
    ]
    assert said.split()[6] == f"{address}/?token={TOKEN}"


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    """The middleware around an app that tells what it was asked."""
    monkeypatch.setenv("EXPLORER_CACHE", str(tmp_path / "cache"))
    routes = [Route("/{rest:path}", lambda request: PlainTextResponse(str(request.url)))]
    return TestClient(
        Starlette(routes=routes, middleware=MIDDLEWARE),
        base_url="http://localhost",
        follow_redirects=False,
    )


# --- a real server


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/map?image=1", "/nope", "/static/index.html", "/media/a.png", "/x/health"),
        *("/x/assets/0/map/map.js", "/_stcore/host-config", "/_stcore/upload_file/a/b"),
        *("/_stcore/agent/mcp", "/_stcore/healthy", "/_stcore/health/", "//_stcore/health"),
        "/a/../_stcore/health",
    ],
)
def test_without_the_token_no_address_tells_anything(url: str, path: str) -> None:
    for method in ("GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS"):
        answer = ask(url, path, method)
        assert answer.status == 403, method
        assert SHUT in answer.text or method == "HEAD"
        assert answer.headers["content-security-policy"] == "frame-ancestors 'none'"
        assert "set-cookie" not in answer.headers
    page = ask(url, path, **PAGE)
    assert page.status == 403
    assert "Token or whole address" in page.text
    assert "set-cookie" not in page.headers


def test_whether_it_is_alive_anybody_may_ask(url: str) -> None:
    assert ask(url, "/_stcore/health").status == 200


@pytest.mark.parametrize(
    "token", ["", "x", TOKEN[:-1], f"{TOKEN}x", TOKEN.upper(), "%C3%A9%00%FF", f"{TOKEN}&token=x"]
)
def test_a_wrong_token_opens_nothing(url: str, token: str) -> None:
    answer = ask(url, f"/?token={token}", **PAGE)
    assert answer.status == 403
    assert "is not the token of this start" in answer.text
    assert "set-cookie" not in answer.headers
    form = ask(url, "/", "POST", f"token={token}", **PAGE)
    assert form.status == 403
    assert "set-cookie" not in form.headers


def test_the_token_opens_once_and_leaves_the_address(url: str) -> None:
    answer = ask(url, f"/map?image=1&token={TOKEN}&where=a%20%3D%20%27b%27", **PAGE)
    assert answer.status == 303
    assert answer.headers["location"] == "./map?image=1&where=a%20%3D%20%27b%27"
    assert "HttpOnly; SameSite=Lax" in answer.headers["set-cookie"]
    assert TOKEN not in answer.headers["set-cookie"]
    let_in = {"Cookie": answer.cookie("door")}
    page = ask(url, "/map?image=1", **PAGE, **let_in)
    assert page.status == 200
    assert "Token or whole address" not in page.text
    assert page.cookie("session")
    assert ask(url, "/_stcore/host-config", **let_in).status == 200
    old = ask(url, "/map?token=of-an-earlier-start", **PAGE, **let_in)
    assert (old.status, old.headers["location"]) == (303, "./map")
    assert "set-cookie" not in old.headers


def test_the_token_or_the_whole_address_can_be_pasted(url: str) -> None:
    for pasted in (TOKEN, f"%20{TOKEN}%0A", f"http%3A%2F%2F127.0.0.1%3A1%2F%3Ftoken%3D{TOKEN}"):
        answer = ask(url, "/map?image=1", "POST", f"token={pasted}", **PAGE)
        assert (answer.status, answer.headers["location"]) == (303, "./map?image=1")
        assert ask(url, "/", **PAGE, Cookie=answer.cookie("door")).status == 200
    assert ask(url, "/", "POST", "token=" + "x" * 10_000, **PAGE).status == 403


def test_all_answers_carry_the_headers(url: str) -> None:
    cookies = {"Cookie": cookies_of(url)}
    found = set()
    for path in ("/", "/map", "/_stcore/health", "/_stcore/host-config", "/x/nope", "/media/nope"):
        for headers in (cookies, {}, {"Host": "evil.example"}):
            answer = ask(url, path, **PAGE, **headers)
            found.add(answer.status)
            assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.headers["referrer-policy"] == "same-origin"
    assert found == {200, 400, 403, 404}


def test_a_page_of_another_origin_gets_no_stream_and_nobody_asks_the_internet_why(
    url: str, went_out: Path
) -> None:
    port = urlsplit(url).port
    cookies = cookies_of(url)
    with stream(url, origin=url, Cookie=cookies), stream(url, Cookie=cookies):
        pass
    foreign = ["http://localhost:1", "http://127.0.0.1:1", f"http://localhost:{port}", "null"]
    foreign += ["http://evil.example", "https://evil.example:8501", "http://192.0.2.1", "x"]
    for origin in foreign:
        with pytest.raises(InvalidStatus, match="403"), stream(url, origin=origin, Cookie=cookies):
            pass
        for path in ("/_stcore/upload_file/a/b", "/x/token/events/window", f"/?token={TOKEN}"):
            assert ask(url, path, "POST", Origin=origin, Cookie=cookies).status == 403
    for origin in (url, None):
        with pytest.raises(InvalidStatus, match="403"), stream(url, origin=origin):
            pass  # without the token
    assert not went_out.exists(), went_out.read_text()


def test_the_watch_over_the_network_can_fail(environment: dict[str, str], tmp_path: Path) -> None:
    found = tmp_path / "went_out.txt"
    code = (
        "from streamlit import net_util; net_util.get_external_ip(); net_util.get_internal_ip();"
        "import socket; socket.create_connection(('127.0.0.1', 1), 1)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment | {"WENT_OUT": str(found)},
        capture_output=True,
        text=True,
    )
    assert "ConnectionRefusedError" in done.stderr
    assert "checkip" in found.read_text()
    assert "8.8.8.8" in found.read_text()


def test_who_comes_through_a_proxy_is_offered_no_folder_of_the_server(
    url: str, cache: Path
) -> None:
    cookies = cookies_of(url)
    at_home = drawn(url, "add_images", Cookie=cookies)
    assert "/data/photos" in at_home
    assert "Others may see this page" not in at_home
    passed_on = drawn(url, "add_images", Cookie=cookies, X_Forwarded_For="10.0.0.7")
    assert "--allow-add FOLDER" in passed_on
    assert "/data/photos" not in passed_on


def test_a_second_server_on_the_cache_knows_the_browsers_of_the_first(
    url: str, environment: dict[str, str], tmp_path: Path
) -> None:
    log = tmp_path / "log.txt"
    known = environment | {"EXPLORER_TOKEN": ""}
    cookies = cookies_of(url)
    with running_app("explorer/app.py", (), log, env=known) as second:
        (token,) = re.findall(rf"{second}/\?token=([\w-]{{32}})\n", log.read_text())
        # The pass of a token that somebody chose goes with that token; the session stays.
        assert ask(second, "/", **PAGE, Cookie=cookies).status == 403
        passed = ask(second, f"/?token={token}").cookie("door")
        session = cookies.partition("; ")[2]
        again = ask(second, "/", **PAGE, Cookie=f"{passed}; {session}")
        assert (again.status, again.cookie("session")) == (200, "")
    with running_app("explorer/app.py", (), log, env=known) as third:  # as after a restart
        assert token not in log.read_text()
        again = ask(third, "/", **PAGE, Cookie=f"{passed}; {session}")
        assert (again.status, again.cookie("session")) == (200, "")
        forged = session[:-1] + ("0" if session[-1] != "0" else "1")
        given = ask(third, "/", **PAGE, Cookie=f"{passed}; {forged}").cookie("session")
        assert given not in ("", session)


# --- in Chromium


@pytest.mark.e2e
def test_a_browser_pastes_the_token_and_stays_on_its_page(browser: Browser, url: str) -> None:
    page = browser.new_page()
    page.goto(f"{url}/add_images")
    field = page.get_by_label("Token or whole address")
    expect(field).to_be_focused()
    field.fill("a guess")
    page.get_by_role("button", name="Enter").click()
    expect(page.get_by_role("alert")).to_have_text("That is not the token of this start.")
    page.get_by_label("Token or whole address").fill(with_token(url))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Add images")).to_be_visible()
    assert page.url == f"{url}/add_images"
    page.context.close()


@pytest.mark.e2e
def test_without_a_token_pages_keep_to_the_folders_that_were_allowed(
    open_page: OpenPage, environment: dict[str, str], cache: Path, tmp_path: Path
) -> None:
    allowed = tmp_path / "allowed"
    allowed.mkdir()
    fill(tmp_path / "secret", {"0.jpg": 0})
    arguments = ("--no-token", "--allow-add", str(allowed), "--allow-export", str(allowed))
    log = tmp_path / "log.txt"
    with running_app("explorer/app.py", arguments, log, env=environment) as url:
        assert f"{url}/\n" in log.read_text()
        page = open_page(f"{url}/add_images")
        page.get_by_label("Folder", exact=True).fill(str(tmp_path / "secret"))
        page.get_by_role("button", name="Start").click()
        expect(page.get_by_role("alert")).to_contain_text("nothing in a folder that is allowed")

        page.goto(f"{url}/export")
        page.get_by_role("button", name="Select all 8 images").click()
        folder = page.get_by_role("textbox", name="Folder", exact=True)
        expect(folder).to_have_value(str(allowed / "photos"))
        folder.fill(str(tmp_path / "outside"))
        export = page.get_by_test_id("stFormSubmitButton").get_by_role("button", name="Export")
        export.click()
        expect(page.get_by_role("alert")).to_contain_text("nothing in a folder that is allowed")
        folder.fill(str(allowed / "set"))
        export.click()
        expect(page.get_by_text("read back and compared")).to_be_visible()
    assert (allowed / "set/recipe.json").exists()
    assert not (tmp_path / "outside").exists()


# --- what is signed, and for whom


def test_forged_and_foreign_cookies_are_none(client: TestClient, tmp_path: Path) -> None:
    name = signing.cookie_name("session")
    good = signing.signed("session", "abc")
    assert session_in({name: good}) == "abc"
    forged = ["", ".", "abc", "abc.", f"abd{good[3:]}", good.upper(), f"{good}0", f" {good}", "é.é"]
    forged += [signing.signed("door ", "abc"), "../../etc", f"abc.{good}"]
    for value in forged:
        assert session_in({name: value}) is None, value
    assert session_in({"explorer_session": good}) is None


def test_caches_on_two_ports_of_one_host_do_not_share_cookies(
    client: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, value = signing.cookie_name("session"), signing.signed("session", "abc")
    monkeypatch.setenv("EXPLORER_CACHE", str(tmp_path / "other"))
    assert signing.cookie_name("session") != name
    assert signing.text_of("session", value) is None


def test_a_pass_ends_after_a_month_and_with_a_token_that_is_changed(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "GIVEN", "chosen-by-somebody")
    value = client.get("/", params={"token": door.TOKEN}).headers["set-cookie"].partition(";")[0]
    client.cookies.clear()  # a browser would let it go by itself; who has stolen it would not
    kept = {"Cookie": value}
    assert client.get("/", headers=kept).status_code == 200
    later = door.now() + door.A_MONTH + 1
    with monkeypatch.context() as patch:
        patch.setattr(door, "now", lambda: later)
        assert client.get("/", headers=kept).status_code == 403
    monkeypatch.setattr(door, "GIVEN", "chosen-by-somebody-else")
    assert client.get("/", headers=kept).status_code == 403


@pytest.mark.parametrize(
    "path",
    [
        *("/", "//evil.example/", "//evil.example", "/%2F%2Fevil.example", "/a%0d%0aX:%20y"),
        *("/javascript:alert(1)", "/\\evil.example", "/a/b/", "/%5c%5cevil.example", "/a%3Fb%23c"),
    ],
)
def test_the_way_on_leads_to_no_other_host(client: TestClient, path: str) -> None:
    answer = client.get(f"http://localhost{path}?token={door.TOKEN}&token={door.TOKEN}")
    assert answer.status_code == 303
    assert re.fullmatch(r"\./[\w.%-]*", answer.headers["location"]), answer.headers["location"]


def test_a_token_that_can_be_guessed_is_not_used(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("EXPLORER_TOKEN", "secret")
    assert door._given_token() == ""
    assert "EXPLORER_TOKEN is not used" in caplog.text
    monkeypatch.setenv("EXPLORER_TOKEN", "long-enough-for-it")
    assert door._given_token() == "long-enough-for-it"


def test_without_a_key_in_the_cache_people_get_in_all_the_same(
    client: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("EXPLORER_CACHE", str(tmp_path / "file/cache"))
    client.get("/", params={"token": door.TOKEN})
    assert client.get("/").status_code == 200
