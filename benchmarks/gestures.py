"""What a user does on the map and between the pages, timed as seen from the browser."""

import http.client
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from playwright.sync_api import Page, expect

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from support.browser import settled

READY = ".explorer-map[data-ready]"
PATIENCE = 120_000  # ms


def lapse(action: Callable[[], Any], seen: Callable[[], Any]) -> float:
    """Milliseconds from an action until its effect is seen."""
    started = time.perf_counter()
    action()
    seen()
    return 1000 * (time.perf_counter() - started)


def responses(page: Page, url: str) -> list[float]:
    """One thumbnail after the other on one connection."""
    shown = page.get_by_test_id("map-tooltip").locator("img").get_attribute("src") or ""
    connection = http.client.HTTPConnection(urlsplit(url).netloc)
    times = []
    for row in range(200):
        address = re.sub(r"/\d+\.jpg", f"/{row}.jpg", shown)
        started = time.perf_counter()
        connection.request("GET", address)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200, address
        times.append(1000 * (time.perf_counter() - started))
    return times[20:]


def place(page: Page, row: int) -> tuple[float, float]:
    point = page.locator(".explorer-map").evaluate("(map, row) => map.pointOnScreen(row)", row)
    return point["x"], point["y"]


def lonely(page: Page, n: int, count: int = 20) -> list[int]:
    """Some images whose points are far from each other on the screen."""
    chosen = np.random.default_rng(1).choice(n, min(n, 400), replace=False).tolist()
    found: list[int] = []
    places: list[tuple[float, float]] = []
    for row in chosen:
        x, y = place(page, row)
        if all(abs(x - a) + abs(y - b) > 40 for a, b in places):
            found.append(row)
            places.append((x, y))
    return found[:count]


def hover(page: Page, row: int) -> float:
    """From the pointer's arrival at a point until a photo is there."""
    x, y = place(page, row)
    page.mouse.move(5, 5)
    tooltip = page.get_by_test_id("map-tooltip")
    tooltip.wait_for(state="hidden")
    photo = tooltip.locator("img")
    return lapse(
        lambda: page.mouse.move(x, y),
        lambda: page.wait_for_function(
            "(img) => img.offsetParent && img.complete && img.naturalWidth > 0",
            arg=photo.element_handle(),
            polling="raf",
        ),
    )


def click(page: Page, row: int) -> float:
    """From the click on a point until the photos of other neighbours are there."""
    settled(page, PATIENCE)
    before = first_neighbor(page)
    x, y = place(page, row)
    page.mouse.move(x, y)
    return lapse(
        lambda: page.mouse.click(x, y),
        lambda: page.wait_for_function(SHOWN, arg=before, polling="raf"),
    )


# Playwright sees into shadow roots, the page's own script has to look for itself.
FIRST = """
    const gallery = [...document.querySelectorAll('*')]
        .map((each) => each.shadowRoot?.querySelector('.list[aria-label=Neighbours]'))
        .find(Boolean);
    const cell = gallery?.querySelector('.cell');
"""
SHOWN = f"""(before) => {{ {FIRST}
    const photo = cell?.querySelector('img');
    return cell && cell.dataset.id !== before && photo.complete && photo.naturalWidth > 0;
}}"""


def first_neighbor(page: Page) -> str | None:
    found: str | None = page.evaluate(f"() => {{ {FIRST} return cell?.dataset.id ?? null; }}")
    return found


def lasso(page: Page) -> float:
    """From letting go of the mouse until the page tells how many of about half are selected."""
    settled(page, PATIENCE)
    frame = page.locator(".plot").bounding_box()
    assert frame is not None
    left, top = frame["x"] + 4, frame["y"] + 60
    right, bottom = frame["x"] + frame["width"] / 2, frame["y"] + frame["height"] - 4
    page.mouse.move(left, top)
    page.mouse.down()
    for x, y in ((right, top), (right, bottom), (left, bottom)):
        page.mouse.move(x, y, steps=4)
    count = page.locator(".st-key-selection_summary .count")
    told = "() => /^[1-9].* selected/.test(document.querySelector('.count')?.textContent)"
    spent = lapse(page.mouse.up, lambda: page.wait_for_function(told, polling="raf"))
    page.get_by_role("button", name="Clear").click()
    expect(count).to_have_text("0 selected", timeout=PATIENCE)
    return spent


def switch(page: Page, name: str) -> float:
    """From the click on a page's name until what it shows is there."""
    settled(page, PATIENCE)
    ready = READY if name == "Map" else ".explorer-gallery[data-ready]"
    link = page.get_by_role("link", name=name, exact=True)
    link.hover()
    return lapse(
        link.click, lambda: page.wait_for_function(ARRIVED, arg=[name, ready], polling="raf")
    )


ARRIVED = """([name, ready]) =>
    document.querySelector('.st-key-heading h1')?.textContent === name &&
    [document, ...[...document.querySelectorAll('*')].map((each) => each.shadowRoot)]
        .some((root) => root?.querySelector(ready))
"""
