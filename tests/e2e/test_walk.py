"""The user's way through the app, in a real browser, on the real photos."""

import csv
import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect
from support.browser import OpenPage, filtered, settled
from support.maps import lonely_row, place, places
from support.pages import hindrances, pick

from explorer import Dataset
from explorer.filters import OneOf
from explorer.ui.frame import PAGES as FRAME_PAGES

pytestmark = pytest.mark.e2e

READY = ".explorer-map[data-ready]"
PAGES = (
    "Overview",
    "Neighbours",
    "Clusters",
    "Outliers",
    "Duplicates",
    "Labels",
    "Compare spaces",
    "Features",
    "Selection",
    "Choose",
    "Export",
    "Add images",
)


@pytest.fixture
def page(open_page: OpenPage, app_url: str) -> Page:
    opened = open_page(f"{app_url}/map")
    opened.wait_for_selector(READY)
    settled(opened)
    return opened


def neighbors_shown(page: Page) -> list[int]:
    """The ids in the gallery of neighbours that are on the screen."""
    options = page.get_by_role("listbox", name="Neighbours").get_by_role("option")
    expect(options.first).to_be_visible()
    return [int(option.get_attribute("data-id")) for option in options.all()]


def draw_around(page: Page, rows: list[int]) -> None:
    """A lasso with the mouse in a generous box around points."""
    points = places(page, rows)
    (left, top), (right, bottom) = points.min(0) - 12, points.max(0) + 12
    page.mouse.move(left, top)
    page.mouse.down()
    for x, y in ((right, top), (right, bottom), (left, bottom), (left, top)):
        page.mouse.move(x, y, steps=6)
    page.mouse.up()


def test_hover_shows_the_photo(page: Page, dataset: Dataset) -> None:
    row = lonely_row(page, len(dataset))
    x, y = place(page, row)
    page.mouse.move(x - 60, y)
    page.mouse.move(x, y, steps=4)
    photo = page.get_by_test_id("map-tooltip").locator("img")
    expect(photo).to_be_visible()
    expect(photo).to_have_attribute("src", re.compile(rf"/{dataset.image_ids[row]}\.jpg"))
    expect(photo).to_have_js_property("complete", True)
    assert photo.evaluate("image => image.naturalWidth") > 0


def test_click_shows_neighbours_and_a_click_there_shows_theirs(
    page: Page, dataset: Dataset
) -> None:
    row = lonely_row(page, len(dataset))
    image_id = int(dataset.image_ids[row])
    page.mouse.click(*place(page, row))
    expect(
        page.get_by_role("heading", name=f"Neighbours of #{image_id}", exact=True)
    ).to_be_visible()
    expect(page).to_have_url(re.compile(rf"image={image_id}\b"))
    settled(page)
    space = dataset.space()
    assert neighbors_shown(page)[:3] == space.neighbors(image_id, 3)[0].tolist()

    second = neighbors_shown(page)[1]
    gallery = page.get_by_role("listbox", name="Neighbours")
    gallery.locator(f"[data-id='{second}']").click()
    expect(page.get_by_role("heading", name=f"Neighbours of #{second}", exact=True)).to_be_visible()
    settled(page)
    assert neighbors_shown(page)[:3] == space.neighbors(second, 3)[0].tolist()
    photo = page.get_by_role("img", name=re.compile(f"^Image {second}:"))
    assert photo.evaluate("image => image.decode().then(() => image.naturalWidth)") > 100


def test_lasso_then_export(page: Page, dataset: Dataset, tmp_path: Path) -> None:
    labels = np.array(dataset.table(["label"])["label"].to_pylist())
    fish = np.flatnonzero(labels == "fish").tolist()
    draw_around(page, fish)
    summary = page.locator(".st-key-selection_summary")
    expect(summary).to_contain_text(re.compile(r"[1-9]\d* selected"))
    selected = int(re.search(r"(\d+) selected", summary.inner_text())[1])
    assert selected >= len(fish)

    page.get_by_role("link", name="Export").click()
    expect(page.get_by_role("heading", name=f"Write {selected} images")).to_be_visible()
    target = tmp_path / "export"
    page.get_by_label("Folder", exact=True).fill(str(target))
    page.keyboard.press("Enter")
    settled(page)
    assert not target.exists(), "Enter ends the typing; it does not export"
    export = page.get_by_test_id("stFormSubmitButton").get_by_role("button", name="Export")
    export.click()
    expect(page.get_by_text("read back and compared")).to_be_visible()
    export.click()
    expect(page.get_by_text("exists already")).to_contain_text("tick “Replace an earlier export”")

    rows = list(csv.DictReader((target / "images.csv").open()))
    assert len(rows) == selected
    assert {int(row["image_id"]) for row in rows} >= {int(dataset.image_ids[row]) for row in fish}
    for row in rows:
        original = Path(dataset.source) / dataset.relative_path(int(row["image_id"]))
        assert (target / row["file"]).read_bytes() == original.read_bytes()


