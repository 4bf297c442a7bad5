"""The page Duplicates, as one uses it."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from support.browser import OpenPage, settled

from explorer import Dataset

pytestmark = pytest.mark.e2e


@pytest.fixture
def page(open_page: OpenPage, judged_url: str) -> Page:
    return opened_at(open_page, f"{judged_url}/duplicates")


def opened_at(open_page: OpenPage, url: str) -> Page:
    opened = open_page(url)
    expect(opened.get_by_text("1 group, 1 image too many")).to_be_visible()
    settled(opened)
    return opened


def lower_the_threshold(page: Page) -> None:
    page.get_by_role("slider", name="Similarity to the keeper, at least").focus()
    page.keyboard.press("Home")


def test_a_lower_threshold_finds_more_groups_at_once(page: Page) -> None:
    lower_the_threshold(page)
    # What only looks alike is not too many.
    expect(page.get_by_text(re.compile(r"([2-9]|\d\d) groups, 1 image too many"))).to_be_visible()
    expect(page.get_by_text(re.compile(r"\d+ other images only look alike"))).to_be_visible()
    groups = page.get_by_role("listbox", name=re.compile("^Duplicates of"))
    expect(groups.nth(1).get_by_role("option").nth(1)).to_be_visible()
    for group in groups.all():
        expect(group.get_by_role("option").first).to_contain_text("keep")
    page.get_by_role("button", name=re.compile("^look-alikes")).click()
    notes = groups.first.get_by_role("option").nth(1)
    expect(notes).to_contain_text("look-alike")


def test_two_photos_are_compared_by_swipe_and_by_difference(page: Page) -> None:
    page.get_by_role("button", name="Compare").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator(".explorer-compare")).to_have_attribute("data-ready", "swipe")
    expect(dialog.get_by_role("status")).to_contain_text("levels apart")
    paths = {"ancient_ruin/colosseum.jpg", "ancient_ruin/wonders_colosseum.jpg"}
    photos = dialog.locator(".pair img")
    assert {photo.get_attribute("alt") for photo in photos.all()} == paths
    line = dialog.get_by_role("slider", name="Where the line is")
    before = dialog.locator(".line").bounding_box()["x"]
    line.focus()
    page.keyboard.press("End")
    assert dialog.locator(".line").bounding_box()["x"] > before + 50
    box = dialog.locator(".pair").bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.25, box["y"] + 20)
    page.mouse.up()
    expect(line).to_have_value("25")
    dialog.get_by_role("button", name="Difference").click()
    expect(dialog.locator(".second")).to_have_css("mix-blend-mode", "difference")
    dialog.get_by_role("button", name="Side by side").click()
    left, right = (photo.bounding_box() for photo in photos.all())
    assert left["x"] + left["width"] <= right["x"]


def test_the_best_is_kept_and_that_is_undone(
    open_page: OpenPage, own: Dataset, own_url: Callable[[str], str]
) -> None:
    page = opened_at(open_page, own_url("duplicates"))
    page.get_by_role("button", name="Keep the best", exact=True).click()
    surplus = page.get_by_role("listbox", name=re.compile("^Duplicates of")).get_by_role("option")
    expect(surplus.nth(1)).to_contain_text("set aside")
    assert len(own.tags.ids("surplus")) == 1
    page.get_by_role("button", name="Select the rest").click()
    expect(page.locator(".st-key-selection_summary")).to_contain_text("127 selected")
    page.locator("[class*=st-key-card_group]").get_by_role("button", name="Undo").click()
    expect(surplus.nth(1)).not_to_contain_text("set aside")
    assert not len(own.tags.ids("surplus"))
    lower_the_threshold(page)
    expect(page.get_by_text(re.compile(r"\d+ other images only look alike"))).to_be_visible()
    page.get_by_role("button", name="Keep the best of each group").click()
    expect(page.locator(".st-key-card_settled")).to_contain_text("1 image set aside")
    page.get_by_role("button", name="Hide them").click()
    expect(page.get_by_text("127 of 128")).to_be_visible()
    expect(page.get_by_role("button", name="Hide them")).to_be_disabled()
    page.locator(".st-key-card_settled").get_by_role("button", name="Undo").click()
    expect(page.locator(".st-key-card_settled")).to_be_hidden()
    assert "surplus" not in [tag.name for tag in own.tags.all()]


def test_a_group_shows_how_alike_each_is_to_each(page: Page) -> None:
    lower_the_threshold(page)
    page.get_by_role("button", name="Similarities").first.click()
    cells = page.get_by_role("dialog").locator("table.similarities td")
    expect(cells.filter(has_text=re.compile(r"^0\.\d{3}$")).first).to_be_visible()
