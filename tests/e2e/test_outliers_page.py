"""The page Outliers, as one uses it."""

import re

import numpy as np
import pytest
from playwright.sync_api import Page, expect
from support.browser import OpenPage

from explorer import Dataset

pytestmark = pytest.mark.e2e


@pytest.fixture
def page(open_page: OpenPage, judged_url: str) -> Page:
    opened = open_page(f"{judged_url}/outliers")
    expect(opened.get_by_role("heading", name="The oddest first")).to_be_visible()
    return opened


def test_each_measure_says_what_it_finds_and_each_card_why(page: Page, judged: Dataset) -> None:
    cards = page.get_by_role("listbox", name="Outliers").get_by_role("option")
    for family, measure, reason in (
        ("Company", "Isolation", "its neighbours are only"),
        ("The whole", "Not explained", "not explained by the main directions"),
        ("Its label", "Odd for its label", "alike to other"),
        ("The picture", "Darkest", "mean light"),
    ):
        page.get_by_role("radiogroup", name="Odd against what").get_by_text(family).click()
        if family != "Its label":
            page.get_by_text(measure, exact=True).first.click()
        expect(page.get_by_role("heading", name=measure, exact=True)).to_be_visible()
        expect(cards.first).to_contain_text(reason)
    darkest = int(judged.space().image_ids[np.argmin(judged.space().column("brightness"))])
    expect(cards.first).to_have_attribute("data-id", str(darkest))


def test_what_lies_beyond_the_threshold_is_selected(page: Page, judged: Dataset) -> None:
    scores = judged.space().column("outlier_score")
    ends = page.locator("p.ends span")
    expect(ends).to_have_count(3)
    lowest, highest = map(float, ends.all_text_contents()[::2])
    assert (lowest, highest) == pytest.approx((scores.min(), scores.max()), abs=0.02)
    slider = page.get_by_role("slider", name="At least")
    slider.focus()
    page.keyboard.press("End")
    expect(page.get_by_text(re.compile(r"^(0\.8|1\.6)% of 128 images$"))).to_be_visible()
    page.keyboard.press("Home")
    expect(page.get_by_text("100.0% of 128 images")).to_be_visible()
    page.get_by_role("button", name="Select 128 images").click()
    expect(page.locator(".st-key-selection_summary")).to_contain_text("128 selected")


def test_a_click_on_a_photo_shows_it_below_with_a_way_to_its_neighbours(page: Page) -> None:
    card = page.get_by_role("listbox", name="Outliers").get_by_role("option").first
    image_id = card.get_attribute("data-id")
    bar = page.locator(".st-key-selection_bar")
    expect(bar.get_by_role("button", name="Neighbours")).to_have_count(0)
    card.click()
    photo = bar.get_by_role("img", name=re.compile(f"^Clicked: #{image_id}"))
    expect(photo).to_have_attribute("src", re.compile(rf"/{image_id}\.jpg"))
    bar.get_by_role("button", name="Neighbours").click()
    expect(
        page.get_by_role("heading", name=f"Neighbours of #{image_id}", exact=True)
    ).to_be_visible()
    expect(bar.get_by_role("button", name="Neighbours")).to_have_count(0)
