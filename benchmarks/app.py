"""How quick the app is, in headless Chromium on synthetic datasets; beside it, Streamlit's chart.

    python -m benchmarks.app [--size 1000]… [--short] [--json FOLDER]

Sizes default to 1,000, 100,000 and 1,000,000 images; the last takes 4 GB in cache/.benchmarks.
Times are in milliseconds, median and 95th percentile, seen from the browser. The browser draws with
software WebGL, so a graphics card is quicker.
"""

import argparse
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright
from rich.console import Console
from rich.table import Table

from benchmarks import synthetic
from benchmarks.gestures import PATIENCE, READY, click, hover, lasso, lonely, responses, switch
from benchmarks.machine import machine, save
from explorer import Dataset

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from support.browser import FLAGS, chromium_path, running_app, settled, with_token

BARS = {
    "first paint": {100_000: 3000, 1_000_000: 5000},
    "HTTP response": {1000: 2, 100_000: 2, 1_000_000: 2},
    "hover to photo": {1000: 100, 100_000: 100, 1_000_000: 100},
    "click to neighbours": {100_000: 300, 1_000_000: 500},
    "lasso of half": {1_000_000: 1000},
    "page switch": {1000: 500, 100_000: 500, 1_000_000: 500},
    "kB per rerun": {1000: 20, 100_000: 20, 1_000_000: 20},
}

Figures = dict[str, dict[str, float]]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--size", type=int, action="append")
    parser.add_argument("--short", action="store_true", help="1,000 and 20,000 images")
    parser.add_argument("--cache", type=Path, default=Path("cache/.benchmarks/app"))
    parser.add_argument("--json", type=Path, default=Path("benchmarks/results"))
    given = parser.parse_args()
    sizes = [1000, 20_000] if given.short else given.size or [1000, 100_000, 1_000_000]
    results: dict[str, Any] = {}
    with sync_playwright() as playwright:
        path = chromium_path(playwright)
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        for size in sizes:
            dataset = synthetic.build(size, given.cache, Path("sample_data"))
            # The chart first: a browser's own first page is slow, and ours is the one with bars.
            plotly = measure_plotly(browser, dataset)
            results[str(size)] = {"explorer": measure(browser, dataset), "st.plotly_chart": plotly}
            if not given.short:
                save("app", {"sizes": results}, given.json)
    show(results)


def measure(browser: Browser, dataset: Dataset) -> Figures:
    """Everything a user waits for, on one dataset."""
    figures: Figures = {}
    with app(dataset) as (url, pid):
        page = browser.new_page(viewport={"width": 1440, "height": 1000})
        page.set_default_timeout(PATIENCE)
        sent = count_bytes(page)
        with timed(figures, "first paint"):
            page.goto(with_token(f"{url}/map"))
            page.wait_for_selector(READY)
        page.wait_for_selector(f"{READY}[data-pickable]")
        rows = lonely(page, len(dataset))
        hover(page, rows[0])
        figures["HTTP response"] = spread(responses(page, url))
        figures["hover to photo"] = spread([hover(page, row) for row in rows])
        figures["click to neighbours"] = spread([click(page, row) for row in rows])
        figures["lasso of half"] = spread([lasso(page) for _ in range(3)])
        sent.clear()
        click(page, rows[0])
        settled(page, PATIENCE)
        figures["kB per rerun"] = {"median": sum(sent) / 1000}
        figures["page switch"] = spread([switch(page, name) for name in ("Neighbours", "Map") * 6])
        figures["server MB"] = {"median": resident(pid)}
        page.close()
    return figures


def measure_plotly(browser: Browser, dataset: Dataset) -> Figures:
    """The same map by `st.plotly_chart`: what it takes to be there, and how much it moves."""
    arguments = (dataset.name, str(dataset.root.parent))
    figures: Figures = {}
    with (
        tempfile.TemporaryDirectory() as folder,
        running_app("benchmarks/plotly_app.py", arguments, Path(folder) / "log") as url,
    ):
        page = browser.new_page(viewport={"width": 1440, "height": 1000})
        page.set_default_timeout(PATIENCE)
        sent = count_bytes(page)
        with timed(figures, "first paint"):
            page.goto(url)
            page.wait_for_selector(".js-plotly-plot .gl-canvas")
            page.wait_for_function(
                "document.querySelector('.js-plotly-plot')?._fullLayout?._size?.w > 0"
            )
        settled(page, PATIENCE)
        figures["kB per rerun"] = {"median": sum(sent) / 1000}
        page.close()
    return figures


@contextmanager
def app(dataset: Dataset) -> Iterator[tuple[str, int]]:
    """Explorer on one dataset: its address and process."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        environment = {"EXPLORER_CACHE": str(dataset.root.parent.resolve())}
        arguments = ("--dataset", dataset.name)
        with running_app("explorer/app.py", arguments, log, env=environment) as url:
            yield url, server_of(urlsplit(url).port or 0)


def server_of(port: int) -> int:
    """The process whose command line names the port."""
    for folder in Path("/proc").glob("[0-9]*"):
        command = (folder / "cmdline").read_bytes().split(b"\0") if folder.exists() else []
        if str(port).encode() in command:
            return int(folder.name)
    raise RuntimeError(f"No process serves port {port}.")


def resident(pid: int) -> float:
    """Memory of a process that is its own, in MB: mapped files are the system's."""
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"RssAnon:\s+(\d+) kB", status)
    return int(found[1]) / 1000 if found else float("nan")


@contextmanager
def timed(figures: Figures, name: str) -> Iterator[None]:
    started = time.perf_counter()
    yield
    figures[name] = {"median": 1000 * (time.perf_counter() - started)}


def spread(milliseconds: list[float]) -> dict[str, float]:
    return {
        "median": statistics.median(milliseconds),
        "p95": float(np.percentile(milliseconds, 95)),
    }


def count_bytes(page: Page) -> list[int]:
    """The sizes of all messages on the websocket from now on, as they come."""
    sizes: list[int] = []

    def watch(socket: Any) -> None:
        socket.on("framereceived", lambda data: sizes.append(len(data)))
        socket.on("framesent", lambda data: sizes.append(len(data)))

    page.on("websocket", watch)
    return sizes


def show(results: dict[str, Any]) -> None:
    table = Table("what", "images", "Explorer: median", "p95", "bar", "st.plotly_chart")
    for size, each in results.items():
        for name, figure in each["explorer"].items():
            bar = BARS.get(name, {}).get(int(size))
            other = each["st.plotly_chart"].get(name)
            table.add_row(
                name,
                f"{int(size):,}",
                f"{figure['median']:.1f}",
                f"{figure['p95']:.1f}" if "p95" in figure else "",
                f"{bar}{'' if figure['median'] <= bar else '  NOT REACHED'}" if bar else "",
                f"{other['median']:.0f}" if other else "",
            )
    Console().print(table)
    about = machine()
    Console().print(f"{about['processor']}, {about['cores']} cores, {about['memory_gib']} GiB")


if __name__ == "__main__":
    main()
