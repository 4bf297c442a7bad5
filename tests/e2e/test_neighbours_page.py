"""The page Neighbours: examples for and against, a way back, a photo from outside."""

import io
import re

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect
from support.browser import ROOT, OpenPage

from explorer import Dataset

pytestmark = pytest.mark.e2e


def options(page: Page, label: str) -> Locator:
    return page.get_by_role("listbox", name=label, exact=True).get_by_role("option")


def first_id(page: Page, label: str = "Neighbours") -> int:
    return int(options(page, label).first.get_attribute("data-id") or -1)


def press(page: Page, option: Locator, name: str) -> None:
    option.hover()
    option.locator(f".action[title^='{name}']").click()


@pytest.fixture
def page(open_page: OpenPage, app_url: str) -> Page:
    opened = open_page(f"{app_url}/neighbours?image=0")
    expect(options(opened, "Neighbours").first).to_be_visible()
    return opened


def test_more_like_this_and_less_like_that(page: Page) -> None:
    liked = options(page, "Neighbours").nth(4).get_attribute("data-id")
    press(page, options(page, "Neighbours").nth(4), "More like this")
    expect(page.get_by_role("heading", name="Like all of these")).to_be_visible()
    expect(options(page, "More like")).to_have_attribute("data-id", str(liked))
    expect(page).to_have_url(re.compile(f"like={liked}"))
    answers = page.get_by_role("listbox", name="Neighbours", exact=True)
    expect(answers.locator(f'[data-id="{liked}"]')).to_have_count(0)
    unliked = options(page, "Neighbours").nth(2).get_attribute("data-id")
    press(page, options(page, "Neighbours").nth(2), "Less like this")
    expect(options(page, "Less like")).to_have_attribute("data-id", str(unliked))
    for known in (liked, unliked, "0"):
        expect(answers.locator(f'[data-id="{known}"]')).to_have_count(0)
    press(page, options(page, "More like"), "Take out")
    press(page, options(page, "Less like"), "Take out")
    expect(page.get_by_role("heading", name="Neighbours of #0", exact=True)).to_be_visible()


def test_the_trail_leads_back(page: Page) -> None:
    second = first_id(page)
    options(page, "Neighbours").first.click()
    expect(page.get_by_role("heading", name=f"Neighbours of #{second}", exact=True)).to_be_visible()
    options(page, "Before").first.click()
    expect(page.get_by_role("heading", name="Neighbours of #0", exact=True)).to_be_visible()
    expect(page.get_by_role("listbox", name="Before")).to_be_hidden()


def test_only_the_same_label_or_another_and_no_duplicates(page: Page, dataset: Dataset) -> None:
    label = dataset.image(0)["label"]
    copy = first_id(page)
    assert dataset.image(copy)["path"].endswith("colosseum.jpg")
    page.get_by_text("Same label", exact=True).click()
    expect(page.get_by_text(re.compile("the others are marked"))).to_be_hidden()
    captions = options(page, "Neighbours").locator(".caption")
    expect(captions.nth(1)).to_have_text(label)
    assert set(captions.all_text_contents()) == {label}
    page.get_by_text("Another label", exact=True).click()
    expect(captions.first).not_to_have_text(label)
    page.get_by_text("Any label", exact=True).click()
    expect(options(page, "Neighbours").first).to_have_attribute("data-id", str(copy))
    page.get_by_text("Hide duplicates", exact=True).click()
    expect(options(page, "Neighbours").first).not_to_have_attribute("data-id", str(copy))


def test_a_photo_from_outside(page: Page, dataset: Dataset) -> None:
    page.locator(".explorer-drop input").set_input_files(
        ROOT / "sample_data" / dataset.image(7)["path"]
    )
    expect(page.get_by_text("Your photo; it is not kept.")).to_be_visible(timeout=30_000)
    expect(options(page, "Neighbours").first).to_have_attribute("data-id", "7")
    strange = page.get_by_text("Nothing here is much like it")
    expect(strange).to_be_hidden()
    noise = np.random.default_rng(0).integers(0, 256, (240, 240, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(noise).save(file, "PNG")
    photo = {"name": "noise.png", "mimeType": "image/png", "buffer": file.getvalue()}
    page.locator(".explorer-drop input").set_input_files(photo)
    expect(strange).to_be_visible()
    damaged = {"name": "<b>bad</b>.jpg", "mimeType": "image/jpeg", "buffer": b"no photo"}
    page.locator(".explorer-drop input").set_input_files(damaged)
    expect(page.get_by_text("<b>bad</b>.jpg: ")).to_be_visible()


def test_shown_on_the_map(page: Page) -> None:
    page.get_by_role("button", name="Show on the map").click()
    page.wait_for_selector(".explorer-map[data-ready]")
    # Both in one go: the page may still be settling into its place.
    apart = page.locator(".explorer-map").evaluate(
        """(map) => {
          const plot = map.querySelector(".plot").getBoundingClientRect();
          const point = map.pointOnScreen(0);
          return [point.x - plot.x - plot.width / 2, point.y - plot.y - plot.height / 2];
        }"""
    )
    assert apart == pytest.approx([0, 22], abs=1)  # in the middle of what lies below the tools
    expect(page.get_by_test_id("map-minimap")).to_be_visible()
