"""When something is seen: from `make demo`, and from a click on *Start* under *Add images*."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.gestures import READY

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from support.browser import FLAGS, TOKEN, chromium_path, free_port, running_app, with_token

PATIENCE = 900  # seconds
# A photo that the browser has: behind one of our addresses, or in the document itself.
PHOTO = """() => {
    const roots = [document, ...[...document.querySelectorAll('*')].map((each) => each.shadowRoot)];
    const photos = roots.flatMap((root) => (root ? [...root.querySelectorAll('img')] : []));
    const there = (photo) => photo.src.includes('/thumb/') && photo.complete && photo.naturalWidth;
    return photos.some(there);
}"""


See = Callable[[Browser, Path, dict[str, str]], dict[str, float]]


def cold_and_warm(
    see: See, checkout: Path, environment: Callable[[str], dict[str, str]]
) -> dict[str, dict[str, float]]:
    """What is seen when, with nothing warm and then again; datasets are new both times."""
    with sync_playwright() as playwright:
        path = chromium_path(playwright)
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        found = {
            state: see(browser, checkout, environment(see.__name__)) for state in ("cold", "warm")
        }
        browser.close()
    return found


def demo(browser: Browser, checkout: Path, environment: dict[str, str]) -> dict[str, float]:
    """Seconds from `make demo`, with set-up done, to the app's answer, first photo, first map."""
    port = free_port()
    # All that starts the app and the app itself end together.
    with (Path(environment["EXPLORER_CACHE"]).parent / "demo.txt").open("w") as log:
        started = time.perf_counter()
        process = subprocess.Popen(
            ["make", "-o", "setup", "demo", f"VENV={Path(sys.prefix)}", f"PORT={port}"],
            cwd=checkout,
            env=environment | {"STREAMLIT_SERVER_HEADLESS": "true", "EXPLORER_TOKEN": TOKEN},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        url = f"http://127.0.0.1:{port}"
        wait_for_answer(url, process)
        seen = {"answers": time.perf_counter() - started}
        page = opened(browser, url)
        first_photo(page)
        seen["first photo"] = time.perf_counter() - started
        page.goto(f"{url}/map")
        page.wait_for_selector(READY)
        seen["first map"] = time.perf_counter() - started
        page.close()
        return seen
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)


def added(browser: Browser, checkout: Path, environment: dict[str, str]) -> dict[str, float]:
    """Seconds from a click on *Start* under *Add images* to the first photo of the new dataset."""
    log = Path(environment["EXPLORER_CACHE"]).parent / "app.txt"
    with running_app("explorer/app.py", (), log, cwd=checkout, env=environment) as url:
        page = opened(browser, f"{url}/add_images")
        page.get_by_label("Folder", exact=True).fill(str(checkout / "sample_data"))
        start = page.get_by_role("button", name="Start")
        started = time.perf_counter()
        start.click()
        first_photo(page)
        seen = {"first photo": time.perf_counter() - started}
        page.close()
        return seen


def opened(browser: Browser, url: str) -> Page:
    page = browser.new_page(viewport={"width": 1440, "height": 1000})
    page.set_default_timeout(1000 * PATIENCE)
    page.goto(with_token(url))
    return page


def first_photo(page: Page) -> None:
    """Wait for a photo on the page; when a job is done, go to where its photos are."""
    deadline = time.perf_counter() + PATIENCE
    look = page.get_by_role("button", name="Look at it")
    while time.perf_counter() < deadline:
        if page.evaluate(PHOTO):
            return
        if look.count():
            page.get_by_role("link", name="Overview").click()
        page.wait_for_timeout(50)
    raise RuntimeError(f"There is no photo on {page.url} after {PATIENCE} seconds.")


def wait_for_answer(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.perf_counter() + PATIENCE
    while time.perf_counter() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(f"{url}/_stcore/health", timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("`make demo` has started no app.")
