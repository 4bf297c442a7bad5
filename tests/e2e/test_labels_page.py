"""The page Labels, as one uses it."""

import re

import numpy as np
import pytest
from playwright.sync_api import Page, expect
from support.browser import OpenPage

from explorer import Dataset

pytestmark = pytest.mark.e2e


@pytest.fixture
def page(open_page: OpenPage, judged_url: str) -> Page:
    opened = open_page(f"{judged_url}/labels")
    expect(opened.get_by_role("heading", name="The most doubtful first")).to_be_visible()
    return opened


def count(page: Page) -> int:
    said = page.get_by_text(re.compile(r"^\d+ labels? in doubt$"))
    return int(said.inner_text().split()[0])


def test_every_card_says_what_the_neighbours_say(page: Page, judged: Dataset) -> None:
    trouble = judged.space().column("label_trouble")
    assert count(page) == int((trouble >= 0.5).sum())
    cards = page.get_by_role("listbox", name="Labels in doubt").get_by_role("option")
    expect(cards.first).to_contain_text(re.compile("→ .*neighbours"))
    worst = int(judged.space().image_ids[np.nanargmax(trouble)])
    expect(cards.first).to_have_attribute("data-id", str(worst))


def test_labels_taken_for_a_like_one_come_first_when_asked(page: Page, judged: Dataset) -> None:
    page.get_by_text("Lead of another label", exact=True).click()
    expect(page.get_by_role("slider", name="Lead, at least")).to_be_visible()
    lead = judged.space().column("label_margin")
    cards = page.get_by_role("listbox", name="Labels in doubt").get_by_role("option")
    most = int(judged.space().image_ids[np.nanargmax(lead)])
    expect(cards.first).to_have_attribute("data-id", str(most))
    assert count(page) == int((lead >= 0).sum())


def test_the_threshold_counts_live_and_the_cut_is_selected(page: Page) -> None:
    before = count(page)
    slider = page.get_by_role("slider", name="Trouble, at least")
    slider.focus()
    page.keyboard.press("Home")
    expect(page.get_by_role("button", name="Select 128 images")).to_be_visible()
    assert count(page) == 128 > before
    page.get_by_role("button", name="Select 128 images").click()
    expect(page.locator(".st-key-selection_summary")).to_contain_text("128 selected")


def the_pair(page: Page) -> str:
    """The page shows the images of one pair of labels, and no others: which?"""
    heading = page.get_by_role("heading", name=re.compile("^Labelled .*, rather "))
    expect(heading).to_be_visible()
    given, suggested = re.match("Labelled (.*), rather (.*)", heading.inner_text()).groups()
    cards = page.get_by_role("listbox", name="Labels in doubt").get_by_role("option")
    expect(cards.first).to_contain_text(f"{given} → {suggested}")
    expect(cards.filter(has_not_text=f"{given} → {suggested}")).to_have_count(0)
    return f"{given}, looks like {suggested}"


def test_a_cell_of_the_table_shows_its_images(page: Page) -> None:
    table = page.get_by_role("grid", name=re.compile("mistaken for what"))
    cell = table.locator("td.some").first
    says = cell.get_attribute("aria-label")
    cell.click()
    assert says.startswith(the_pair(page) + ": ")
    expect(cell).to_have_attribute("aria-selected", "true")
    page.get_by_role("button", name="Show all labels").click()
    expect(page.get_by_role("heading", name="The most doubtful first")).to_be_visible()
    expect(cell).to_have_attribute("aria-selected", "false")


def test_the_table_can_be_walked_by_keyboard(page: Page) -> None:
    table = page.get_by_role("grid", name=re.compile("mistaken for what"))
    here = table.locator("td:focus")
    table.locator("td[tabindex='0']").focus()  # the one cell that Tab reaches
    cell = table.locator("td.some").last
    says = cell.get_attribute("aria-label")
    assert re.search(r", looks like .*: \d+ of \d+$", says)
    labels = table.get_by_role("rowheader").count()
    for key in ("ArrowUp", "ArrowLeft"):
        for _ in range(labels):  # at the edge a step leads nowhere
            page.keyboard.press(key)
    expect(here).to_have_attribute("aria-label", re.compile(": as labelled$"))
    for key, steps in (("ArrowDown", "data-row"), ("ArrowRight", "data-column")):
        for _ in range(int(cell.get_attribute(steps))):
            page.keyboard.press(key)
    expect(here).to_have_attribute("aria-label", says)
    page.keyboard.press("Enter")
    assert says.startswith(the_pair(page) + ": ")
    expect(here).to_have_attribute("aria-selected", "true")  # and the keyboard is still there


def test_the_colosseum_stands_in_both_splits(page: Page, judged: Dataset) -> None:
    page.get_by_text("In two splits", exact=True).click()
    expect(page.get_by_text("1 pair", exact=True)).to_be_visible()
    photos = page.get_by_role("listbox", name=re.compile("^Pair ")).get_by_role("option")
    expect(photos).to_have_count(2)
    ids = [int(photo.get_attribute("data-id")) for photo in photos.all()]
    assert [judged.image(each)["path"].rpartition("/")[2] for each in ids] == [
        "wonders_colosseum.jpg",
        "colosseum.jpg",
    ]
    page.get_by_role("button", name="Select 1 image to drop").click()
    expect(page.locator(".st-key-selection_summary")).to_contain_text("1 selected")


def test_what_training_does_not_reach_is_ranked(page: Page, judged: Dataset) -> None:
    page.get_by_text("Not covered by training", exact=True).click()
    cards = page.get_by_role("listbox", name="Not covered").get_by_role("option")
    expect(cards.first).to_contain_text("val; nearest in train only")
    space = judged.space()
    reach = np.where(space.column("split") == "val", space.column("training_similarity"), np.inf)
    farthest = int(space.image_ids[reach.argmin()])
    expect(cards.first).to_have_attribute("data-id", str(farthest))
