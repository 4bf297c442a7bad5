"""Fixtures for tests that drive an app in headless Chromium.

`browser` is one Chromium for the session, `run_app` starts Streamlit apps, `open_page` opens pages
that fail their test on any page error, any HTTP error and any request to another origin.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright

from explorer.filters import Condition, encode

ROOT = Path(__file__).parents[2]
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    # SwiftShader draws the map; drawing the rest of the page by it, too, costs as much again.
    "--disable-gpu-compositing",
    "--disable-gpu-rasterization",
]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PATIENCE = 30_000  # ms; the machine may be busy
TOKEN = "what-the-tests-know"
expect.set_options(timeout=PATIENCE)

OpenPage = Callable[..., Page]
RunApp = Callable[..., str]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium: the system's, or the one that playwright downloaded."""
    with sync_playwright() as playwright:
        path = chromium_path(playwright)
        if path is None:
            reason = (
                "NO BROWSER: the browser tests did not run. Install Chromium "
                "(apt-get install chromium, or playwright install chromium)."
            )
            if os.environ.get("CI", "").lower() in ("1", "true"):
                pytest.fail(reason)
            pytest.skip(reason)
        chromium = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield chromium
        chromium.close()


def chromium_path(playwright: Playwright) -> str | None:
    """Where a Chromium is, if there is one."""
    for name in BROWSERS:
        if found := shutil.which(name):
            return found
    own = playwright.chromium.executable_path
    return own if Path(own).exists() else None


@pytest.fixture(scope="session")
def run_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunApp]:
    """`run_app(script, *arguments, cwd=…, env=…)` starts an app and returns its address."""
    with ExitStack() as stack:

        def start(script: str, *arguments: str, **process: object) -> str:
            log = tmp_path_factory.mktemp("app") / "log.txt"
            return stack.enter_context(running_app(script, arguments, log, **process))

        yield start


@contextmanager
def running_app(
    script: str,
    arguments: tuple[str, ...],
    log: Path,
    *,
    cwd: Path = ROOT,
    env: dict[str, str] | None = None,
) -> Iterator[str]:
    """A Streamlit app as `streamlit run SCRIPT -- ARGUMENTS` starts it, on a free port."""
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", script]
    command += ["--server.port", str(port), "--server.address", "127.0.0.1"]
    command += ["--server.headless", "true", "--server.fileWatcherType", "none"]
    command += ["--browser.gatherUsageStats", "false", "--", *arguments]
    with log.open("w") as output:
        known = {"EXPLORER_TOKEN": TOKEN} | (env or {})
        process = subprocess.Popen(
            command, cwd=cwd, env=os.environ | known, stdout=output, stderr=output
        )
    try:
        url = f"http://127.0.0.1:{port}"
        wait_until_healthy(url, process, log)
        yield url
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()


def settled(page: Page, patience: float = PATIENCE) -> None:
    """Wait until the script has run, for some milliseconds."""
    app = page.locator("[data-testid=stApp]")
    expect(app).to_have_attribute("data-test-script-state", "notRunning", timeout=patience)


def until(holds: Callable[[], bool]) -> None:
    """Wait for what the server does without showing it."""
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def filtered(url: str, *conditions: Condition) -> str:
    """An address that asks for a filter, too."""
    asked = "&".join(f"filter={quote(encode(each))}" for each in conditions)
    return f"{url}{'&' if '?' in url else '?'}{asked}"


def with_token(url: str) -> str:
    """The address of a first visit: as an app prints it, with its token."""
    return f"{url}{'&' if '?' in url else '?'}token={TOKEN}"


@contextmanager
def busy_machine(url: str) -> Iterator[None]:
    """The app at this address gets a fifth of the time, as beside others that take all cores."""
    pid, over = process_of(url), threading.Event()

    def hold_up() -> None:
        while not over.wait(0.02):
            os.kill(pid, signal.SIGSTOP)
            over.wait(0.08)
            os.kill(pid, signal.SIGCONT)

    holding_up = threading.Thread(target=hold_up)
    holding_up.start()
    try:
        yield
    finally:
        over.set()
        holding_up.join()


def process_of(url: str) -> int:
    """The child process of this one that serves an address: its command names the port."""
    port = url.rpartition(":")[2].encode()
    for status in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = status.read_bytes().split(b"\0")
            parent = int((status.parent / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, IndexError):
            continue
        if port in line and parent == os.getpid():
            return int(status.parent.name)
    raise AssertionError("the app does not run")


def free_port() -> int:
    """A TCP port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until_healthy(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            urllib.request.urlopen(f"{url}/_stcore/health", timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"The app did not start:\n{log.read_text()}")


@pytest.fixture
def open_page(browser: Browser) -> Iterator[OpenPage]:
    """`open_page(url, width=…, height=…, scheme=…, expected=…)` opens a page that is watched.

    `expected` are parts of addresses that may answer with an error; `prepare` gets the page before
    it goes to the address.
    """
    complaints: list[str] = []
    with ExitStack() as stack:

        def open_one(
            url: str,
            *,
            width: int = 1440,
            height: int = 1000,
            scheme: str = "light",
            expected: tuple[str, ...] = (),
            prepare: Callable[[Page], None] = lambda page: None,
        ) -> Page:
            context = browser.new_context(
                viewport={"width": width, "height": height}, color_scheme=scheme
            )
            stack.callback(context.close)
            page = context.new_page()
            page.set_default_timeout(PATIENCE)
            _watch(page, url, complaints, expected)
            prepare(page)
            page.goto(with_token(url))
            return page

        yield open_one
    assert not complaints, complaints


def _watch(page: Page, url: str, complaints: list[str], expected: tuple[str, ...]) -> None:
    origin = "/".join(url.split("/")[:3])
    allowed = (origin, origin.replace("http", "ws", 1), "data:", "blob:")

    page.on("pageerror", lambda error: complaints.append(f"page error: {error}"))
    page.on(
        "request",
        lambda request: (
            None
            if request.url.startswith(allowed)
            else complaints.append(f"request to another origin: {request.url}")
        ),
    )
    page.on(
        "response",
        lambda response: (
            complaints.append(f"{response.status} {response.url}")
            if response.status >= 400 and not any(part in response.url for part in expected)
            else None
        ),
    )
