"""The page Neighbours: search by words, and by a part of a photo."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect
from support.browser import ROOT, OpenPage, settled

from explorer import Dataset

pytestmark = pytest.mark.e2e


def answers(page: Page) -> Locator:
    return page.get_by_role("listbox", name="Neighbours", exact=True).get_by_role("option")


def say(page: Page, words: str) -> None:
    settled(page)
    field = page.get_by_role("textbox", name="Search by words")
    field.fill(words)
    field.press("Enter")


def test_by_words(open_page: OpenPage, app_url: str) -> None:
    page = open_page(f"{app_url}/neighbours")
    say(page, "  Screwdriver ")
    expect(page.get_by_role("heading", name="Photos that show “Screwdriver”")).to_be_visible()
    expect(page.locator(".chip")).to_have_text(["screwdriver"])
    first = answers(page).first.locator(".caption")
    expect(first).to_have_text("screwdriver", timeout=150_000)  # the extractor is loaded, once
    expect(page).to_have_url(re.compile("words=Screwdriver"))
    say(page, "<b>annual</b> tax *return*")
    refused = page.get_by_text("nothing is like “<b>annual</b> tax *return*”")
    expect(refused).to_be_visible(timeout=150_000)  # the vectors of all names are made, once
    expect(page.get_by_text("it would not be an answer")).to_be_visible()
    expect(page.locator(".chip")).to_have_count(0)
    say(page, "dog")
    expect(page.locator(".chip")).to_have_text(["dog (118 classes)"])
    expect(answers(page).first.locator(".caption")).to_have_text("farm_animal")
    page.get_by_role("button", name="“Screwdriver”").click()
    expect(answers(page).first.locator(".caption")).to_have_text("screwdriver")
    first = answers(page).first.get_attribute("data-id")
    answers(page).first.click()
    expect(page.get_by_role("heading", name=f"Neighbours of #{first}", exact=True)).to_be_visible()
    page.get_by_role("button", name="“Screwdriver”").click()
    expect(page.locator(".chip")).to_have_text(["screwdriver"])
    say(page, "   ")
    expect(page.get_by_role("heading", name="Begin with a photo")).to_be_visible()
    again = open_page(f"{app_url}/neighbours?words=castle")
    expect(again.get_by_role("textbox", name="Search by words")).to_have_value("castle")
    expect(again.locator(".chip").first).to_have_text("castle")


def test_by_a_part_of_a_photo(open_page: OpenPage, app_url: str, dataset: Dataset) -> None:
    page = open_page(f"{app_url}/neighbours?image=7")
    page.wait_for_selector(".explorer-crop[data-ready]")
    whole = answers(page).first.get_attribute("data-id")
    frame = page.locator(".explorer-crop .photo").bounding_box()
    assert frame is not None
    page.mouse.move(frame["x"] + 4, frame["y"] + 4)
    page.mouse.down()
    page.mouse.move(frame["x"] + frame["width"] / 3, frame["y"] + frame["height"] / 3, steps=4)
    page.mouse.up()
    expect(page.get_by_role("heading", name="Neighbours of a part of #7")).to_be_visible()
    expect(page).to_have_url(re.compile("crop="))
    expect(answers(page).first).to_be_visible()
    assert "7" not in [each.get_attribute("data-id") for each in answers(page).all()]
    page.get_by_role("button", name="The whole photo").click()
    expect(page.get_by_role("heading", name="Neighbours of #7", exact=True)).to_be_visible()
    expect(answers(page).first).to_have_attribute("data-id", str(whole))

    file = ROOT / "sample_data" / dataset.image(7)["path"]
    page.locator(".explorer-drop input").set_input_files(file)
    expect(page.get_by_text("Your photo; it is not kept.")).to_be_visible()
    expect(answers(page).first).to_have_attribute("data-id", "7")
    page.get_by_role("button", name="Search by a part").press("Enter")
    box = page.get_by_role("group", name="Part from")
    expect(box).to_be_focused()
    box.press("ArrowLeft")
    box.press("Shift+ArrowDown")
    box.press("Enter")
    expect(page).to_have_url(re.compile("crop=0.23%2C0.25%2C0.73%2C0.77"))
    expect(page.get_by_text("Only what is in the box is asked for.")).to_be_visible()
    box.press("Escape")
    expect(page).not_to_have_url(re.compile("crop="))


def test_a_link_to_what_is_no_crop_or_too_long(open_page: OpenPage, app_url: str) -> None:
    page = open_page(f"{app_url}/neighbours?image=0&crop=9,9,nan,<b>")
    expect(page.get_by_role("heading", name="Neighbours of #0", exact=True)).to_be_visible()
    page = open_page(f"{app_url}/neighbours?words={'x' * 300}")
    expect(page.get_by_text("Search by at most 200 characters")).to_be_visible()
