"""The real app, and what tests do on its pages."""

import base64
import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from support.browser import ROOT, TOKEN, free_port, settled, wait_until_healthy


def readme_command() -> list[str]:
    """The line of the README that starts the app, run by the Python of the tests."""
    found = re.search(r"^streamlit run explorer/app\.py$", (ROOT / "README.md").read_text(), re.M)
    assert found, "The README no longer says how to start the app."
    return [str(Path(sys.executable).with_name("streamlit")), *shlex.split(found[0])[1:]]


@contextmanager
def app_on(cache: Path, log: Path) -> Iterator[str]:
    """The app on a cache; its address."""
    port = free_port()
    command = [*readme_command(), "--server.port", str(port)]
    environment = os.environ | {"EXPLORER_CACHE": str(cache), "EXPLORER_TOKEN": TOKEN}
    with log.open("w") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output)
    try:
        url = f"http://127.0.0.1:{port}"
        wait_until_healthy(url, process, log)
        yield url
        assert "Traceback" not in log.read_text(), log.read_text()
    finally:
        process.terminate()
        process.wait(20)


def session(context: BrowserContext) -> str:
    """What tells this browser from others."""
    cookies = {each["name"]: each["value"] for each in context.cookies()}
    (name,) = (name for name in cookies if name.startswith("explorer_session_"))
    return cookies[name].partition(".")[0]


@contextmanager
def one_run(page: Page) -> Iterator[None]:
    """What is done within makes the script run; at the end it has run.

    The page itself may not show that it ran: what comes within one frame is drawn once.
    """
    finished: list[bool] = []

    def received(event: dict[str, Any]) -> None:
        message = ForwardMsg.FromString(base64.b64decode(event["response"]["payloadData"]))
        if message.WhichOneof("type") == "script_finished":
            finished.append(message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY)

    session = page.context.new_cdp_session(page)
    session.on("Network.webSocketFrameReceived", received)
    session.send("Network.enable")
    yield
    deadline = time.monotonic() + 30
    while not any(finished):
        assert time.monotonic() < deadline, "The script did not run."
        page.wait_for_timeout(20)
    session.detach()


def pick(page: Page, name: str, option: str) -> None:
    """Choose an option in a select box; not before the page stands, which would eat the letters."""
    settled(page)
    page.get_by_role("combobox", name=name, exact=True).fill(option)
    page.get_by_role("option", name=option, exact=True).click()


def hindrances(page: Page) -> list[str]:
    """What on the page keeps people out by WCAG 2.1 AA, as far as axe-core can see it."""
    # Streamlit's own list of pages has headings between its entries, which we cannot change.
    found = Axe().run(
        page,
        context={"exclude": [["[data-testid=stSidebarNav]"]]},
        options={"resultTypes": ["violations"], "runOnly": ["wcag2a", "wcag2aa", "wcag21aa"]},
    )
    return [
        f"{rule['id']}: {node['html']} {node['failureSummary']}"
        for rule in found.response["violations"]
        for node in rule["nodes"]
    ]


def export_as_imagefolder(page: Page, count: int, target: Path) -> None:
    """Write the selection, which holds `count` images, by the page Export."""
    page.get_by_role("link", name="Export").click()
    page.get_by_role("button", name="ImageFolder").click()
    expect(page.get_by_role("heading", name=f"Write {count} images as ImageFolder")).to_be_visible()
    expect(page.locator(".st-key-card_preview")).to_contain_text(f"Images: {count}")
    page.get_by_role("textbox", name="Folder", exact=True).fill(str(target))
    page.get_by_test_id("stFormSubmitButton").get_by_role("button", name="Export").click()
    expect(page.get_by_text("read back and compared")).to_be_visible()


def everything(folder: Path) -> dict[str, bytes]:
    """All files in a folder: relative path -> content."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
