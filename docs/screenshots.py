"""Take the screenshots of docs/images from the real app and the sample photos."""

import argparse
import os
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright
from support.browser import FLAGS, chromium_path, running_app, settled, with_token

import explorer

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs" / "images"
PAGES = (
    *("overview", "map", "neighbours", "clusters", "outliers", "duplicates"),
    *("labels", "compare", "features", "choose", "selection", "export"),
)
QUERY = 0  # the Colosseum, of which the set holds a second copy
ASKED = {  # more pictures: their page and what is asked for there
    "search-words": "neighbours?words=old+building",
    "search-unknown": "neighbours?words=annual+tax+return",
    "search-part": "neighbours?image=75&crop=0.05,0.45,0.95,1",
}
WITH_MAP = ("map", "clusters", "compare", "choose")
WITH_GALLERY = ("overview", "neighbours", "outliers", "labels", "selection")
EXTRACTORS = ("efficientnet-lite0", "efficientnet-lite0@blocks.2", "color-histogram")
SELECTED = ("selection", "export")
TAGS = {"buildings": "label LIKE '%building' OR label = 'tower'", "wide": "width > height"}
# Photos are in the page before they are loaded, and loaded before they are painted.
DRAWN = """async () => {
    const roots = [document, ...[...document.querySelectorAll('*')].map((each) => each.shadowRoot)];
    const photos = roots.flatMap((root) => (root ? [...root.querySelectorAll('img')] : []));
    await Promise.all(photos.map((photo) => photo.decode().catch(() => null)));
    await new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted)));
}"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path, default=IMAGES, help="folder for the pictures")
    parser.add_argument("--all", action="store_true", help="both themes, 1440 and 900 px wide")
    arguments = parser.parse_args()
    arguments.to.mkdir(parents=True, exist_ok=True)
    looks = [(scheme, width) for scheme in ("light", "dark") for width in (1440, 900)]
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder) / "cache"
        settings = explorer.EmbedSettings(extractors=EXTRACTORS)
        explorer.embed(ROOT / "sample_data", cache=cache, settings=settings)
        dataset = explorer.open_dataset(cache=cache)
        explorer.compare(dataset)
        chosen = dataset.curation.save_selection(explorer.where(dataset.space(), "label = 'fish'"))
        for tag, images in TAGS.items():
            dataset.tags.add(tag, explorer.where(dataset.space(), images))
        with (
            running_app(
                "explorer/app.py", (), Path(folder) / "log", env={"EXPLORER_CACHE": str(cache)}
            ) as url,
            sync_playwright() as playwright,
        ):
            browser = playwright.chromium.launch(
                executable_path=chromium_path(playwright), args=FLAGS
            )
            for scheme, width in looks if arguments.all else looks[:1]:
                suffix = f"-{scheme}-{width}" if arguments.all else ""
                for name in PAGES:
                    page = open_page(browser, scheme, width)
                    # Selected images are dimmed against the rest: only where it is the subject.
                    selection = f"&selection={chosen}" if name in SELECTED else ""
                    address = "" if name == "overview" else name
                    page.goto(with_token(f"{url}/{address}?image={QUERY}{selection}"))
                    take(page, name, arguments.to / f"{name}{suffix}.png")
                    page.context.close()
                for name, address in ASKED.items():
                    page = open_page(browser, scheme, width)
                    page.goto(with_token(f"{url}/{address}"))
                    take(page, name, arguments.to / f"{name}{suffix}.png")
                    page.context.close()


def open_page(browser: Browser, scheme: str, width: int) -> Page:
    context = browser.new_context(
        viewport={"width": width, "height": 960}, color_scheme=scheme, reduced_motion="reduce"
    )
    return context.new_page()


def take(page: Page, name: str, path: Path) -> None:
    """Wait until a page has been drawn, photos and all, and take its picture."""
    settled(page)
    if name == "choose":
        page.get_by_role("button", name="Choose", exact=True).click()
        page.mouse.move(0, 0)  # or its help would show
    page.wait_for_selector(".explorer-map[data-ready]" if name in WITH_MAP else "h1")
    page.locator("[data-testid=stSkeleton]").first.wait_for(state="detached")
    if name in WITH_GALLERY:
        page.locator(".explorer-gallery[data-ready] .cell img").first.wait_for()
    page.wait_for_load_state("networkidle")
    page.evaluate(DRAWN)
    page.screenshot(path=path)
    print(path.relative_to(ROOT) if path.is_relative_to(ROOT) else path)


if __name__ == "__main__":
    os.chdir(ROOT)
    main()