def test_the_selection_follows_from_page_to_page_and_survives_a_reload(page: Page) -> None:
    page.get_by_role("link", name="Clusters").click()
    page.get_by_role("button", name="Select all").first.click()
    summary = page.locator(".st-key-selection_summary")
    expect(summary).to_contain_text(re.compile(r"[1-9]\d* selected"))
    count = summary.get_by_text("selected").inner_text()
    for name in ("Outliers", "Duplicates", "Neighbours", "Map"):
        page.get_by_role("link", name=name).click()
        expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()
        expect(summary).to_contain_text(count)
    page.reload()
    expect(summary).to_contain_text(count)
    page.get_by_role("button", name="Clear").click()
    expect(summary).to_contain_text("0 selected")


def test_ticking_a_photo_selects_it(page: Page) -> None:
    page.get_by_role("link", name="Outliers").click()
    gallery = page.get_by_role("listbox", name="Outliers")
    gallery.focus()
    page.keyboard.press("Space")
    summary = page.locator(".st-key-selection_summary")
    expect(summary).to_contain_text("1 selected")
    expect(gallery.get_by_role("option").first).to_have_attribute("aria-selected", "true")


def test_colour_by_another_column_moves_no_coordinates(page: Page) -> None:
    seen: list[str] = []
    page.on("request", lambda request: seen.append(request.url))
    # The list shows as many columns as fit; typing finds the others.
    pick(page, "Colour by", "Outlier score")
    expect(page.locator(READY)).to_have_attribute("data-ready", re.compile("outlier_score"))
    assert not [url for url in seen if "/map_x" in url], "the coordinates travelled again"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 900])
def test_every_page_fits_its_window_and_can_be_read_by_all(
    open_page: OpenPage, compared_url: str, scheme: str, width: int
) -> None:
    page = open_page(f"{compared_url}/map?image=4", width=width, scheme=scheme)
    page.wait_for_selector(READY)
    for name in ("", *PAGES):
        if name:
            page.get_by_role("link", name=name).click()
            expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()
        settled(page)
        assert page.locator("[data-testid=stException]").count() == 0
        across = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert across[0] <= across[1], f"{name or 'map'} overflows at {width} px"
        assert hindrances(page) == [], name or "Map"


def test_two_people_do_not_see_each_others_query_filter_and_selection(
    open_page: OpenPage, app_url: str
) -> None:
    one = open_page(filtered(f"{app_url}/map?image=4", OneOf("label", ("fish",))))
    other = open_page(f"{app_url}/map")
    for page in (one, other):
        page.wait_for_selector(READY)
    expect(one.get_by_role("heading", name="Neighbours of #4", exact=True)).to_be_visible()
    one.get_by_role("button", name="Select what is shown").click()
    expect(one.locator(".st-key-selection_summary")).to_contain_text(re.compile("[1-9].*selected"))
    # Whatever the other does next, it is about all images and none is selected.
    other.get_by_role("link", name="Outliers").click()
    expect(other.get_by_text("of 128 images")).to_be_visible()
    expect(other.locator(".st-key-selection_summary")).to_contain_text("0 selected")
    other.get_by_role("link", name="Map").click()
    other.wait_for_selector(READY)
    expect(other.get_by_role("heading", name="No photo chosen")).to_be_visible()
    expect(other.locator("[class*=st-key-chip_]")).to_have_count(0)


def test_no_page_asks_for_what_is_not_there_or_leaves_an_error(
    open_page: OpenPage, app_url: str
) -> None:
    """By their own addresses; `open_page` holds that every answer is a good one."""
    errors: list[str] = []

    def listen(page: Page) -> None:
        page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)

    page = open_page(app_url, prepare=listen)
    for _, name, title, _ in FRAME_PAGES:
        page.goto(f"{app_url}/{'' if name == 'overview' else name}?image=1")
        expect(page.get_by_role("heading", name=title, exact=True).first).to_be_visible()
        settled(page)
        page.wait_for_load_state("networkidle")
    assert errors == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_button_that_cannot_be_used_can_still_be_read(
    open_page: OpenPage, app_url: str, scheme: str
) -> None:
    page = open_page(filtered(f"{app_url}/duplicates", OneOf("label", ("fish",))), scheme=scheme)
    button = page.get_by_role("button", name="Keep the best of each group")
    expect(button).to_be_disabled()
    color = "element => getComputedStyle(element.querySelector('p') ?? element).color"
    unreadable = {"light": "rgb(255, 255, 255)", "dark": "rgb(11, 21, 19)"}[scheme]
    assert button.evaluate(color) != unreadable
