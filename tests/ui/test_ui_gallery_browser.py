"""The gallery in a real browser, driven as a user would."""

import pytest
from playwright.sync_api import Locator, Page, Route, expect
from support.browser import OpenPage, RunApp
from support.fake_dataset import BROKEN_ID, EVIL, FIRST_ID

pytestmark = pytest.mark.e2e
READY = ".explorer-gallery[data-ready]"


@pytest.fixture(scope="module")
def app_url(run_app: RunApp) -> str:
    return run_app("tests/ui/components_app.py", "100000")


@pytest.fixture
def page(open_page: OpenPage, app_url: str) -> Page:
    opened = open_page(f"{app_url}/gallery", expected=(f"/{BROKEN_ID}.jpg",))
    opened.wait_for_selector(READY)
    return opened


def listbox(page: Page) -> Locator:
    return page.get_by_role("listbox", name="Neighbours")


def cell(page: Page, index: int) -> Locator:
    return page.locator(f"#cell-{index}")


def active(page: Page) -> Locator:
    name = listbox(page).get_attribute("aria-activedescendant")
    return page.locator(f"#{name}")


def expect_ticked(page: Page, count: int) -> None:
    """Both in the browser and, at last, in Python."""
    expect(page.get_by_text(f"Ticked: {count}", exact=True)).to_be_visible()
    expect(page.locator(".status")).to_have_text(
        f"5,000 images · {count:,} ticked" if count else "5,000 images"
    )


def test_of_thousands_only_what_is_on_screen_is_in_the_page(page: Page) -> None:
    options = page.get_by_role("option")
    assert 0 < options.count() < 80
    expect(cell(page, 0)).to_have_attribute("aria-setsize", "5000")
    listbox(page).evaluate("(list) => list.scrollTo(0, list.scrollHeight)")
    expect(cell(page, 4999)).to_be_in_viewport()
    expect(cell(page, 4999).locator("img")).to_have_js_property("naturalWidth", 256)
    assert options.count() < 80


def test_a_click_or_enter_opens(page: Page) -> None:
    cell(page, 3).click()
    expect(page.get_by_text(f"Opened: {FIRST_ID + 3}", exact=True)).to_be_visible()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.get_by_text(f"Opened: {FIRST_ID + 4}", exact=True)).to_be_visible()


def test_ticks_by_box_by_ctrl_click_and_by_range(page: Page) -> None:
    expect_ticked(page, 1)  # the app's own
    expect(cell(page, 2)).to_have_attribute("aria-selected", "true")
    cell(page, 5).hover()
    cell(page, 5).locator(".tick").click()
    expect_ticked(page, 2)
    cell(page, 9).click(modifiers=["Shift"])
    expect_ticked(page, 6)
    cell(page, 7).click(modifiers=["Control"])
    expect_ticked(page, 5)
    expect(page.get_by_text("Opened: None", exact=True)).to_be_visible()


def test_quick_changes_arrive_together_and_none_is_lost(page: Page) -> None:
    listbox(page).focus()
    for _ in range(10):
        page.keyboard.press("Space")
        page.keyboard.press("ArrowRight")
    expect_ticked(page, 9)  # ten, of which the app's own was taken away
    expect(cell(page, 2)).to_have_attribute("aria-selected", "false")


def test_a_picture_drawn_before_what_was_done_takes_nothing_back(page: Page) -> None:
    on_their_way: list[Route] = []
    page.route("**/events/**", lambda route: on_their_way.append(route))
    listbox(page).focus()
    page.keyboard.press("Space")
    expect(cell(page, 0)).to_have_attribute("aria-selected", "true")
    page.wait_for_timeout(500)  # ticks are held back for a moment, to be sent together
    page.keyboard.press("Space")
    page.get_by_role("spinbutton", name="How many").fill("4999")
    page.keyboard.press("Enter")
    expect(page.locator(".status")).to_have_text("4,999 images · 1 ticked")
    first = on_their_way.pop()
    first.continue_()
    expect(page.get_by_text("Ticked: 2", exact=True)).to_be_visible()
    page.wait_for_timeout(300)  # the gallery of this picture comes after its text
    expect(cell(page, 0)).to_have_attribute("aria-selected", "false")
    on_their_way.pop().continue_()
    expect(page.get_by_text("Ticked: 1", exact=True)).to_be_visible()
    expect(cell(page, 0)).to_have_attribute("aria-selected", "false")


def test_everything_can_be_done_with_the_keyboard(page: Page) -> None:
    listbox(page).focus()
    page.keyboard.press("End")
    expect(active(page)).to_have_id("cell-4999")
    expect(active(page)).to_be_in_viewport()
    page.keyboard.press("PageUp")
    expect(active(page)).not_to_have_id("cell-4999")
    page.keyboard.press("Home")
    expect(active(page)).to_have_id("cell-0")
    page.keyboard.press("ArrowDown")
    columns = int((active(page).get_attribute("id") or "").removeprefix("cell-"))
    assert columns > 1
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    expect_ticked(page, 3)
    page.keyboard.press("Control+a")
    expect_ticked(page, 5000)
    page.keyboard.press("Escape")
    expect_ticked(page, 0)


def test_the_focus_can_be_seen(page: Page) -> None:
    listbox(page).focus()
    page.keyboard.press("ArrowRight")
    outline = "(photo) => getComputedStyle(photo).outlineStyle"
    assert cell(page, 1).locator(".photo").evaluate(outline) == "solid"
    assert cell(page, 0).locator(".photo").evaluate(outline) == "none"


def test_every_photo_has_a_name_and_html_shows_as_text(page: Page) -> None:
    option = cell(page, 3)
    expect(option).to_have_accessible_name("photo 3, 0.999")
    expect(option.locator("img")).to_have_attribute("alt", "photo 3")
    expect(cell(page, 0).locator(".caption")).to_have_text(EVIL)
    expect(cell(page, 0)).to_have_accessible_name(f"{EVIL}, 1.000")
    assert page.evaluate("window.hacked") is None


def test_a_missing_thumbnail_says_so(page: Page) -> None:
    expect(cell(page, BROKEN_ID - FIRST_ID).locator(".photo")).to_have_class("photo broken")


def test_the_size_is_remembered(page: Page) -> None:
    before = cell(page, 0).bounding_box()
    page.get_by_role("slider", name="Size of the photos").fill("240")
    after = cell(page, 0).bounding_box()
    assert before is not None
    assert after is not None
    assert after["width"] >= 240 > before["width"]
    page.reload()
    page.wait_for_selector(READY)
    assert cell(page, 0).bounding_box() == after


def test_the_place_is_kept_when_the_user_comes_back(page: Page) -> None:
    listbox(page).evaluate("(list) => list.scrollTo(0, 5000)")
    expect(cell(page, 0)).to_have_count(1)  # the active one stays for the screen reader
    expect(cell(page, 180)).to_be_visible()
    page.get_by_role("link", name="Map").click()
    page.wait_for_selector(".explorer-map[data-ready]")
    page.get_by_role("link", name="Gallery").click()
    page.wait_for_selector(READY)
    assert listbox(page).evaluate("(list) => list.scrollTop") == 5000


def test_an_empty_gallery_says_so(page: Page) -> None:
    page.get_by_label("How many").fill("0")
    page.keyboard.press("Enter")
    expect(page.get_by_text("There is nothing to show here.")).to_be_visible()
    page.get_by_label("How many").fill("3")
    page.keyboard.press("Enter")
    expect(page.get_by_role("option")).to_have_count(3)
